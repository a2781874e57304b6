import type { ColumnSource, NumberColumn, WordColumn } from '@spoor/store';
import { BlockScan, blockCountOf } from './block-scan.ts';
import { addRows, isEmpty, keepRows } from './row-mask.ts';
import type { TurnTaker } from './turn-taker.ts';

/** Rows of a whole source: one byte a row, 0 or 1. */
export type SourceRows = Uint8Array;

/** Calls `visit` for each block that has some of the rows. */
export async function forEachBlockOf(
  source: ColumnSource,
  rows: SourceRows,
  turns: TurnTaker,
  visit: (scan: BlockScan) => Promise<void>,
  direction: 'forwards' | 'backwards' = 'forwards',
): Promise<void> {
  const count = blockCountOf(source);
  for (let k = 0; k < count; k++) {
    const b = direction === 'forwards' ? k : count - 1 - k;
    const first = b * source.blockRows;
    if (isEmpty(rows.subarray(first, first + source.blockRows))) continue;
    await turns.turn();
    const scan = new BlockScan(source, b, turns.signal);
    await visit(scan);
    turns.meter.add(scan);
  }
}

/** A column of the whole source. Only blocks that have some of the rows are read; the others' entries are `absent`. */
export async function columnAt(
  source: ColumnSource,
  column: WordColumn,
  rows: SourceRows,
  turns: TurnTaker,
  absent = 0,
): Promise<Uint32Array> {
  const words = new Uint32Array(source.rowCount);
  if (absent !== 0) words.fill(absent);
  await forEachBlockOf(source, rows, turns, async (scan) => {
    const block = await scan.words(column);
    words.set(block.subarray(0, scan.rowCount), scan.firstRow);
  });
  return words;
}

/** A column of the whole source. */
export async function columnOfRows(source: ColumnSource, column: WordColumn, turns: TurnTaker): Promise<Uint32Array> {
  const words = new Uint32Array(source.rowCount);
  for (let b = 0; b < blockCountOf(source); b++) {
    await turns.turn();
    const scan = new BlockScan(source, b, turns.signal);
    words.set(await scan.words(column), scan.firstRow);
  }
  return words;
}

/** As {@link columnOfRows}, of a column of numbers. */
export async function numbersOfRows(
  source: ColumnSource,
  column: NumberColumn,
  turns: TurnTaker,
): Promise<Float64Array> {
  const numbers = new Float64Array(source.rowCount);
  for (let b = 0; b < blockCountOf(source); b++) {
    await turns.turn();
    const scan = new BlockScan(source, b, turns.signal);
    numbers.set(await scan.numbers(column), scan.firstRow);
  }
  return numbers;
}

export function rowsOfEither(a: SourceRows, b: SourceRows): SourceRows {
  const rows = a.slice();
  addRows(rows, b);
  return rows;
}

export function rowsOfBoth(a: SourceRows, b: SourceRows): SourceRows {
  const rows = a.slice();
  keepRows(rows, b);
  return rows;
}
