import type { ColumnSource } from '@spoor/store';
import { aggregateGroups, type GroupValues } from './group-aggregate.ts';
import { groupRows, type RowGroups } from './row-groups.ts';
import type { SourceRows } from './source-rows.ts';
import type { ScalarPlan, SpansPlan } from './spans-plan.ts';
import type { TurnTaker } from './turn-taker.ts';
import { calculate } from './value.ts';

/** The rows that a scalar is of, in groups, and how the rows of other plans are found. */
export interface GroupedRows {
  readonly source: ColumnSource;
  readonly turns: TurnTaker;
  readonly rows: SourceRows;
  readonly groups: RowGroups;
  rowsOf(plan: SpansPlan): Promise<SourceRows>;
}

/** A scalar's value for each group. */
export async function scalarOfGroups(grouped: GroupedRows, scalar: ScalarPlan): Promise<GroupValues> {
  switch (scalar.kind) {
    case 'constant':
      return () => scalar.value;
    case 'aggregate':
      return aggregateGroups(grouped.source, grouped.rows, grouped.groups, scalar.aggregate, grouped.turns);
    case 'arithmetic': {
      const left = await scalarOfGroups(grouped, scalar.left);
      const right = await scalarOfGroups(grouped, scalar.right);
      return (group) => calculate(left(group), scalar.op, right(group));
    }
    case 'pipeline':
      return scalarOfTraces(grouped, scalar.of, scalar.result);
  }
}

/** Of a trace of which the pipeline gives nothing, the count is 0, and nothing else has a value. */
async function scalarOfTraces(grouped: GroupedRows, of: SpansPlan, result: ScalarPlan): Promise<GroupValues> {
  const { source, turns } = grouped;
  const rows = await grouped.rowsOf(of);
  const found = await groupRows(source, rows, [], turns);
  // One group more, without rows, is that of all traces that have none.
  const groups: RowGroups = { ...found, count: found.count + 1 };
  const groupOfTrace = new Uint32Array(source.traceCount).fill(found.count);
  for (let group = 0; group < found.count; group++) groupOfTrace[found.traceRow[group]] = group;
  const value = await scalarOfGroups({ ...grouped, rows, groups }, result);
  return (group) => value(groupOfTrace[grouped.groups.traceRow[group]]);
}
