import type { OrderedSpans } from './ordered-spans.ts';

/*
 * Times are 64-bit words in two halves; differences are modulo 2^64, so any time survives, ordered or not.
 *
 *     start     of a span     − start of its trace
 *     duration  of a span     = end − start; for the first row of a trace, trace duration − that, which is mostly 0
 */

export interface SpanTimes {
  readonly startLow: Uint32Array;
  readonly startHigh: Uint32Array;
  readonly endLow: Uint32Array;
  readonly endHigh: Uint32Array;
}

/** low and high halves of a − b per entry of `out` */
export function startWords(
  { traceRow, traces }: OrderedSpans,
  times: SpanTimes,
  first: number,
  last: number,
): [Uint32Array, Uint32Array] {
  const low = new Uint32Array(last - first);
  const high = new Uint32Array(last - first);
  for (let row = first; row < last; row++) {
    const trace = traceRow[row];
    const a = times.startLow[row];
    const b = traces.startLow[trace];
    low[row - first] = a - b;
    high[row - first] = times.startHigh[row] - traces.startHigh[trace] - (a < b ? 1 : 0);
  }
  return [low, high];
}

export function durationWords(
  { traceRow, traces }: OrderedSpans,
  times: SpanTimes,
  first: number,
  last: number,
): [Uint32Array, Uint32Array] {
  const low = new Uint32Array(last - first);
  const high = new Uint32Array(last - first);
  for (let row = first; row < last; row++) {
    const a = times.endLow[row];
    const b = times.startLow[row];
    let durationLow = (a - b) >>> 0;
    let durationHigh = (times.endHigh[row] - times.startHigh[row] - (a < b ? 1 : 0)) >>> 0;
    const trace = traceRow[row];
    if (traces.firstRow[trace] === row) {
      const [traceLow, traceHigh] = traceDuration(traces, trace);
      durationHigh = traceHigh - durationHigh - (traceLow < durationLow ? 1 : 0);
      durationLow = traceLow - durationLow;
    }
    low[row - first] = durationLow;
    high[row - first] = durationHigh;
  }
  return [low, high];
}

export function traceDuration(traces: OrderedSpans['traces'], trace: number): [number, number] {
  const end = traces.endLow[trace];
  const start = traces.startLow[trace];
  return [(end - start) >>> 0, (traces.endHigh[trace] - traces.startHigh[trace] - (end < start ? 1 : 0)) >>> 0];
}
