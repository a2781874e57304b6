import type { ByteReader, ByteWriter } from './column-bytes.ts';
import { NO_ROW, type TraceColumns } from './column-source.ts';
import { decodeWords, encodeWords } from './column-words.ts';
import type { OrderedSpans } from './ordered-spans.ts';
import { type ChunkDirectory, type ChunkFileWriter, gapsOf, sumGaps } from './segment-chunk.ts';
import { TRACE_ID_PAGE } from './segment-layout.ts';
import { traceDurationHigh, traceDurationLow } from './segment-times.ts';

/**
 * The traces of one row block, or the parts of them that lie in it: entry p is trace `traceRow + p` of the block's
 * footer. A trace that goes on in the next block has an entry there too, with the same times.
 */
export interface TraceBlock {
  readonly count: number;
  /** rows of this block */
  readonly rowCount: Uint32Array;
  readonly startLow: Uint32Array;
  readonly startHigh: Uint32Array;
  /** modulo 2^64 */
  readonly durationLow: Uint32Array;
  readonly durationHigh: Uint32Array;
  /** spans with status error in the whole trace; 0 when it goes on from the block before */
  readonly errorCount: Uint32Array;
  /** 0 when the trace has no root or goes on from the block before, else root row − first row + 1 */
  readonly root: Uint32Array;
  /** 1 when the first entry goes on from the block before */
  readonly isContinued: number;
}

/**
 *     count:varint  isContinued:u8  first start low:u32 high:u32
 *     rowCount:words  start gap low:words high:words  duration low:words high:words  errorCount:words  root:words
 */
export function encodeTraceBlock(out: ByteWriter, ordered: OrderedSpans, first: number, last: number): void {
  const { traceRow, traces } = ordered;
  const trace0 = traceRow[first];
  const count = traceRow[last - 1] - trace0 + 1;
  const isContinued = traces.firstRow[trace0] < first ? 1 : 0;
  const columns = Array.from({ length: 7 }, () => new Uint32Array(count));
  const [rowCount, gapLow, gapHigh, durationLow, durationHigh, errorCount, root] = columns as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  for (let p = 0; p < count; p++) {
    const trace = trace0 + p;
    const from = Math.max(first, traces.firstRow[trace]);
    rowCount[p] = Math.min(last, traces.firstRow[trace] + traces.spanCount[trace]) - from;
    if (p > 0) {
      const a = traces.startLow[trace];
      const b = traces.startLow[trace - 1];
      gapLow[p] = a - b;
      gapHigh[p] = traces.startHigh[trace] - traces.startHigh[trace - 1] - (a < b ? 1 : 0);
    }
    durationLow[p] = traceDurationLow(traces, trace);
    durationHigh[p] = traceDurationHigh(traces, trace);
    if (p === 0 && isContinued === 1) continue;
    errorCount[p] = traces.errorCount[trace]!;
    root[p] = traces.rootRow[trace] === NO_ROW ? 0 : traces.rootRow[trace] - traces.firstRow[trace] + 1;
  }
  out.varint(count);
  out.u8(isContinued);
  out.u32(traces.startLow[trace0]);
  out.u32(traces.startHigh[trace0]);
  for (const column of columns) encodeWords(out, column);
}

/** @param blockRows rows of the block, which the entries must cover */
export function decodeTraceBlock(input: ByteReader, blockRows: number): TraceBlock {
  const count = input.count(blockRows);
  const isContinued = input.u8();
  let [low, high] = [input.u32(), input.u32()];
  const rowCount = decodeWords(input, count);
  if (rowCount.reduce((sum, rows) => sum + rows, 0) !== blockRows) input.fail('the traces do not cover their block');
  const [startLow, startHigh] = [decodeWords(input, count), decodeWords(input, count)];
  for (let p = 0; p < count; p++) {
    const sum = low + startLow[p];
    high = (high + startHigh[p] + (sum > 0xffff_ffff ? 1 : 0)) >>> 0;
    low = sum >>> 0;
    startLow[p] = low;
    startHigh[p] = high;
  }
  const [durationLow, durationHigh, errorCount, root] = [
    decodeWords(input, count),
    decodeWords(input, count),
    decodeWords(input, count),
    decodeWords(input, count),
  ];
  return { count, rowCount, startLow, startHigh, durationLow, durationHigh, errorCount, root, isContinued };
}

/** Entries [from, to), as views. */
export function partOfTraces(block: TraceBlock, [from, to]: readonly [number, number]): TraceBlock {
  return {
    count: to - from,
    rowCount: block.rowCount.subarray(from, to),
    startLow: block.startLow.subarray(from, to),
    startHigh: block.startHigh.subarray(from, to),
    durationLow: block.durationLow.subarray(from, to),
    durationHigh: block.durationHigh.subarray(from, to),
    errorCount: block.errorCount.subarray(from, to),
    root: block.root.subarray(from, to),
    isContinued: from === 0 ? block.isContinued : 0,
  };
}

/**
 * Writes the ids in ascending order, {@link TRACE_ID_PAGE} a page:
 *
 *     word 0 gaps:words  word 1:words  word 2:words  word 3:words  trace row:words
 */
export function writeTraceIdPages(
  file: ChunkFileWriter,
  { id, firstRow }: TraceColumns,
): { pages: ChunkDirectory; first: Uint32Array } {
  const order = sortedTraces(id, firstRow.length);
  const first: number[] = [];
  const scratch = new Uint32Array(TRACE_ID_PAGE);
  file.beginDirectory();
  for (let from = 0; from < order.length; from += TRACE_ID_PAGE) {
    const page = order.subarray(from, from + TRACE_ID_PAGE);
    const words = scratch.subarray(0, page.length);
    const out = file.beginChunk();
    for (let w = 0; w < 4; w++) {
      copyWord(id, page, w, words);
      first.push(words[0]);
      encodeWords(out, w === 0 ? gapsOf(words) : words);
    }
    encodeWords(out, page);
    file.endChunk(from / TRACE_ID_PAGE);
  }
  return { pages: file.endDirectory(), first: Uint32Array.from(first) };
}

function copyWord(id: Uint32Array, traces: Uint32Array, word: number, to: Uint32Array): void {
  for (let i = 0; i < traces.length; i++) to[i] = id[4 * traces[i] + word]!;
}

export interface TraceIdPage {
  readonly words: readonly [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  readonly traceRow: Uint32Array;
}

export function decodeTraceIdPage(input: ByteReader, count: number): TraceIdPage {
  const word0 = sumGaps(decodeWords(input, count));
  return {
    words: [word0, decodeWords(input, count), decodeWords(input, count), decodeWords(input, count)],
    traceRow: decodeWords(input, count),
  };
}

/** Compares entry `index` of four-word ids with an id of four words. */
export function compareTraceId(words: (word: number) => number, id: Uint32Array): number {
  for (let w = 0; w < 4; w++) {
    const difference = words(w) - id[w];
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Trace rows by id. The first word and the row share one double, which the engine sorts natively (80 ns an id). */
function sortedTraces(id: Uint32Array, count: number): Uint32Array {
  const compare = (a: number, b: number): number => compareTraceId((w) => id[4 * a + w], id.subarray(4 * b, 4 * b + 4));
  const order = Uint32Array.from({ length: count }, (_, trace) => trace);
  if (count > ROWS_IN_KEY) return order.sort(compare);
  const keys = new Float64Array(count);
  for (let trace = 0; trace < count; trace++) keys[trace] = id[4 * trace] * ROWS_IN_KEY + trace;
  keys.sort();
  for (let i = 0; i < count; i++) order[i] = keys[i] % ROWS_IN_KEY;
  for (let i = 0; i < count;) {
    const first = i++;
    while (i < count && id[4 * order[i]] === id[4 * order[first]]) i++;
    if (i - first > 1) order.subarray(first, i).sort(compare);
  }
  return order;
}

const ROWS_IN_KEY = 2 ** 21;
