import type { ColumnSource, TraceColumns } from '@spoor/store';
import { BlockScan, blockCountOf } from './block-scan.ts';
import { compareWords } from './long-words.ts';
import type { TurnTaker } from './turn-taker.ts';

/** Earliest start and latest end of what a source has of each trace, by trace row. */
export type TraceTimes = Pick<TraceColumns, 'startLow' | 'startHigh' | 'endLow' | 'endHigh'>;

/** When fewer than one trace in so many is asked for, their spans are looked up rather than all spans read. */
const SPARSE = 16;

/**
 * The times of a source's traces, as they are asked for. An ordered source knows them; in others they are
 * read from the spans.
 */
export class TraceTimesReader {
  readonly #source: ColumnSource;
  readonly #turns: TurnTaker;
  #times: TraceTimes | undefined;
  /** 1 for the trace rows whose times are there */
  #known: Uint8Array | undefined;

  constructor(source: ColumnSource, turns: TurnTaker) {
    this.#source = source;
    this.#turns = turns;
  }

  /** Valid for the given trace rows, and for those of earlier calls. */
  async of(traceRows: Uint32Array): Promise<TraceTimes> {
    if (this.#source.isOrdered) return this.#source.traces();
    const times = (this.#times ??= noTimes(this.#source.traceCount));
    const known = (this.#known ??= new Uint8Array(this.#source.traceCount));
    const unknown = traceRows.filter((trace) => known[trace] === 0);
    if (unknown.length === 0) return times;
    if (SPARSE * unknown.length < this.#source.traceCount) {
      await this.#lookUp(unknown, times);
      for (const trace of unknown) known[trace] = 1;
    } else {
      await this.#readAll(times);
      known.fill(1);
    }
    return times;
  }

  async #lookUp(traceRows: Uint32Array, times: TraceTimes): Promise<void> {
    const scans = new Map<number, BlockScan>();
    for (const id of await this.#source.traceIds(traceRows)) {
      await this.#turns.turn();
      for (const row of await this.#source.findTrace(id)) {
        const b = Math.floor(row / this.#source.blockRows);
        let scan = scans.get(b);
        if (scan === undefined) scans.set(b, (scan = new BlockScan(this.#source, b, this.#turns.signal)));
        await addRows(scan, row - scan.firstRow, row - scan.firstRow + 1, times);
      }
    }
  }

  async #readAll(times: TraceTimes): Promise<void> {
    for (let b = 0; b < blockCountOf(this.#source); b++) {
      await this.#turns.turn();
      const scan = new BlockScan(this.#source, b, this.#turns.signal);
      await addRows(scan, 0, scan.rowCount, times);
    }
  }
}

function noTimes(traceCount: number): TraceTimes {
  return {
    startLow: new Uint32Array(traceCount).fill(0xffff_ffff),
    startHigh: new Uint32Array(traceCount).fill(0xffff_ffff),
    endLow: new Uint32Array(traceCount),
    endHigh: new Uint32Array(traceCount),
  };
}

/** Widens the times by the block's rows [begin, end). */
async function addRows(scan: BlockScan, begin: number, end: number, times: TraceTimes): Promise<void> {
  const traceRow = await scan.words('traceRow');
  const startLow = await scan.words('startLow');
  const startHigh = await scan.words('startHigh');
  const endLow = await scan.words('endLow');
  const endHigh = await scan.words('endHigh');
  for (let i = begin; i < end; i++) {
    const trace = traceRow[i];
    if (compareWords(startLow[i], startHigh[i], times.startLow[trace], times.startHigh[trace]) < 0) {
      times.startLow[trace] = startLow[i];
      times.startHigh[trace] = startHigh[i];
    }
    // A span that ends before it starts ends at its start, as in ordered sources.
    const isBackwards = compareWords(endLow[i], endHigh[i], startLow[i], startHigh[i]) < 0;
    const low = isBackwards ? startLow[i] : endLow[i];
    const high = isBackwards ? startHigh[i] : endHigh[i];
    if (compareWords(low, high, times.endLow[trace], times.endHigh[trace]) > 0) {
      times.endLow[trace] = low;
      times.endHigh[trace] = high;
    }
  }
}
