import { serviceName } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import { BlockScan, blockCountOf } from './block-scan.ts';
import { startsInside } from './query-sources.ts';
import { rowsInRange } from './range-rows.ts';
import { flagPointers, type RowMask } from './row-mask.ts';
import type { SourceMemo } from './source-memo.ts';
import type { TimeRange } from './trace-store.ts';
import type { TurnTaker } from './turn-taker.ts';

/** Calls `visit` for each block that has spans starting in the range, with the mask of these. */
export async function forEachBlock(
  source: ColumnSource,
  range: TimeRange,
  turns: TurnTaker,
  visit: (scan: BlockScan, rows: RowMask) => Promise<void>,
): Promise<void> {
  const inRange = rowsInRange(source, range);
  const blockCount = blockCountOf(source);
  for (let b = 0; b < blockCount; b++) {
    await turns.turn();
    const scan = new BlockScan(source, b, turns.signal);
    const rows = await inRange(scan);
    if (rows.includes(1)) await visit(scan, rows);
  }
}

/** Spans that start in a range, all or those of one service. */
export interface RowsAsked extends TimeRange {
  readonly service?: string | undefined;
}

/** Like {@link forEachBlock}, with only the spans of one service when one is given. */
export async function forEachBlockOfService(
  source: ColumnSource,
  request: RowsAsked,
  turns: TurnTaker,
  visit: (scan: BlockScan, rows: RowMask) => Promise<void>,
): Promise<void> {
  const { service } = request;
  if (service === undefined) return forEachBlock(source, request, turns, visit);
  const isOfService = Uint8Array.from(await source.resources(), (one) => (serviceName(one) === service ? 1 : 0));
  if (!isOfService.includes(1)) return;
  await forEachBlock(source, request, turns, async (scan, inRange) => {
    const resource = await scan.words('resource');
    const rows = inRange.map((row, i) => row & isOfService[resource[i]]);
    if (rows.includes(1)) await visit(scan, rows);
  });
}

/** 1 for the resource or scope rows that some span in the range points to. */
export async function usedRows(
  source: ColumnSource,
  pointer: 'resource' | 'scope',
  range: RowsAsked,
  turns: TurnTaker,
  memo: SourceMemo | undefined,
): Promise<Uint8Array> {
  const find = async (): Promise<Uint8Array> => {
    const table = pointer === 'resource' ? await source.resources() : await source.scopes();
    const used = new Uint8Array(table.length);
    await forEachBlockOfService(source, range, turns, async (scan, rows) => {
      flagPointers(rows, await scan.words(pointer), used);
    });
    return used;
  };
  if (memo === undefined || range.service !== undefined || !startsInside(source, range)) return find();
  return memo.of(source, `used ${pointer}`, find);
}

/** The entries of a table whose flag is set. */
export function flagged<T>(table: readonly T[], flags: Uint8Array): readonly T[] {
  return table.filter((_, row) => flags[row] === 1);
}

/** For each span, event or link of the block, whether it is of one of the rows; `starts` is `undefined` for spans. */
export function itemsOfRows(rows: RowMask, starts: ArrayLike<number> | undefined): Uint8Array {
  if (starts === undefined) return rows;
  const items = new Uint8Array(starts[rows.length]);
  for (let row = 0; row < rows.length; row++) {
    if (rows[row] === 1) items.fill(1, starts[row], starts[row + 1]);
  }
  return items;
}
