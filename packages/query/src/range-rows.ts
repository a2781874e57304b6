import type { ColumnSource } from '@spoor/store';
import type { BlockScan } from './block-scan.ts';
import { compareWords } from './long-words.ts';
import { startsInside } from './query-sources.ts';
import { allRows, type RowMask } from './row-mask.ts';
import type { TimeRange } from './trace-store.ts';

/** Gives the rows of a block whose span starts in the range, both bounds included. Masks may be shared: only to be read. */
export function rowsInRange(source: ColumnSource, range: TimeRange): (scan: BlockScan) => Promise<RowMask> {
  if (startsInside(source, range)) {
    const all = allRows(source.blockRows);
    return async (scan) => (scan.rowCount === all.length ? all : allRows(scan.rowCount));
  }
  const [minLow, minHigh] = wordsOf(range.start ?? 0n);
  const [maxLow, maxHigh] = wordsOf(range.end ?? 0xffff_ffff_ffff_ffffn);
  return async (scan) => {
    const low = await scan.words('startLow');
    const high = await scan.words('startHigh');
    const rows = new Uint8Array(scan.rowCount);
    for (let i = 0; i < rows.length; i++) {
      const isIn =
        compareWords(low[i], high[i], minLow, minHigh) >= 0 && compareWords(low[i], high[i], maxLow, maxHigh) <= 0;
      rows[i] = isIn ? 1 : 0;
    }
    return rows;
  };
}

function wordsOf(time: bigint): readonly [number, number] {
  return [Number(time & 0xffff_ffffn), Number(BigInt.asUintN(64, time) >> 32n)];
}
