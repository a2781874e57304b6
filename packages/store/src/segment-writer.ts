import { dirname } from 'node:path';
import { type UnixNano, unixNanoFromWords } from '@spoor/model';
import { encodeNumbers } from './column-numbers.ts';
import { encodeWords } from './column-words.ts';
import type { Disk } from './disk.ts';
import type { OrderedSpans } from './ordered-spans.ts';
import { ChunkFileWriter, type ChunkDirectory } from './segment-chunk.ts';
import { type BlockFooter, type SegmentFooter, type SegmentMeta, encodeFooter } from './segment-footer.ts';
import { BLOCK_ROWS, BlockChunk, DepthCode, SEGMENT_MAGIC, SideChunk, codedColumns } from './segment-layout.ts';
import { LevelWriter, writeDictionary, writeWords } from './segment-level-writer.ts';
import { CodePlaces } from './segment-code-places.ts';
import { type GatheredLevels, gatherLevels } from './segment-gather.ts';
import { encodeOwners } from './segment-owner-table.ts';
import { TableShapes } from './segment-shapes.ts';
import { collectStrings, writePages } from './segment-strings.ts';
import { type SpanTimes, durationWords, startWords } from './segment-times.ts';
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
  /** a column of one block at a time */
  readonly #low = new Uint32Array(BLOCK_ROWS);
  readonly #high = new Uint32Array(BLOCK_ROWS);

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
    const traceBlocks = this.#writeTraceBlocks(blockStart);
    const traceIds = writeTraceIdPages(this.#out, ordered.traces);
    const side = this.#writeSide(gathered, writers, dictionaries);
    const footer: SegmentFooter = {
      origin: this.#meta.origin,
      tenant: this.#meta.tenant ?? '',
      signal: this.#meta.signal ?? 0,
      rowCount,
      traceCount: ordered.traces.firstRow.length,
      blockRows: BLOCK_ROWS,
      ...timeRange(gathered.times, ordered.traces),
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
      this.#out.beginDirectory();
      this.#writeOwnChunks(gathered, blockStart[b], blockStart[b + 1], b);
      for (const writer of writers) writer.writeMembers(this.#out, b);
      eachWithBase(writers, (writer, columnBase) => writer.writeAttributes(this.#out, b, columnBase));
      const count = (level: number): number =>
        gathered.levels[level].blockStart[b + 1] - gathered.levels[level].blockStart[b];
      blocks.push({
        traceRow: this.#ordered.traceRow[blockStart[b]],
        eventCount: count(1),
        linkCount: count(2),
        chunks: this.#out.endDirectory(),
      });
      await this.#out.flush();
    }
    return blocks;
  }

  /** The columns of a block that no level writer handles. */
  #writeOwnChunks(gathered: GatheredLevels, first: number, last: number, block: number): void {
    const file = this.#out;
    const hasTree = encodeTree(file.beginChunk(), this.#ordered, gathered.spanIdHigh, gathered.spanIdLow, first, last);
    if (hasTree) file.endChunk(BlockChunk.tree);
    else file.dropChunk();
    const part = (words: Uint32Array): Uint32Array => words.subarray(first, last);
    writeWords(file, BlockChunk.spanId, part(gathered.spanIdHigh), part(gathered.spanIdLow));
    writeOrphanParents(file, gathered, first, last);
    const low = this.#low.subarray(0, last - first);
    const high = this.#high.subarray(0, last - first);
    startWords(this.#ordered, gathered.times, first, low, high);
    writeWords(file, BlockChunk.start, low, high);
    durationWords(this.#ordered, gathered.times, first, low, high);
    writeWords(file, BlockChunk.duration, low, high);
    const adjusted = gathered.adjustedCount.subarray(first, last);
    if (!areOnes(adjusted)) {
      encodeNumbers(file.beginChunk(), adjusted);
      file.endChunk(BlockChunk.adjustedCount);
    }
    const [, events, links] = gathered.levels;
    const event = (words: Uint32Array): Uint32Array =>
      words.subarray(events.blockStart[block], events.blockStart[block + 1]);
    const link = (words: Uint32Array): Uint32Array =>
      words.subarray(links.blockStart[block], links.blockStart[block + 1]);
    writeWords(file, BlockChunk.eventTime, event(gathered.eventTimeLow), event(gathered.eventTimeHigh));
    writeWords(file, BlockChunk.linkTraceId, link(gathered.coded.linkTraceId));
    writeWords(file, BlockChunk.linkSpanId, link(gathered.coded.linkSpanId));
  }

  #writeTraceBlocks(blockStart: Uint32Array): ChunkDirectory {
    this.#out.beginDirectory();
    for (let b = 0; b + 1 < blockStart.length; b++) {
      encodeTraceBlock(this.#out.beginChunk(), this.#ordered, blockStart[b], blockStart[b + 1]);
      this.#out.endChunk(b);
    }
    return this.#out.endDirectory();
  }

  #writeSide(
    gathered: GatheredLevels,
    writers: readonly LevelWriter[],
    dictionaries: readonly Uint32Array[],
  ): ChunkDirectory {
    const file = this.#out;
    file.beginDirectory();
    encodeOwners(file.beginChunk(), gathered.resources);
    file.endChunk(SideChunk.resources);
    encodeOwners(file.beginChunk(), gathered.scopes);
    file.endChunk(SideChunk.scopes);
    for (const writer of writers) writer.writeTables(file, 'shapes');
    for (const writer of writers) writer.writeTables(file, 'templates');
    for (const [i, codes] of dictionaries.entries()) writeDictionary(file, SideChunk.codedDictionary + i, codes);
    eachWithBase(writers, (writer, columnBase) => writer.writeDictionaries(file, columnBase));
    return file.endDirectory();
  }
}

/** Calls back with the number of columns of the levels before. */
function eachWithBase(writers: readonly LevelWriter[], visit: (writer: LevelWriter, columnBase: number) => void): void {
  let columnBase = 0;
  for (const writer of writers) {
    visit(writer, columnBase);
    columnBase += writer.footer.columns.length;
  }
}

function areOnes(counts: Float64Array): boolean {
  for (let i = 0; i < counts.length; i++) if (counts[i] !== 1) return false;
  return true;
}

/** Parent ids of the spans whose parent is not in the segment. */
function writeOrphanParents(
  file: ChunkFileWriter,
  { depthCode, parentHigh, parentLow }: GatheredLevels,
  first: number,
  last: number,
): void {
  let count = 0;
  for (let row = first; row < last; row++) if (depthCode[row] === DepthCode.orphan) count++;
  if (count === 0) return;
  const high = new Uint32Array(count);
  const low = new Uint32Array(count);
  let at = 0;
  for (let row = first; row < last; row++) {
    if (depthCode[row] !== DepthCode.orphan) continue;
    high[at] = parentHigh[row];
    low[at++] = parentLow[row];
  }
  const out = file.beginChunk();
  out.varint(count);
  encodeWords(out, high);
  encodeWords(out, low);
  file.endChunk(BlockChunk.parentId);
}

/** Of no spans: a range that begins after it ends. */
function timeRange(
  { startLow, startHigh }: SpanTimes,
  { endLow, endHigh }: OrderedSpans['traces'],
): Pick<SegmentFooter, 'startMin' | 'startMax' | 'endMax'> {
  const [first, last, end] = [earliest(startLow, startHigh), latest(startLow, startHigh), latest(endLow, endHigh)];
  return {
    startMin: unixNanoFromWords(startLow[first] ?? 0xffff_ffff, startHigh[first] ?? 0xffff_ffff),
    startMax: unixNanoFromWords(startLow[last] ?? 0, startHigh[last] ?? 0),
    endMax: unixNanoFromWords(endLow[end] ?? 0, endHigh[end] ?? 0),
  };
}

/** Place of the earliest time. */
function earliest(low: Uint32Array, high: Uint32Array): number {
  let at = 0;
  for (let i = 1; i < low.length; i++) if (high[i] < high[at] || (high[i] === high[at] && low[i] < low[at])) at = i;
  return at;
}

/** Place of the latest time. */
function latest(low: Uint32Array, high: Uint32Array): number {
  let at = 0;
  for (let i = 1; i < low.length; i++) if (high[i] > high[at] || (high[i] === high[at] && low[i] > low[at])) at = i;
  return at;
}
