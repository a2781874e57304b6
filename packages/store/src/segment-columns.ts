import { type ValueType, isCoded } from '@spoor/model';
import type { ByteReader } from './column-bytes.ts';
import { decodeNumbers } from './column-numbers.ts';
import type { AttributeLevel } from './column-source.ts';
import { decodeWords } from './column-words.ts';
import { DictionaryPage } from './dictionary-page.ts';
import type { BlockCache } from './segment-cache.ts';
import { type ChunkDirectory, type ChunkFileReader, placeOf, sumGaps } from './segment-chunk.ts';
import type { SegmentFooter, StoredColumn } from './segment-footer.ts';
import { BlockChunk, type Member, SideChunk, levelIndex, levels, members } from './segment-layout.ts';
import { type OwnerTable, decodeOwners } from './segment-owner-table.ts';
import { type LevelShapes, decodeShapes } from './segment-shapes.ts';
import { type Templates, decodeTemplates } from './segment-templates.ts';
import { type TraceBlock, decodeTraceBlock, partOfTraces } from './segment-traces.ts';
import { NO_EDGES, type TreeEdges, decodeTree, partOfTree } from './segment-tree.ts';

/** The shapes and templates of one level, needed to read anything of it. */
export interface LevelTables {
  readonly shapes: LevelShapes;
  readonly templates: Templates;
}

/** Fetches and decodes the stored columns of one segment, through the cache. */
export class SegmentColumns {
  readonly footer: SegmentFooter;
  readonly file: ChunkFileReader;
  readonly #cache: BlockCache;

  constructor(file: ChunkFileReader, footer: SegmentFooter, cache: BlockCache) {
    this.file = file;
    this.footer = footer;
    this.#cache = cache;
  }

  /** Number of the column over all levels, by which its chunks go. */
  columnNumber(column: StoredColumn): number {
    const before = levels.slice(0, levelIndex(column.level));
    return before.reduce((sum, level) => sum + this.level(level).columns.length, column.index);
  }

  level(level: AttributeLevel): SegmentFooter['levels'][number] {
    return this.footer.levels[levelIndex(level)];
  }

  /** Chunk of a member in a row block, or `undefined` when it is part of the template. */
  memberChunk(level: AttributeLevel, member: Member): number | undefined {
    const m = (members[level] as readonly Member[]).indexOf(member);
    return (this.level(level).templateMembers >>> m) & 1 ? undefined : BlockChunk.member + 32 * levelIndex(level) + m;
  }

  /** Chunks that hold a column's values. */
  valueChunk(column: StoredColumn): number {
    return column.isOverflow
      ? BlockChunk.overflow + 32 * levelIndex(column.level)
      : BlockChunk.attribute + this.columnNumber(column);
  }

  /** A row block with at least the given chunks loaded. */
  async block(index: number, chunkIds: Iterable<number>, withTraces: boolean): Promise<StoredBlock> {
    const key = `${this.file.path}#${index}`;
    const block = this.#cache.get<StoredBlock>(key) ?? new StoredBlock(extentOf(this.footer, index));
    const { chunks } = this.footer.blocks[index];
    const places = [...new Set(chunkIds)]
      .filter((id) => !block.has(id))
      .map((id) => placeOf(chunks, id))
      .filter((place) => place >= 0)
      .sort((a, b) => a - b);
    for (const [i, input] of (await this.file.chunks(chunks, places)).entries())
      block.decode(chunks.ids[places[i]], input, this.footer);
    if (withTraces && block.traces === undefined) {
      const [input] = await this.file.chunks(this.footer.traceBlocks, [index]);
      block.setTraces(decodeTraceBlock(input, block.rowCount));
    }
    if (block.countedBytes !== block.sizeBytes) {
      block.countedBytes = block.sizeBytes;
      this.#cache.put(key, block, block.sizeBytes);
    }
    return block;
  }

  async levelTables(level: AttributeLevel): Promise<LevelTables> {
    const index = levelIndex(level);
    return this.#cached(`level${index}`, async () => {
      const { shapeCount, templateCount, templateMembers, columns } = this.level(level);
      const [shapeInput, templateInput] = await this.#side([SideChunk.shapes + index, SideChunk.templates + index]);
      const shapes = decodeShapes(shapeInput, shapeCount, columns.length);
      const templates = decodeTemplates(templateInput, templateCount, members[level].length, templateMembers, shapes);
      return {
        value: { shapes, templates },
        sizeBytes: 8 * shapes.column.length + 60 * templateCount + 16 * (templates.slots?.value.length ?? 0),
      };
    });
  }

  /** Distinct codes, ascending, of a column with its own dictionary. */
  dictionary(sideChunk: number): Promise<Uint32Array> {
    return this.#cached(`dictionary${sideChunk}`, async () => {
      const [input] = await this.#side([sideChunk]);
      const value = sumGaps(decodeWords(input, input.count(this.footer.stringCount)));
      return { value, sizeBytes: value.byteLength };
    });
  }

  /** Dictionaries of the coded ones among the columns, by column, in as few reads as possible. */
  async attributeDictionaries(columns: readonly StoredColumn[]): Promise<Map<StoredColumn, Uint32Array>> {
    const found = new Map<StoredColumn, Uint32Array>();
    for (const column of columns) {
      if (hasDictionary(column))
        found.set(column, await this.dictionary(SideChunk.attributeDictionary + this.columnNumber(column)));
    }
    return found;
  }

  owners(kind: 'resources' | 'scopes'): Promise<OwnerTable> {
    return this.#cached(kind, async () => {
      const [input] = await this.#side([SideChunk[kind]]);
      const value = decodeOwners(input, kind === 'resources' ? 3 : 4);
      return { value, sizeBytes: 16 * value.values.length + 24 * value.count };
    });
  }

  page(index: number): Promise<DictionaryPage> {
    return this.#cached(`page${index}`, async () => {
      const { chunks, firstCode } = this.footer.pages;
      const [input] = await this.file.chunks(chunks, [index]);
      const value = DictionaryPage.decode(input, firstCode[index + 1] - firstCode[index]);
      return { value, sizeBytes: value.sizeBytes };
    });
  }

  /** Decodes what the key names unless it is cached. */
  async cached<T>(key: string, make: () => Promise<{ value: T; sizeBytes: number }>): Promise<T> {
    return this.#cached(key, make);
  }

  /** As {@link cached}, for what is made at once. */
  cachedNow<T>(name: string, sizeBytes: number, make: () => T): T {
    const key = `${this.file.path}!${name}`;
    let value = this.#cache.get<T>(key);
    if (value === undefined) this.#cache.put(key, (value = make()), sizeBytes);
    return value;
  }

  async #cached<T>(name: string, make: () => Promise<{ value: T; sizeBytes: number }>): Promise<T> {
    const key = `${this.file.path}!${name}`;
    const known = this.#cache.get<T>(key);
    if (known !== undefined) return known;
    const { value, sizeBytes } = await make();
    this.#cache.put(key, value, sizeBytes);
    return value;
  }

  /** @param ids ascending; all of them exist in any segment that was written whole */
  async #side(ids: readonly number[]): Promise<ByteReader[]> {
    const { side } = this.footer;
    return this.file.chunks(
      side,
      ids.map((id) => requiredPlace(side, id)),
    );
  }
}

export function hasDictionary(column: { readonly type: ValueType; readonly isOverflow: boolean }): boolean {
  return isCoded(column.type) && !column.isOverflow;
}

function requiredPlace(directory: ChunkDirectory, id: number): number {
  const place = placeOf(directory, id);
  if (place < 0) throw new Error(`invariant broken: the footer passed its checksum, but chunk ${id} is not in it`);
  return place;
}

/** Where a block, or a part of one, lies in its segment. */
interface BlockExtent {
  readonly index: number;
  readonly firstRow: number;
  readonly rowCount: number;
  readonly eventCount: number;
  readonly linkCount: number;
  /** trace row of the first row */
  readonly firstTrace: number;
}

function extentOf({ blocks, blockRows, rowCount }: SegmentFooter, index: number): BlockExtent {
  const { traceRow, eventCount, linkCount } = blocks[index];
  const firstRow = index * blockRows;
  return {
    index,
    firstRow,
    rowCount: Math.min(blockRows, rowCount - firstRow),
    eventCount,
    linkCount,
    firstTrace: traceRow,
  };
}

/** [from, to) of everything in a block that belongs to some neighbouring traces. */
export interface BlockPart {
  readonly traces: readonly [number, number];
  readonly spans: readonly [number, number];
  readonly events: readonly [number, number];
  readonly links: readonly [number, number];
  /** entries of the parent id chunk */
  readonly orphans: readonly [number, number];
}

/** The stored columns of one row block that were loaded so far. Columns that are absent from the file read as zeros. */
export class StoredBlock {
  readonly index: number;
  readonly firstRow: number;
  readonly rowCount: number;
  readonly eventCount: number;
  readonly linkCount: number;
  /** trace row of the first row */
  readonly firstTrace: number;
  /** columns computed from the stored ones, kept with them */
  readonly derived = new Map<string, unknown>();
  traces: TraceBlock | undefined;
  /** what the cache counts for it; columns derived since are counted when it is asked for next */
  countedBytes = -1;
  readonly #words = new Map<number, readonly Uint32Array[]>();
  readonly #numbers = new Map<number, Float64Array>();
  #tree: TreeEdges | undefined;
  #sizeBytes = 0;

  constructor({ index, firstRow, rowCount, eventCount, linkCount, firstTrace }: BlockExtent) {
    this.index = index;
    this.firstRow = firstRow;
    this.rowCount = rowCount;
    this.eventCount = eventCount;
    this.linkCount = linkCount;
    this.firstTrace = firstTrace;
  }

  /** Some whole traces of this block, as views. Attribute columns and overflow stay behind. */
  part({ traces, spans, events, links, orphans }: BlockPart): StoredBlock {
    const part = new StoredBlock({
      index: this.index,
      firstRow: this.firstRow + spans[0],
      rowCount: spans[1] - spans[0],
      eventCount: events[1] - events[0],
      linkCount: links[1] - links[0],
      firstTrace: this.firstTrace + traces[0],
    });
    if (this.traces !== undefined) part.traces = partOfTraces(this.traces, traces);
    part.#tree = this.#tree && partOfTree(this.#tree, spans);
    for (const [id, lists] of this.#words) {
      if (id >= BlockChunk.attribute) continue;
      const range =
        id >= BlockChunk.template
          ? [spans, events, links][(id >>> 5) - 1]
          : id === BlockChunk.parentId
            ? orphans
            : id === BlockChunk.eventTime
              ? events
              : id >= BlockChunk.linkTraceId
                ? links
                : spans;
      part.#words.set(
        id,
        lists.map((list) => list.subarray(...range)),
      );
    }
    const adjusted = this.#numbers.get(BlockChunk.adjustedCount);
    if (adjusted !== undefined) part.#numbers.set(BlockChunk.adjustedCount, adjusted.subarray(...spans));
    return part;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  levelRows(level: AttributeLevel): number {
    return level === 'span' ? this.rowCount : level === 'event' ? this.eventCount : this.linkCount;
  }

  has(id: number): boolean {
    return this.#words.has(id) || this.#numbers.has(id) || (id === BlockChunk.tree && this.#tree !== undefined);
  }

  setTraces(traces: TraceBlock): void {
    this.traces = traces;
    this.#sizeBytes += 28 * traces.count;
  }

  /** Remembers what was computed from this block, and counts it. */
  derive<T>(name: string, sizeBytes: number, make: () => T): T {
    let value = this.derived.get(name) as T | undefined;
    if (value === undefined) {
      this.derived.set(name, (value = make()));
      this.#sizeBytes += sizeBytes;
    }
    return value;
  }

  /** One list of words; `count` of them when absent. */
  words(id: number, count: number): Uint32Array {
    return this.#words.get(id)?.[0] ?? new Uint32Array(count);
  }

  /** As {@link words}, `undefined` when absent. */
  storedWords(id: number): Uint32Array | undefined {
    return this.#words.get(id)?.[0];
  }

  /** Low and high halves, or high and low ones: in the order stored. */
  pair(id: number, count: number): readonly [Uint32Array, Uint32Array] {
    const lists = this.#words.get(id);
    return lists === undefined ? [new Uint32Array(count), new Uint32Array(count)] : [lists[0], lists[1]];
  }

  numbers(id: number): Float64Array | undefined {
    return this.#numbers.get(id);
  }

  get tree(): TreeEdges {
    return this.#tree ?? NO_EDGES;
  }

  decode(id: number, input: ByteReader, footer: SegmentFooter): void {
    if (id === BlockChunk.tree) this.#tree = decodeTree(input, this.firstRow, this.rowCount);
    else if (id === BlockChunk.adjustedCount) this.#setNumbers(id, decodeNumbers(input, this.rowCount));
    else if (id >= BlockChunk.attribute) this.#decodeAttribute(id, input, footer);
    else if (id === BlockChunk.parentId) {
      const count = input.count(this.rowCount);
      this.#setWords(id, [decodeWords(input, count), decodeWords(input, count)]);
    } else if (id < BlockChunk.linkTraceId) {
      const count = id === BlockChunk.eventTime ? this.eventCount : this.rowCount;
      this.#setWords(id, [decodeWords(input, count), decodeWords(input, count)]);
    } else if (id < BlockChunk.template) this.#setWords(id, [decodeWords(input, this.linkCount)]);
    else this.#decodeOfLevel(id, input);
  }

  #decodeOfLevel(id: number, input: ByteReader): void {
    const rows = this.levelRows(levels[(id >>> 5) - 1]);
    if (id % 32 === BlockChunk.overflow % 32) this.#setNumbers(id, decodeNumbers(input, input.count(0xffff_ffff)));
    else this.#setWords(id, [decodeWords(input, rows)]);
  }

  #decodeAttribute(id: number, input: ByteReader, footer: SegmentFooter): void {
    let index = id - BlockChunk.attribute;
    for (const level of footer.levels) {
      const column = level.columns[index];
      if (column !== undefined) {
        const count = input.count(this.levelRows(column.level));
        if (isCoded(column.type)) this.#setWords(id, [decodeWords(input, count)]);
        else this.#setNumbers(id, decodeNumbers(input, count));
        return;
      }
      index -= level.columns.length;
    }
    input.fail(`chunk ${id} belongs to no column`);
  }

  #setWords(id: number, lists: readonly Uint32Array[]): void {
    this.#words.set(id, lists);
    for (const list of lists) this.#sizeBytes += list.byteLength;
  }

  #setNumbers(id: number, numbers: Float64Array): void {
    this.#numbers.set(id, numbers);
    this.#sizeBytes += numbers.byteLength;
  }
}
