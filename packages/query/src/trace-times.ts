import type { ColumnSource } from '@spoor/store';
import { BlockScan, blockCountOf } from './block-scan.ts';
import { compareWords } from './long-words.ts';
import type { TurnTaker } from './turn-taker.ts';

/** Earliest start and latest end of what a source has of each trace, by trace row. */
export interface TraceTimes {
  readonly startLow: Uint32Array;
  readonly startHigh: Uint32Array;
  readonly endLow: Uint32Array;
  readonly endHigh: Uint32Array;
}

/** Ordered sources know them; of others the times of all spans are read. */
export async function traceTimes(source: ColumnSource, turns: TurnTaker): Promise<TraceTimes> {
  if (source.isOrdered) return source.traces();
  const times: TraceTimes = {
    startLow: new Uint32Array(source.traceCount).fill(0xffff_ffff),
    startHigh: new Uint32Array(source.traceCount).fill(0xffff_ffff),
    endLow: new Uint32Array(source.traceCount),
    endHigh: new Uint32Array(source.traceCount),
  };
  const blockCount = blockCountOf(source);
  for (let b = 0; b < blockCount; b++) {
    await turns.turn();
    await addBlock(new BlockScan(source, b, turns.signal), times);
  }
  return times;
}

async function addBlock(scan: BlockScan, times: TraceTimes): Promise<void> {
  const traceRow = await scan.words('traceRow');
  const startLow = await scan.words('startLow');
  const startHigh = await scan.words('startHigh');
  const endLow = await scan.words('endLow');
  const endHigh = await scan.words('endHigh');
  for (let i = 0; i < scan.rowCount; i++) {
    const trace = traceRow[i];
    if (compareWords(startLow[i], startHigh[i], times.startLow[trace], times.startHigh[trace]) < 0) {
      times.startLow[trace] = startLow[i]!;
      times.startHigh[trace] = startHigh[i]!;
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
