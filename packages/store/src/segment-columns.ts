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
  /** by level, the columns of those before */
  readonly #firstColumn: readonly number[];

  constructor(file: ChunkFileReader, footer: SegmentFooter, cache: BlockCache) {
    this.file = file;
    this.footer = footer;
    this.#cache = cache;
    let count = 0;
    this.#firstColumn = footer.levels.map(({ columns }) => (count += columns.length) - columns.length);
  }

  /** Number of the column over all levels, by which its chunks go. */
  columnNumber(column: StoredColumn): number {
    return this.#firstColumn[levelIndex(column.level)] + column.index;
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
    await this.#read(block, chunkIds, (id, input) => block.decode(id, input));
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

  /**
   * A row block of which some traces are wanted only: chunks are decoded when it is known for which rows. It is not cached:
   * a trace or two of a block are cheap to read again, and the columns of 8 Ki rows would push out others.
   */
  async passingBlock(index: number, chunkIds: Iterable<number>): Promise<StoredBlock> {
    const block = new StoredBlock(extentOf(this.footer, index), true);
    block.setTraces((await this.block(index, [], true)).traces!);
    return this.withChunks(block, chunkIds);
  }

  /** The block with more of its chunks; the same object if it passes. */
  async withChunks(block: StoredBlock, chunkIds: Iterable<number>): Promise<StoredBlock> {
    if (!block.isPassing) return this.block(block.index, chunkIds, false);
    await this.#read(block, chunkIds, (id, input) => block.keep(id, input));
    return block;
  }

  async #read(
    block: StoredBlock,
    chunkIds: Iterable<number>,
    take: (id: number, input: ByteReader) => void,
  ): Promise<void> {
    const { chunks } = this.footer.blocks[block.index];
    const places = [...new Set(chunkIds)]
      .filter((id) => !block.has(id))
      .map((id) => placeOf(chunks, id))
      .filter((place) => place >= 0)
      .sort((a, b) => a - b);
    for (const [i, input] of (await this.file.chunks(chunks, places)).entries()) take(chunks.ids[places[i]], input);
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
  async dictionary(sideChunk: number): Promise<Uint32Array> {
    return (await this.#dictionaries([sideChunk]))[0];
  }

  /** Dictionaries of the coded ones among the columns, by column, in as few reads as possible. */
  async attributeDictionaries(columns: readonly StoredColumn[]): Promise<Map<StoredColumn, Uint32Array>> {
    const coded = columns
      .filter((column) => hasDictionary(column))
      .map((column) => ({ column, chunk: SideChunk.attributeDictionary + this.columnNumber(column) }))
      .sort((a, b) => a.chunk - b.chunk);
    const dictionaries = await this.#dictionaries(coded.map(({ chunk }) => chunk));
    return new Map(coded.map(({ column }, i) => [column, dictionaries[i]]));
  }

  /** @param ids ascending */
  #dictionaries(ids: readonly number[]): Promise<Uint32Array[]> {
    const { side, stringCount } = this.footer;
    const places = ids.map((id) => requiredPlace(side, id));
    return this.#cachedChunks('dictionary', side, places, (input) => {
      const value = sumGaps(decodeWords(input, input.count(stringCount)));
      return { value, sizeBytes: value.byteLength };
    });
  }

  owners(kind: 'resources' | 'scopes'): Promise<OwnerTable> {
    return this.#cached(kind, async () => {
      const [input] = await this.#side([SideChunk[kind]]);
      const value = decodeOwners(input, kind === 'resources' ? 3 : 4);
      return { value, sizeBytes: 16 * value.values.length + 24 * value.count };
    });
  }

  /** Pages of the strings. @param indexes ascending */
  pages(indexes: readonly number[]): Promise<DictionaryPage[]> {
    const { chunks, firstCode } = this.footer.pages;
    return this.#cachedChunks('page', chunks, indexes, (input, index) => {
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

  /** Decodes those of the chunks that are not cached; neighbours come in one read. @param places ascending */
  async #cachedChunks<T>(
    kind: string,
    directory: ChunkDirectory,
    places: readonly number[],
    decode: (input: ByteReader, place: number) => { value: T; sizeBytes: number },
  ): Promise<T[]> {
    const keyOf = (place: number): string => `${this.file.path}!${kind}${place}`;
    const found = places.map((place) => this.#cache.get<T>(keyOf(place)));
    const missing = places.filter((_, i) => found[i] === undefined);
    if (missing.length === 0) return found as T[];
    const inputs = await this.file.chunks(directory, missing);
    const decoded = new Map<number, T>();
    for (const [i, place] of missing.entries()) {
      const { value, sizeBytes } = decode(inputs[i], place);
      this.#cache.put(keyOf(place), value, sizeBytes);
      decoded.set(place, value);
    }
    return places.map((place, i) => found[i] ?? decoded.get(place)!);
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

type Range = readonly [from: number, to: number];

/** Where a block, or a part of one, lies in its segment. */
interface BlockExtent {
  readonly footer: SegmentFooter;
  readonly index: number;
  readonly firstRow: number;
  readonly rowCount: number;
  readonly eventCount: number;
  readonly linkCount: number;
  /** trace row of the first row */
  readonly firstTrace: number;
}

function extentOf(footer: SegmentFooter, index: number): BlockExtent {
  const { blocks, blockRows, rowCount } = footer;
  const { traceRow, eventCount, linkCount } = blocks[index];
  const firstRow = index * blockRows;
  return {
    footer,
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
  readonly traces: Range;
  readonly spans: Range;
  readonly events: Range;
  readonly links: Range;
  /** entries of the parent id chunk */
  readonly orphans: Range;
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
  /** whether it is read for some of its rows, and decoded for them alone */
  readonly isPassing: boolean;
  readonly #footer: SegmentFooter;
  /** chunks that are not decoded yet */
  readonly #kept = new Map<number, ByteReader>();
  readonly #words = new Map<number, readonly Uint32Array[]>();
  readonly #numbers = new Map<number, Float64Array>();
  #tree: TreeEdges | undefined;
  #sizeBytes = 0;

  constructor(
    { footer, index, firstRow, rowCount, eventCount, linkCount, firstTrace }: BlockExtent,
    isPassing = false,
  ) {
    this.isPassing = isPassing;
    this.#footer = footer;
    this.index = index;
    this.firstRow = firstRow;
    this.rowCount = rowCount;
    this.eventCount = eventCount;
    this.linkCount = linkCount;
    this.firstTrace = firstTrace;
  }

  /** Some whole traces of this block, as views. Attribute columns and overflow stay behind. */
  part(rows: BlockPart): StoredBlock {
    const { traces, spans, events, links } = rows;
    const part = new StoredBlock({
      footer: this.#footer,
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
      const range = entriesOf(id, rows);
      if (range !== undefined)
        part.#words.set(
          id,
          lists.map((list) => list.subarray(...range)),
        );
    }
    const adjusted = this.#numbers.get(BlockChunk.adjustedCount);
    if (adjusted !== undefined) part.#numbers.set(BlockChunk.adjustedCount, adjusted.subarray(...spans));
    for (const [id, input] of this.#kept) {
      const range = entriesOf(id, rows);
      if (range !== undefined) part.#set(id, this.#lists(id, input.again(), range));
    }
    return part;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  levelRows(level: AttributeLevel): number {
    return level === 'span' ? this.rowCount : level === 'event' ? this.eventCount : this.linkCount;
  }

  has(id: number): boolean {
    if (id === BlockChunk.tree) return this.#tree !== undefined;
    return this.#words.has(id) || this.#numbers.has(id) || this.#kept.has(id);
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
    return this.#wordLists(id)?.[0] ?? new Uint32Array(count);
  }

  /** Low and high halves, or high and low ones: in the order stored. */
  pair(id: number, count: number): readonly [Uint32Array, Uint32Array] {
    const lists = this.#wordLists(id);
    return lists === undefined ? [new Uint32Array(count), new Uint32Array(count)] : [lists[0], lists[1]];
  }

  numbers(id: number): Float64Array | undefined {
    this.#decodeKept(id);
    return this.#numbers.get(id);
  }

  /** Values of an attribute or overflow chunk, those of `range` or all; `undefined` when it is absent, and all are 0. */
  values(id: number, range: Range | undefined): Uint32Array | Float64Array | undefined {
    const kept = this.#kept.get(id);
    if (kept !== undefined && range !== undefined) {
      const lists = this.#lists(id, kept.again(), range);
      return lists instanceof Float64Array ? lists : lists[0];
    }
    const list = this.#wordLists(id)?.[0] ?? this.#numbers.get(id);
    return range === undefined ? list : list?.subarray(...range);
  }

  get tree(): TreeEdges {
    return this.#tree ?? NO_EDGES;
  }

  decode(id: number, input: ByteReader): void {
    if (id === BlockChunk.tree) this.#tree = decodeTree(input, this.firstRow, this.rowCount);
    else this.#set(id, this.#lists(id, input));
  }

  /** Takes a chunk as it is, to decode what is asked of it. */
  keep(id: number, input: ByteReader): void {
    if (id === BlockChunk.tree) this.decode(id, input);
    else this.#kept.set(id, input);
  }

  #wordLists(id: number): readonly Uint32Array[] | undefined {
    this.#decodeKept(id);
    return this.#words.get(id);
  }

  #decodeKept(id: number): void {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    this.#kept.delete(id);
    this.decode(id, kept);
  }

  /** What a chunk of this block holds: entries `range` of each list, or all. */
  #lists(id: number, input: ByteReader, range?: Range): Float64Array | readonly Uint32Array[] {
    const words = (count: number): Uint32Array => decodeWords(input, count, range?.[0], range?.[1]);
    const numbers = (count: number): Float64Array => decodeNumbers(input, count, range?.[0], range?.[1]);
    const pair = (count: number): readonly Uint32Array[] => [words(count), words(count)];
    if (id === BlockChunk.adjustedCount) return numbers(this.rowCount);
    if (id >= BlockChunk.attribute) {
      const { level, type } = this.#columnOf(id, input);
      const count = input.count(this.levelRows(level));
      return isCoded(type) ? [words(count)] : numbers(count);
    }
    if (id === BlockChunk.parentId) return pair(input.count(this.rowCount));
    if (id === BlockChunk.eventTime) return pair(this.eventCount);
    if (id < BlockChunk.linkTraceId) return pair(this.rowCount);
    if (id < BlockChunk.template) return [words(this.linkCount)];
    if (id % 32 === BlockChunk.overflow % 32) return numbers(input.count(0xffff_ffff));
    return [words(this.levelRows(levels[(id >>> 5) - 1]))];
  }

  #columnOf(id: number, input: ByteReader): StoredColumn {
    let index = id - BlockChunk.attribute;
    for (const { columns } of this.#footer.levels) {
      const column = columns[index];
      if (column !== undefined) return column;
      index -= columns.length;
    }
    return input.fail(`chunk ${id} belongs to no column`);
  }

  #set(id: number, lists: Float64Array | readonly Uint32Array[]): void {
    if (lists instanceof Float64Array) {
      this.#numbers.set(id, lists);
      this.#sizeBytes += lists.byteLength;
    } else {
      this.#words.set(id, lists);
      for (const list of lists) this.#sizeBytes += list.byteLength;
    }
  }
}

/** Which entries of a chunk's lists belong to the part; `undefined` for values, which lie one after the other in the whole block. */
function entriesOf(id: number, { spans, events, links, orphans }: BlockPart): Range | undefined {
  if (id >= BlockChunk.attribute || (id >= BlockChunk.template && id % 32 === BlockChunk.overflow % 32))
    return undefined;
  if (id >= BlockChunk.template) return [spans, events, links][(id >>> 5) - 1];
  if (id === BlockChunk.parentId) return orphans;
  if (id === BlockChunk.eventTime) return events;
  return id >= BlockChunk.linkTraceId ? links : spans;
}
