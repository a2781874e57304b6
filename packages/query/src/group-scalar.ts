import type { ColumnSource } from '@spoor/store';
import type { ComparisonOp } from '@spoor/traceql';
import { aggregateGroups, type GroupValues } from './group-aggregate.ts';
import { groupRows, type RowGroups } from './row-groups.ts';
import type { SourceRows } from './source-rows.ts';
import type { ScalarPlan, SpansPlan } from './spans-plan.ts';
import type { TurnTaker } from './turn-taker.ts';
import { calculate, compareValues, isNumeric, type Value } from './value.ts';

/** The rows that a scalar is of, in groups, and how the rows of other plans are found. */
export interface GroupedRows {
  readonly source: ColumnSource;
  readonly turns: TurnTaker;
  readonly rows: SourceRows;
  readonly groups: RowGroups;
  rowsOf(plan: SpansPlan): Promise<SourceRows>;
}

/** 1 for the groups for which `left op right`. */
export async function groupsThatCompare(
  grouped: GroupedRows,
  left: ScalarPlan,
  op: ComparisonOp,
  right: ScalarPlan,
): Promise<Uint8Array> {
  const [ofLeft, ofRight] = [await scalarOfGroups(grouped, left), await scalarOfGroups(grouped, right)];
  const constant = right.kind === 'constant' ? plainNumber(right.value) : undefined;
  if (ofLeft.numbers !== undefined && constant !== undefined) return numbersThatCompare(ofLeft.numbers, op, constant);
  const passed = new Uint8Array(grouped.groups.count);
  for (let group = 0; group < passed.length; group++) {
    passed[group] = compareValues(ofLeft.of(group), op, ofRight.of(group)) ? 1 : 0;
  }
  return passed;
}

function plainNumber(value: Value | undefined): number | undefined {
  return value !== undefined && isNumeric(value) && typeof value.value === 'number' ? value.value : undefined;
}

/** Nothing is true of NaN. */
function numbersThatCompare(numbers: Uint32Array | Float64Array, op: ComparisonOp, constant: number): Uint8Array {
  const below = op === '<' || op === '<=' || op === '!=' ? 1 : 0;
  const equal = op === '=' || op === '<=' || op === '>=' ? 1 : 0;
  const above = op === '>' || op === '>=' || op === '!=' ? 1 : 0;
  const passed = new Uint8Array(numbers.length);
  for (let i = 0; i < passed.length; i++) {
    const number = numbers[i];
    passed[i] = number < constant ? below : number > constant ? above : number === constant ? equal : 0;
  }
  return passed;
}

/** A scalar's value for each group. */
export async function scalarOfGroups(grouped: GroupedRows, scalar: ScalarPlan): Promise<GroupValues> {
  switch (scalar.kind) {
    case 'constant':
      return { of: () => scalar.value };
    case 'aggregate':
      return aggregateGroups(grouped.source, grouped.rows, grouped.groups, scalar.aggregate, grouped.turns);
    case 'arithmetic': {
      const left = await scalarOfGroups(grouped, scalar.left);
      const right = await scalarOfGroups(grouped, scalar.right);
      return { of: (group) => calculate(left.of(group), scalar.op, right.of(group)) };
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
  const rowCount = new Uint32Array(found.count + 1);
  rowCount.set(found.rowCount);
  const groups: RowGroups = { ...found, count: found.count + 1, rowCount };
  const groupOfTrace = new Uint32Array(source.traceCount).fill(found.count);
  for (let group = 0; group < found.count; group++) groupOfTrace[found.traceRow[group]] = group;
  const value = await scalarOfGroups({ ...grouped, rows, groups }, result);
  return { of: (group) => value.of(groupOfTrace[grouped.groups.traceRow[group]]) };
}
