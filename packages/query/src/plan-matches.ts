import { type ColumnSource, NO_ROW } from '@spoor/store';
import type { SpansetOp } from '@spoor/traceql';
import type { BlockScan } from './block-scan.ts';
import { scalarOfGroups } from './group-scalar.ts';
import { groupRows } from './row-groups.ts';
import { isEmpty, type RowMask } from './row-mask.ts';
import { rowsInRange } from './range-rows.ts';
import { columnAt, forEachBlockOf, rowsOfBoth, rowsOfEither, type SourceRows } from './source-rows.ts';
import { visitSpans } from './span-matches.ts';
import { antiJoinRows, inverse, joinRows, type Relation, type TreeColumns } from './structural-join.ts';
import type { SpansPlan } from './spans-plan.ts';
import type { TimeRange } from './trace-store.ts';
import type { TurnTaker } from './turn-taker.ts';
import { compareValues } from './value.ts';

/**
 * Calls `visit` for each block that has spans that a plan gives, of those that start in the range, with the mask of
 * these. Spans before and after it still count as parents, as the other side of `&&`, and in aggregates.
 * @param source  ordered, with its traces whole, unless the plan is a condition on single spans
 * @param leftOut  1 for trace rows that do not take part
 */
export async function visitPlan(
  source: ColumnSource,
  plan: SpansPlan,
  range: TimeRange,
  turns: TurnTaker,
  leftOut: Uint8Array | undefined,
  visit: (scan: BlockScan, rows: RowMask) => Promise<void>,
): Promise<void> {
  if (plan.kind === 'condition') return visitSpans(source, plan.condition, range, turns, leftOut, visit);
  const rows = await rowsOfPlan({ source, turns, leftOut }, plan);
  const inRange = rowsInRange(source, range);
  await forEachBlockOf(source, rows, turns, async (scan) => {
    const mask = rowsOfBoth(rows.slice(scan.firstRow, scan.firstRow + scan.rowCount), await inRange(scan));
    if (!isEmpty(mask)) await visit(scan, mask);
  });
}

/** Where a plan is evaluated. */
export interface PlanScope {
  readonly source: ColumnSource;
  readonly turns: TurnTaker;
  readonly leftOut: Uint8Array | undefined;
}

/** @param within  rows that are seen; all when absent */
export async function rowsOfPlan(scope: PlanScope, plan: SpansPlan, within?: SourceRows): Promise<SourceRows> {
  switch (plan.kind) {
    case 'condition': {
      const { source, turns, leftOut } = scope;
      const rows = new Uint8Array(source.rowCount);
      await visitSpans(source, plan.condition, {}, turns, leftOut, async (scan, found) =>
        rows.set(found, scan.firstRow),
      );
      return within === undefined ? rows : rowsOfBoth(rows, within);
    }
    case 'then':
      return rowsOfPlan(scope, plan.second, await rowsOfPlan(scope, plan.first, within));
    case 'operation': {
      const left = await rowsOfPlan(scope, plan.left, within);
      return operate(scope, plan.op, left, await rowsOfPlan(scope, plan.right, within));
    }
    case 'groups':
      return rowsOfGroups(scope, plan, await rowsOfPlan(scope, plan.of, within));
  }
}

/** Those of the rows whose group compares so. */
async function rowsOfGroups(
  scope: PlanScope,
  { by, left, op, right }: Extract<SpansPlan, { kind: 'groups' }>,
  rows: SourceRows,
): Promise<SourceRows> {
  const groups = await groupRows(scope.source, rows, by, scope.turns);
  const grouped = { ...scope, rows, groups, rowsOf: (plan: SpansPlan) => rowsOfPlan(scope, plan) };
  const leftOf = await scalarOfGroups(grouped, left);
  const rightOf = await scalarOfGroups(grouped, right);
  const passed = new Uint8Array(groups.count);
  for (let group = 0; group < passed.length; group++) {
    passed[group] = compareValues(leftOf(group), op, rightOf(group)) ? 1 : 0;
  }
  const kept = new Uint8Array(rows.length);
  for (let row = 0; row < kept.length; row++) kept[row] = rows[row] & passed[groups.groupOf[row]];
  return kept;
}

async function operate(scope: PlanScope, op: SpansetOp, left: SourceRows, right: SourceRows): Promise<SourceRows> {
  switch (op) {
    case '||':
      return rowsOfEither(left, right);
    case '&&': {
      const inLeft = await flagTraces(scope, left);
      const inBoth = rowsOfBoth(inLeft, await flagTraces(scope, right));
      return rowsOfTraces(scope, rowsOfEither(left, right), inBoth);
    }
    case '!>':
    case '!<':
    case '!>>':
    case '!<<':
    case '!~':
      return antiJoinRows(op.slice(1) as Relation, left, right, await treeOf(scope, left, right));
    case '&>':
    case '&<':
    case '&>>':
    case '&<<':
    case '&~': {
      const relation = op.slice(1) as Relation;
      const tree = await treeOf(scope, left, right);
      return rowsOfEither(joinRows(relation, left, right, tree), joinRows(inverse[relation], right, left, tree));
    }
    default:
      return joinRows(op, left, right, await treeOf(scope, left, right));
  }
}

async function treeOf({ source, turns }: PlanScope, left: SourceRows, right: SourceRows): Promise<TreeColumns> {
  const rows = rowsOfEither(left, right);
  return {
    parentRow: await columnAt(source, 'parentRow', rows, turns, NO_ROW),
    subtreeSize: await columnAt(source, 'subtreeSize', rows, turns),
    connected: await columnAt(source, 'connected', rows, turns),
  };
}

/** 1 for the traces of the rows. */
async function flagTraces({ source, turns }: PlanScope, rows: SourceRows): Promise<Uint8Array> {
  const flags = new Uint8Array(source.traceCount);
  await forEachBlockOf(source, rows, turns, async (scan) => {
    const traceRow = await scan.words('traceRow');
    for (let i = 0; i < scan.rowCount; i++) flags[traceRow[i]] |= rows[scan.firstRow + i];
  });
  return flags;
}

/** Those of the rows whose trace is flagged. */
async function rowsOfTraces({ source, turns }: PlanScope, rows: SourceRows, flags: Uint8Array): Promise<SourceRows> {
  const kept = new Uint8Array(rows.length);
  await forEachBlockOf(source, rows, turns, async (scan) => {
    const traceRow = await scan.words('traceRow');
    for (let i = 0; i < scan.rowCount; i++) {
      kept[scan.firstRow + i] = rows[scan.firstRow + i] & flags[traceRow[i]];
    }
  });
  return kept;
}
