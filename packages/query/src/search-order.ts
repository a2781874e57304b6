import { parseTraceId, QueryError, type TraceId } from '@spoor/model';
import { differenceOfWords, joinWords } from './long-words.ts';
import type { TraceTimes } from './trace-times.ts';

/** Newest: by trace start, latest first. Longest: by trace duration, longest first. Ties by trace id, ascending. */
export type SearchOrder = 'newest' | 'longest';

/** A trace's place in an answer. `key` is nanoseconds: start or duration. */
export interface Place {
  readonly key: bigint;
  readonly traceId: TraceId;
}

export function comparePlaces(a: Place, b: Place): number {
  if (a.key !== b.key) return a.key > b.key ? -1 : 1;
  return a.traceId < b.traceId ? -1 : a.traceId > b.traceId ? 1 : 0;
}

export function orderKey(order: SearchOrder, times: TraceTimes, trace: number): bigint {
  const start = joinWords(times.startLow[trace], times.startHigh[trace]);
  if (order === 'newest') return start;
  const end = joinWords(times.endLow[trace], times.endHigh[trace]);
  return end > start ? end - start : 0n;
}

/** `Number(orderKey(…))` without the bigint: lossy, but never the other way round. */
export function roundedKey(order: SearchOrder, times: TraceTimes, trace: number): number {
  const startLow = times.startLow[trace];
  const startHigh = times.startHigh[trace];
  if (order === 'newest') return startHigh * 2 ** 32 + startLow;
  return Math.max(0, differenceOfWords(times.endLow[trace], times.endHigh[trace], startLow, startHigh));
}

/** Order and place of the last trace of an answer, as opaque text. */
export function encodeCursor(order: SearchOrder, { key, traceId }: Place): string {
  return Buffer.from(`${order} ${key} ${traceId}`).toString('base64url');
}

/** @throws {QueryError} `QUERY_INVALID` when the cursor is not one of ours or of another order */
export function decodeCursor(order: SearchOrder, cursor: string): Place {
  const parts = /^(newest|longest) (\d{1,20}) ([0-9a-f]{32})$/.exec(
    Buffer.from(cursor, 'base64url').toString('latin1'),
  );
  const traceId = parts === null ? undefined : parseTraceId(parts[3]);
  if (parts === null || traceId === undefined || parts[1] !== order) {
    throw new QueryError(
      'QUERY_INVALID',
      `the cursor ${JSON.stringify(cursor)} is not of an earlier answer of this search`,
    );
  }
  return { key: BigInt(parts[2]), traceId };
}

/** The `count`-th largest of the numbers; −∞ when there are fewer. */
export function nthLargest(numbers: ArrayLike<number>, count: number): number {
  if (numbers.length < count) return Number.NEGATIVE_INFINITY;
  // A heap of the `count` largest so far, the smallest of them on top: nearly every number is refused by one comparison.
  const heap = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < numbers.length; i++) {
    if (numbers[i] > heap[0]) sinkFromTop(heap, numbers[i]);
  }
  return heap[0];
}

function sinkFromTop(heap: Float64Array, value: number): void {
  let at = 0;
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && heap[child + 1] < heap[child]) child++;
    if (heap[child] >= value) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = value;
}
