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

/** Fills in low and high halves for rows [first, first + low.length). */
export function startWords(
  { traceRow, traces }: OrderedSpans,
  times: SpanTimes,
  first: number,
  low: Uint32Array,
  high: Uint32Array,
): void {
  const last = first + low.length;
  for (let row = first; row < last; row++) {
    const trace = traceRow[row];
    const a = times.startLow[row];
    const b = traces.startLow[trace];
    low[row - first] = a - b;
    high[row - first] = times.startHigh[row] - traces.startHigh[trace] - (a < b ? 1 : 0);
  }
}

/** As {@link startWords}. */
export function durationWords(
  { traceRow, traces }: OrderedSpans,
  times: SpanTimes,
  first: number,
  low: Uint32Array,
  high: Uint32Array,
): void {
  const last = first + low.length;
  for (let row = first; row < last; row++) {
    const a = times.endLow[row];
    const b = times.startLow[row];
    let durationLow = (a - b) >>> 0;
    let durationHigh = (times.endHigh[row] - times.startHigh[row] - (a < b ? 1 : 0)) >>> 0;
    const trace = traceRow[row];
    if (traces.firstRow[trace] === row) {
      const traceLow = traceDurationLow(traces, trace);
      const traceHigh = traceDurationHigh(traces, trace);
      durationHigh = traceHigh - durationHigh - (traceLow < durationLow ? 1 : 0);
      durationLow = traceLow - durationLow;
    }
    low[row - first] = durationLow;
    high[row - first] = durationHigh;
  }
}

/** Low half of a trace's end − its start. Two functions, since a pair would be an object a trace. */
export function traceDurationLow(traces: OrderedSpans['traces'], trace: number): number {
  return (traces.endLow[trace] - traces.startLow[trace]) >>> 0;
}

export function traceDurationHigh(traces: OrderedSpans['traces'], trace: number): number {
  const borrow = traces.endLow[trace] < traces.startLow[trace] ? 1 : 0;
  return (traces.endHigh[trace] - traces.startHigh[trace] - borrow) >>> 0;
}
