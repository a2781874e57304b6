import type { ColumnSource } from '@spoor/store';
import type { BlockRows } from './field-numbers.ts';
import type { Series } from './metric-series.ts';
import { visitPlan } from './plan-matches.ts';
import { isFull, type RowMask, rowsOf } from './row-mask.ts';
import type { SpansPlan } from './spans-plan.ts';
import type { TimeRange } from './trace-store.ts';
import type { TurnTaker } from './turn-taker.ts';

/** A source as one metrics query goes over it. */
export interface MetricSource {
  readonly source: ColumnSource;
  readonly range: TimeRange;
  readonly turns: TurnTaker;
  /** 1 for trace rows that do not take part: they are evaluated elsewhere, whole */
  readonly leftOut: Uint8Array | undefined;
  /** rows that do not count, ascending: each is equal in every field to a span that does */
  readonly repeated: Uint32Array | undefined;
}

/** One function of a metrics query, over one source after the other. */
export interface MetricScan {
  /** more series than there is room for were met */
  readonly isFull: boolean;
  addSource(source: MetricSource): Promise<void>;
  /** what was counted so far */
  series(): readonly Series[];
}

/** Calls `visit` for each block that has spans that the plan gives, and some that count. */
export async function visitRows(
  { source, range, turns, leftOut, repeated }: MetricSource,
  plan: SpansPlan,
  visit: (block: BlockRows) => Promise<void>,
): Promise<void> {
  const all = Uint32Array.from({ length: source.blockRows }, (_, row) => row);
  await visitPlan(source, plan, range, turns, leftOut, async (scan, found) => {
    const mask = repeated === undefined ? found : without(found, repeated, scan.firstRow);
    const rows = isFull(mask) ? all.subarray(0, mask.length) : rowsOf(mask);
    if (rows.length > 0) await visit({ scan, mask, rows });
  });
}

function without(mask: RowMask, repeated: Uint32Array, firstRow: number): RowMask {
  const rest = mask.slice();
  for (const row of repeated) if (row >= firstRow && row < firstRow + rest.length) rest[row - firstRow] = 0;
  return rest;
}
