import { dirname } from 'node:path';
import { type UnixNano, assert, unixNanoFromWords } from '@spoor/model';
import { ByteWriter } from './column-bytes.ts';
import { encodeNumbers } from './column-numbers.ts';
import { encodeWords } from './column-words.ts';
import type { Disk } from './disk.ts';
import type { OrderedSpans } from './ordered-spans.ts';
import { ChunkFileWriter, type ChunkDirectory } from './segment-chunk.ts';
import { type BlockFooter, type SegmentFooter, type SegmentMeta, encodeFooter } from './segment-footer.ts';
import { BLOCK_ROWS, BlockChunk, SEGMENT_MAGIC, SideChunk, codedColumns } from './segment-layout.ts';
import { type Chunk, LevelWriter, addWords, encodeDictionary } from './segment-level-writer.ts';
import { CodePlaces } from './segment-code-places.ts';
import { type GatheredLevels, gatherLevels } from './segment-gather.ts';
import { encodeOwners } from './segment-owner-table.ts';
import { TableShapes } from './segment-shapes.ts';
import { collectStrings, writePages } from './segment-strings.ts';
import { durationWords, startWords } from './segment-times.ts';
import { encodeTraceBlock, writeTraceIdPages } from './segment-traces.ts';
import { encodeTree } from './segment-tree.ts';

/** What there is to say of a segment once it is written. */
export interface SegmentInfo {
  readonly path: string;
  readonly sizeBytes: number;
  readonly rowCount: number;
  readonly traceCount: number;
  readonly startMin: UnixNano;
  readonly startMax: UnixNano;
  readonly endMax: UnixNano;
}

/**
 * Writes the spans as one immutable file. It appears under `path` whole and durable, or not at all: it is written beside
 * it, synced, renamed, and the directory synced. A leftover of an interrupted write has the suffix `.tmp`.
 * @throws the disk's errors; what was written by then is removed as far as the disk lets it
 */
export async function writeSegment(
  disk: Disk,
  path: string,
  ordered: OrderedSpans,
  meta: SegmentMeta,
): Promise<SegmentInfo> {
  const temporary = `${path}.tmp`;
  const file = await disk.open(temporary, 'create');
  let info: SegmentInfo;
  try {
    const out = new ChunkFileWriter(file);
    const footer = await new SegmentWriter(out, ordered, meta).write();
    await file.datasync();
    info = {
      path,
      sizeBytes: out.offset,
      rowCount: footer.rowCount,
      traceCount: footer.traceCount,
      startMin: footer.startMin,
      startMax: footer.startMax,
      endMax: footer.endMax,
    };
  } catch (error) {
    await file.close();
    await disk.unlink(temporary).catch(() => undefined); // start-up removes it otherwise
    throw error;
  }
  await file.close();
  await disk.rename(temporary, path);
  await disk.syncDirectory(dirname(path));
  return info;
}

class SegmentWriter {
  readonly #out: ChunkFileWriter;
  readonly #ordered: OrderedSpans;
  readonly #meta: SegmentMeta;

  constructor(out: ChunkFileWriter, ordered: OrderedSpans, meta: SegmentMeta) {
    this.#out = out;
    this.#ordered = ordered;
    this.#meta = meta;
  }

  async write(): Promise<SegmentFooter> {
    const ordered = this.#ordered;
    const { rowCount } = ordered;
    this.#out.append(Buffer.from(SEGMENT_MAGIC, 'latin1'));
    const tableShapes = ordered.tables.map((table) => new TableShapes(table));
    const strings = collectStrings(ordered, tableShapes);
    const pages = await writePages(this.#out, strings);
    const blockStart = Uint32Array.from({ length: Math.ceil(rowCount / BLOCK_ROWS) + 1 }, (_, b) =>
      Math.min(rowCount, b * BLOCK_ROWS),
    );
    const gathered = gatherLevels(ordered, tableShapes, strings, blockStart);
    const places = new CodePlaces(strings.count);
    const dictionaries = codedColumns.map((column) => places.replace(gathered.coded[column], []));
    const writers = gathered.levels.map((rows) => new LevelWriter(rows, places));

    const blocks = await this.#writeBlocks(gathered, writers, blockStart);
    const traceBlocks = this.#out.appendChunks(
      blocks.map((_, b) => ({ id: b, body: encodeTraceBlock(ordered, blockStart[b], blockStart[b + 1]) })),
    );
    const traceIds = writeTraceIdPages(this.#out, ordered.traces);
    const side = this.#writeSide(gathered, writers, dictionaries);
    const footer: SegmentFooter = {
      origin: this.#meta.origin,
      tenant: this.#meta.tenant ?? '',
      signal: this.#meta.signal ?? 0,
      rowCount,
      traceCount: ordered.traces.firstRow.length,
      blockRows: BLOCK_ROWS,
      ...timeRange(ordered),
      stringCount: strings.count,
      levels: writers.map((writer) => writer.footer),
      pages,
      blocks,
      traceBlocks,
      traceIdPages: traceIds.pages,
      traceIdPageFirst: traceIds.first,
      side,
    };
    this.#out.append(encodeFooter(footer));
    await this.#out.flush(0);
    return footer;
  }

  async #writeBlocks(
    gathered: GatheredLevels,
    writers: readonly LevelWriter[],
    blockStart: Uint32Array,
  ): Promise<BlockFooter[]> {
    const blocks: BlockFooter[] = [];
    for (let b = 0; b + 1 < blockStart.length; b++) {
      const chunks = this.#ownChunks(gathered, blockStart[b], blockStart[b + 1], b);
      let columnBase = 0;
      for (const writer of writers) {
        chunks.push(...writer.blockChunks(b, columnBase));
        columnBase += writer.footer.columns.length;
      }
      chunks.sort((left, right) => left.id - right.id);
      const count = (level: number): number =>
        gathered.levels[level].blockStart[b + 1] - gathered.levels[level].blockStart[b];
      blocks.push({
        traceRow: this.#ordered.traceRow[blockStart[b]],
        eventCount: count(1),
        linkCount: count(2),
        chunks: this.#out.appendChunks(chunks),
      });
      await this.#out.flush();
    }
    return blocks;
  }

  /** The columns of a block that no level writer handles. */
  #ownChunks(gathered: GatheredLevels, first: number, last: number, block: number): Chunk[] {
    const chunks: Chunk[] = [];
    const tree = encodeTree(this.#ordered, gathered.spanIdHigh, gathered.spanIdLow, first, last);
    if (tree !== undefined) chunks.push({ id: BlockChunk.tree, body: tree });
    const part = (words: Uint32Array): Uint32Array => words.subarray(first, last);
    addWords(chunks, BlockChunk.spanId, part(gathered.spanIdHigh), part(gathered.spanIdLow));
    addOrphanParents(chunks, gathered, first, last);
    addWords(chunks, BlockChunk.start, ...startWords(this.#ordered, gathered.times, first, last));
    addWords(chunks, BlockChunk.duration, ...durationWords(this.#ordered, gathered.times, first, last));
    const adjusted = gathered.adjustedCount.subarray(first, last);
    if (adjusted.some((count) => count !== 1)) {
      const out = new ByteWriter();
      encodeNumbers(out, adjusted);
      chunks.push({ id: BlockChunk.adjustedCount, body: out.finish() });
    }
    const [, events, links] = gathered.levels;
    const event = (words: Uint32Array): Uint32Array =>
      words.subarray(events.blockStart[block], events.blockStart[block + 1]);
    const link = (words: Uint32Array): Uint32Array =>
      words.subarray(links.blockStart[block], links.blockStart[block + 1]);
    addWords(chunks, BlockChunk.eventTime, event(gathered.eventTimeLow), event(gathered.eventTimeHigh));
    addWords(chunks, BlockChunk.linkTraceId, link(gathered.coded.linkTraceId));
    addWords(chunks, BlockChunk.linkSpanId, link(gathered.coded.linkSpanId));
    return chunks;
  }

  #writeSide(
    gathered: GatheredLevels,
    writers: readonly LevelWriter[],
    dictionaries: readonly Uint32Array[],
  ): ChunkDirectory {
    const chunks: Chunk[] = [
      { id: SideChunk.resources, body: encodeOwners(gathered.resources) },
      { id: SideChunk.scopes, body: encodeOwners(gathered.scopes) },
      ...dictionaries.map((codes, i) => ({ id: SideChunk.codedDictionary + i, body: encodeDictionary(codes) })),
    ];
    let columnBase = 0;
    for (const writer of writers) {
      chunks.push(...writer.sideChunks(columnBase));
      columnBase += writer.footer.columns.length;
    }
    return this.#out.appendChunks(chunks.sort((left, right) => left.id - right.id));
  }
}

/** Parent ids of the spans whose parent is not in the segment. */
function addOrphanParents(
  chunks: Chunk[],
  { depthCode, parentHigh, parentLow }: GatheredLevels,
  first: number,
  last: number,
): void {
  const high: number[] = [];
  const low: number[] = [];
  for (let row = first; row < last; row++) {
    if (depthCode[row] !== 1) continue;
    high.push(parentHigh[row]);
    low.push(parentLow[row]);
  }
  if (high.length === 0) return;
  const out = new ByteWriter();
  out.varint(high.length);
  encodeWords(out, Uint32Array.from(high));
  encodeWords(out, Uint32Array.from(low));
  chunks.push({ id: BlockChunk.parentId, body: out.finish() });
}

function timeRange({
  rowCount,
  tables,
  tableIndex,
  sourceRow,
  traces,
}: OrderedSpans): Pick<SegmentFooter, 'startMin' | 'startMax' | 'endMax'> {
  let [minLow, minHigh, maxLow, maxHigh] = [0xffff_ffff, 0xffff_ffff, 0, 0];
  for (let i = 0; i < rowCount; i++) {
    const table = tables[tableIndex[i]];
    const low = table.startLow[sourceRow[i]];
    const high = table.startHigh[sourceRow[i]];
    if (high < minHigh || (high === minHigh && low < minLow)) [minLow, minHigh] = [low, high];
    if (high > maxHigh || (high === maxHigh && low > maxLow)) [maxLow, maxHigh] = [low, high];
  }
  let endMax = 0n;
  for (let t = 0; t < traces.endLow.length; t++) {
    const end = unixNanoFromWords(traces.endLow[t], traces.endHigh[t]);
    if (end > endMax) endMax = end;
  }
  assert(rowCount === 0 || traces.firstRow.length > 0, 'rows have traces');
  return {
    startMin: unixNanoFromWords(minLow, minHigh),
    startMax: unixNanoFromWords(maxLow, maxHigh),
    endMax: endMax as UnixNano,
  };
}
