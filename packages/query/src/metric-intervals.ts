import { limits, QueryError, unixNano, type UnixNano } from '@spoor/model';
import type { TraceColumns } from '@spoor/store';
import type { BlockScan } from './block-scan.ts';
import type { BlockRows } from './field-numbers.ts';
import { compareWords, joinWords } from './long-words.ts';
import { ScratchWords } from './scratch-words.ts';
import type { MetricsRequest, TimeRange } from './trace-store.ts';

/** Differences of times are exact below. */
const EXACT_NANO = 2n ** 53n;

/** The intervals of a metrics query: interval i is (start + (i − 1) step, start + i step]. */
export class MetricIntervals {
  readonly count: number;
  /** span starts that lie in some interval */
  readonly range: TimeRange;
  readonly stepSeconds: number;
  readonly #stepNano: bigint;
  readonly #scratch = new ScratchWords();
  /** the first start in range */
  readonly #origin: bigint;
  readonly #originLow: number;
  readonly #originHigh: number;
  readonly #step: number;
  /** whether differences of times in range are exact as numbers */
  readonly #isExact: boolean;

  /** @throws {QueryError} `QUERY_INVALID` for a step or an end that makes no sense, `QUERY_LIMIT` for too many intervals */
  constructor({ start, end, stepNano }: Pick<MetricsRequest, 'start' | 'end' | 'stepNano'>) {
    if (stepNano <= 0n) throw new QueryError('QUERY_INVALID', 'the step of a metrics query must be greater than 0');
    if (end < start) throw new QueryError('QUERY_INVALID', 'a metrics query must not end before it starts');
    const count = (end - start) / stepNano + 1n;
    if (count > limits.metricsIntervalsMax) {
      const message = `${count} intervals are more than ${limits.metricsIntervalsMax}: take a longer step`;
      throw new QueryError('QUERY_LIMIT', message);
    }
    this.count = Number(count);
    this.#stepNano = stepNano;
    this.stepSeconds = Number(stepNano) / 1e9;
    this.#origin = start - stepNano + 1n;
    this.#originLow = Number(BigInt.asUintN(32, this.#origin));
    this.#originHigh = Number(this.#origin >> 32n);
    this.#step = Number(stepNano);
    this.#isExact = (count + 1n) * stepNano < EXACT_NANO;
    const last = start + (count - 1n) * stepNano;
    const first = this.#origin > 0n ? this.#origin : 0n;
    this.range = { start: first as UnixNano, end: unixNano(last) };
  }

  /** The interval of a time in range. */
  at(time: bigint): number {
    return Number((time - this.#origin) / this.#stepNano);
  }

  /** The interval that each of the rows starts in, all of them in range, in an array that is valid until the next call. */
  async of({ scan, rows }: BlockRows): Promise<Uint32Array> {
    const out = this.#scratch.take(rows.length);
    if (this.count === 1) return out.fill(0);
    if (scan.source.isOrdered) {
      const traces = await scan.source.traces();
      const shared = this.#sharedBy(scan, traces);
      if (shared !== undefined) return out.fill(shared);
      if (this.#isExact && this.#fillByTraces(scan, rows, traces, out)) return out;
    }
    const low = await scan.words('startLow');
    const high = await scan.words('startHigh');
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      out[i] = this.#isExact ? this.#quotient(low[row], high[row]) : this.at(joinWords(low[row], high[row]));
    }
    return out;
  }

  /** The interval of a time, with a fraction; only where differences are exact. */
  #quotient(low: number, high: number): number {
    // The quotient of two integers below 2^53 is never rounded up to the next integer.
    return ((high - this.#originHigh) * 2 ** 32 + (low - this.#originLow)) / this.#step;
  }

  /** Fills in the intervals of rows whose traces begin and end in one each. @returns false when some trace does not */
  #fillByTraces({ firstRow }: BlockScan, rows: Uint32Array, traces: TraceColumns, out: Uint32Array): boolean {
    let trace = -1;
    let endRow = 0;
    let interval = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = firstRow + rows[i];
      if (row >= endRow) {
        trace = trace < 0 ? lastUpTo(traces.firstRow, row) : trace + 1;
        while (row >= traces.firstRow[trace] + traces.spanCount[trace]) trace++;
        endRow = traces.firstRow[trace] + traces.spanCount[trace];
        interval = Math.floor(this.#quotient(traces.startLow[trace], traces.startHigh[trace]));
        const last = Math.floor(this.#quotient(traces.endLow[trace], traces.endHigh[trace]));
        if (interval < 0 || interval !== last) return false;
      }
      out[i] = interval;
    }
    return true;
  }

  /** The interval that all rows of a block start in; `undefined` when there may be several. Reads no column of rows. */
  #sharedBy({ firstRow, rowCount }: BlockScan, traces: TraceColumns): number | undefined {
    const first = lastUpTo(traces.firstRow, firstRow);
    const start = joinWords(traces.startLow[first], traces.startHigh[first]);
    let endLow = 0;
    let endHigh = 0;
    for (let trace = first; trace < traces.firstRow.length && traces.firstRow[trace] < firstRow + rowCount; trace++) {
      if (compareWords(traces.endLow[trace], traces.endHigh[trace], endLow, endHigh) <= 0) continue;
      endLow = traces.endLow[trace]!;
      endHigh = traces.endHigh[trace]!;
    }
    // Traces are in the order of their starts, and no span starts after its trace has ended.
    if (start < this.#origin) return undefined;
    const interval = this.at(start);
    return interval < this.count && interval === this.at(joinWords(endLow, endHigh)) ? interval : undefined;
  }
}

/** Position of the last number that is not above `most`, in ascending numbers of which the first is not. */
export function lastUpTo(numbers: Uint32Array, most: number): number {
  let low = 0;
  let high = numbers.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (numbers[middle] <= most) low = middle;
    else high = middle - 1;
  }
  return low;
}
