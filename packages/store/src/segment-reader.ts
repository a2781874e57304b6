import { type Resource, type Scope, type Span, type TraceId, type UnixNano, assert } from '@spoor/model';
import type {
  AttributeColumn,
  AttributeLevel,
  CodedColumn,
  ColumnBlock,
  ColumnNeed,
  ColumnSource,
  Remembered,
  SpanTemplates,
  StringPage,
  TraceColumns,
} from './column-source.ts';
import { NO_ROW } from './column-source.ts';
import type { Disk } from './disk.ts';
import type { SegmentEntry } from './manifest-record.ts';
import { SegmentBlock, chunksFor } from './segment-block.ts';
import { BlockCache } from './segment-cache.ts';
import { ChunkFileReader } from './segment-chunk.ts';
import { type LevelTables, SegmentColumns, hasDictionary } from './segment-columns.ts';
import { readFooter } from './segment-footer.ts';
import { BLOCK_ROWS, BlockChunk, SideChunk, TRACE_ID_PAGE, codedColumns } from './segment-layout.ts';
import { SegmentDictionary } from './segment-dictionary.ts';
import { SegmentSpanTemplates } from './segment-span-templates.ts';
import { readWholeTable, tableOfRows } from './segment-table.ts';
import { compareTraceId, decodeTraceIdPage } from './segment-traces.ts';
import type { SpanTable } from './span-table.ts';
import { TableSpans, traceIdOfWords, wordsOfTraceId } from './table-spans.ts';

const NO_WORDS = new Uint32Array(0);
/** For readers that were given no cache: enough to decode a trace, small enough to forget. */
const OWN_CACHE_BYTES = 16 * 1024 * 1024;

/**
 * Opens a segment with one read of its end. The file stays open until {@link SegmentReader.close}.
 * @throws {CorruptionError} when the file is not a whole segment; the disk's errors
 */
export async function openSegment(
  disk: Disk,
  path: string,
  cache: BlockCache = new BlockCache(OWN_CACHE_BYTES),
): Promise<SegmentReader> {
  const file = await ChunkFileReader.open(disk, path);
  try {
    return new SegmentReader(new SegmentColumns(file, await readFooter(file), cache), await file.sizeBytes());
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** All spans of a segment as a table, for merging. Its resources and scopes are numbered as in the segment. */
export function readSegmentTable(reader: SegmentReader): Promise<SpanTable> {
  return readWholeTable(reader.columns, () => reader.traceIdWords());
}

/** The spans of one segment file. All reads are checked: damage is a {@link CorruptionError}, never a wrong answer. */
export class SegmentReader implements ColumnSource {
  readonly id: string;
  readonly rowCount: number;
  readonly traceCount: number;
  readonly blockRows = BLOCK_ROWS;
  readonly isOrdered = true;
  readonly startMin: UnixNano;
  readonly startMax: UnixNano;
  /** what the manifest says of this segment, from its own footer */
  readonly entry: SegmentEntry;
  readonly columns: SegmentColumns;
  readonly #dictionary: SegmentDictionary;
  /** the trace found last, whose spans are likely to be asked for next; saves reading all ids */
  #found: { readonly trace: number; readonly words: Uint32Array } | undefined;

  constructor(columns: SegmentColumns, sizeBytes: number) {
    const { footer } = columns;
    this.columns = columns;
    this.#dictionary = new SegmentDictionary(columns);
    this.id = String(footer.origin.id);
    this.rowCount = footer.rowCount;
    this.traceCount = footer.traceCount;
    this.startMin = footer.startMin;
    this.startMax = footer.startMax;
    this.entry = {
      ...footer.origin,
      rowCount: footer.rowCount,
      traceCount: footer.traceCount,
      sizeBytes,
      startMinNano: String(footer.startMin),
      endMaxNano: String(footer.endMax),
    };
  }

  close(): Promise<void> {
    return this.columns.file.close();
  }

  attributeColumns(level: AttributeLevel): readonly AttributeColumn[] {
    return this.columns.level(level).columns;
  }

  async resources(): Promise<readonly Resource[]> {
    return (await this.#owners()).resources;
  }

  async scopes(): Promise<readonly Scope[]> {
    return (await this.#owners()).scopes;
  }

  templates(): Promise<SpanTemplates> {
    return this.columns.cached('span templates', async () => {
      const value = new SegmentSpanTemplates(this.columns, await this.columns.levelTables('span'));
      return { value, sizeBytes: value.sizeBytes };
    });
  }

  async block(index: number, need: ColumnNeed, signal?: AbortSignal): Promise<ColumnBlock> {
    signal?.throwIfAborted();
    assert(index < this.columns.footer.blocks.length, `segment ${this.id} has a block ${index}`);
    const { ids, levels, withTraces } = chunksFor(this.columns, need);
    const tables = new Map<AttributeLevel, LevelTables>();
    for (const level of levels) tables.set(level, await this.columns.levelTables(level));
    const attributes = (need.attributes ?? []).map(({ level, index: at }) => this.columns.level(level).columns[at]);
    for (const { level, index: at } of need.varying ?? []) {
      // Without the shape in it, a template says nothing of attributes.
      if ((this.columns.level(level).templateMembers & 1) === 0) attributes.push(this.columns.level(level).columns[at]);
    }
    const dictionaries = await this.columns.attributeDictionaries(attributes);
    const block = new SegmentBlock(
      this.columns,
      await this.columns.block(index, ids, withTraces),
      tables,
      dictionaries,
      need.varying,
    );
    if (!need.numbers?.includes('durationNano') || !block.needsStartForDuration) return block;
    ids.add(BlockChunk.start);
    return new SegmentBlock(
      this.columns,
      await this.columns.block(index, ids, withTraces),
      tables,
      dictionaries,
      need.varying,
    );
  }

  async dictionary(column: CodedColumn | AttributeColumn): Promise<Uint32Array | undefined> {
    if (typeof column === 'string')
      return this.columns.dictionary(SideChunk.codedDictionary + codedColumns.indexOf(column));
    const own = this.columns.level(column.level).columns[column.index];
    if (!hasDictionary(own)) return undefined;
    return this.columns.dictionary(SideChunk.attributeDictionary + this.columns.columnNumber(own));
  }

  findString(bytes: Uint8Array): Promise<number | undefined> {
    return this.#dictionary.find(bytes);
  }

  async strings(codes: Uint32Array): Promise<readonly string[]> {
    return (await this.bytes(codes)).map((bytes) =>
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'),
    );
  }

  bytes(codes: Uint32Array): Promise<readonly Uint8Array[]> {
    return this.#dictionary.bytes(codes);
  }

  stringPages(codes: Uint32Array): AsyncIterable<StringPage> {
    return this.#dictionary.pages(codes);
  }

  remembered<T>(name: string, make: () => Promise<Remembered<T>>): Promise<T> {
    return this.columns.cached(`remembered ${name}`, make);
  }

  /** Reads one page of ids, and where that has it the traces of one block. */
  async findTrace(id: TraceId): Promise<Uint32Array> {
    const words = wordsOfTraceId(id);
    const trace = await this.#findTraceRow(words);
    if (trace >= 0) this.#found = { trace, words };
    return trace < 0 ? new Uint32Array(0) : this.#rowsOfTrace(trace);
  }

  async traceIds(traceRows: Uint32Array): Promise<readonly TraceId[]> {
    const id = await this.#ids();
    return Array.from(traceRows, (trace) => traceIdOfWords(id, 4 * trace));
  }

  /** All ids in trace-row order, four words each. */
  traceIdWords(): Promise<Uint32Array> {
    return this.#ids();
  }

  traces(): Promise<TraceColumns> {
    return this.columns.cached('traces', async () => {
      const { traceCount } = this;
      const value = await this.#readTraces(await this.#ids());
      return { value, sizeBytes: 32 * traceCount };
    });
  }

  async spans(rows: Uint32Array): Promise<Span[]> {
    if (rows.length === 0) return [];
    const wanted = Uint32Array.from(new Set(rows)).sort();
    const spans = new TableSpans(
      await tableOfRows(this.columns, this.#dictionary, (traces) => this.#idsOf(traces), wanted),
    );
    const placeOf = new Map(Array.from(wanted, (row, place) => [row, place]));
    return Array.from(rows, (row) => spans.span(placeOf.get(row)!));
  }

  async ordered(): Promise<ColumnSource> {
    return this;
  }

  #owners(): Promise<{ resources: readonly Resource[]; scopes: readonly Scope[] }> {
    return this.columns.cached('owners', async () => {
      const table = await tableOfRows(this.columns, this.#dictionary, async () => NO_WORDS, NO_WORDS);
      const spans = new TableSpans(table);
      const resources = Array.from({ length: table.counts.resources }, (_, row) => spans.resource(row));
      const scopes = Array.from({ length: table.counts.scopes }, (_, row) => spans.scope(row));
      return { value: { resources, scopes }, sizeBytes: 2000 * (resources.length + scopes.length) };
    });
  }

  /** Trace row of an id, or −1. */
  async #findTraceRow(id: Uint32Array): Promise<number> {
    const { traceIdPages, traceIdPageFirst, traceCount } = this.columns.footer;
    let low = 0;
    let high = traceIdPages.ids.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareTraceId((w) => traceIdPageFirst[4 * middle + w], id) <= 0) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return -1;
    const count = Math.min(TRACE_ID_PAGE, traceCount - (low - 1) * TRACE_ID_PAGE);
    const page = await this.columns.cached(`traceIdPage${low - 1}`, async () => {
      const [input] = await this.columns.file.chunks(traceIdPages, [low - 1]);
      return { value: decodeTraceIdPage(input, count), sizeBytes: 20 * count };
    });
    const [first] = page.words;
    for (let at = placeOfWord(first, id[0]); at < count && first[at] === id[0]; at++)
      if (compareTraceId((w) => page.words[w][at], id) === 0) return page.traceRow[at];
    return -1;
  }

  async #rowsOfTrace(trace: number): Promise<Uint32Array> {
    const { blocks } = this.columns.footer;
    let index = 0;
    while (index + 1 < blocks.length && blocks[index + 1].traceRow < trace) index++;
    // The next block begins with this trace when it goes on there, or when it starts there.
    let firstRow = -1;
    let count = 0;
    for (; index < blocks.length && blocks[index].traceRow <= trace; index++) {
      const block = await this.columns.block(index, [], true);
      const p = trace - block.firstTrace;
      if (p >= block.traces!.count) continue;
      if (firstRow < 0)
        firstRow = block.traces!.rowCount.subarray(0, p).reduce((sum, rows) => sum + rows, block.firstRow);
      count += block.traces!.rowCount[p];
    }
    return Uint32Array.from({ length: count }, (_, i) => firstRow + i);
  }

  async #idsOf(traceRows: Uint32Array): Promise<Uint32Array> {
    const found = this.#found;
    if (traceRows.length === 1 && found?.trace === traceRows[0]) return found.words;
    const id = await this.#ids();
    const words = new Uint32Array(4 * traceRows.length);
    for (let i = 0; i < traceRows.length; i++) words.set(id.subarray(4 * traceRows[i], 4 * traceRows[i] + 4), 4 * i);
    return words;
  }

  #ids(): Promise<Uint32Array> {
    return this.columns.cached('traceIds', async () => {
      const { traceIdPages } = this.columns.footer;
      const value = new Uint32Array(4 * this.traceCount);
      const inputs = await this.columns.file.chunks(traceIdPages, Array.from(traceIdPages.ids.keys()));
      for (const [page, input] of inputs.entries()) {
        const count = Math.min(TRACE_ID_PAGE, this.traceCount - page * TRACE_ID_PAGE);
        const { words, traceRow } = decodeTraceIdPage(input, count);
        for (let i = 0; i < count; i++) for (let w = 0; w < 4; w++) value[4 * traceRow[i] + w] = words[w][i]!;
      }
      return { value, sizeBytes: value.byteLength };
    });
  }

  async #readTraces(id: Uint32Array): Promise<TraceColumns> {
    const column = (): Uint32Array => new Uint32Array(this.traceCount);
    const traces = {
      id,
      firstRow: column(),
      spanCount: column(),
      errorCount: column(),
      startLow: column(),
      startHigh: column(),
      endLow: column(),
      endHigh: column(),
      rootRow: column(),
    };
    for (let index = 0; index < this.columns.footer.blocks.length; index++) {
      const { traces: part, firstTrace, firstRow } = await this.columns.block(index, [], true);
      let row = firstRow;
      for (let p = 0; p < part!.count; row += part!.rowCount[p++]) {
        const trace = firstTrace + p;
        traces.spanCount[trace] += part!.rowCount[p];
        if (p === 0 && part!.isContinued === 1) continue;
        traces.firstRow[trace] = row;
        traces.errorCount[trace] = part!.errorCount[p]!;
        traces.startLow[trace] = part!.startLow[p]!;
        traces.startHigh[trace] = part!.startHigh[p]!;
        const end = part!.startLow[p] + part!.durationLow[p];
        traces.endLow[trace] = end;
        traces.endHigh[trace] = part!.startHigh[p] + part!.durationHigh[p] + (end > 0xffff_ffff ? 1 : 0);
        traces.rootRow[trace] = part!.root[p] === 0 ? NO_ROW : row + part!.root[p] - 1;
      }
    }
    return traces;
  }
}

/** Where the first word lies that is not below the given one; past the end when all are. */
function placeOfWord(ascending: Uint32Array, word: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] < word) low = middle + 1;
    else high = middle;
  }
  return low;
}
