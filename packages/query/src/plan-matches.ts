import type { ColumnSource } from '@spoor/store';
import type { SpansetOp } from '@spoor/traceql';
import type { BlockScan } from './block-scan.ts';
import { groupsThatCompare } from './group-scalar.ts';
import { groupRows } from './row-groups.ts';
import { countRows, isEmpty, type RowMask } from './row-mask.ts';
import { rowsInRange } from './range-rows.ts';
import { forEachBlockOf, rowsOfBoth, rowsOfEither, type SourceRows } from './source-rows.ts';
import { type SourceScope, visitSpans } from './span-matches.ts';
import { antiJoinRows, inverse, joinRows, type Relation } from './structural-join.ts';
import type { SpansPlan } from './spans-plan.ts';
import type { TimeRange } from './trace-store.ts';
import type { TurnTaker } from './turn-taker.ts';

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
  if (plan.kind === 'condition') return visitSpans({ source, turns, leftOut }, plan.condition, range, visit);
  const rows = await rowsOfPlan({ source, turns, leftOut }, plan);
  const inRange = rowsInRange(source, range);
  await forEachBlockOf(source, rows, turns, async (scan) => {
    const mask = rowsOfBoth(rows.slice(scan.firstRow, scan.firstRow + scan.rowCount), await inRange(scan));
    if (!isEmpty(mask)) await visit(scan, mask);
  });
}

/** @param within  rows that are seen; all when absent */
export async function rowsOfPlan(scope: SourceScope, plan: SpansPlan, within?: SourceRows): Promise<SourceRows> {
  switch (plan.kind) {
    case 'condition': {
      const rows = new Uint8Array(scope.source.rowCount);
      const visit = async (scan: BlockScan, found: RowMask): Promise<void> => rows.set(found, scan.firstRow);
      await visitSpans(scope, plan.condition, {}, visit, within);
      return rows;
    }
    case 'then':
      return rowsOfPlan(scope, plan.second, await rowsOfPlan(scope, plan.first, within));
    case 'operation': {
      const left = await rowsOfPlan(scope, plan.left, within);
      const seen = needsLeft(plan.op) ? await rowsBeside(scope, left, within) : within;
      return operate(scope, plan.op, left, await rowsOfPlan(scope, plan.right, seen));
    }
    case 'groups':
      return rowsOfGroups(scope, plan, await rowsOfPlan(scope, plan.of, within));
  }
}

/** Whether the operation gives nothing of traces of which its left side gives nothing. */
function needsLeft(op: SpansetOp): boolean {
  return op !== '||' && !op.startsWith('!');
}

/** When there are fewer rows than one for so many traces, the other side is only asked about their traces. */
const SPARSE = 8;

/** Rows of traces that have some of the rows, when these are few. */
async function rowsBeside(scope: SourceScope, rows: SourceRows, within?: SourceRows): Promise<SourceRows | undefined> {
  if (SPARSE * countRows(rows) > scope.source.traceCount) return within;
  const flags = await flagTraces(scope, rows);
  const { firstRow, spanCount } = await scope.source.traces();
  const beside = new Uint8Array(rows.length);
  for (let trace = flags.indexOf(1); trace >= 0; trace = flags.indexOf(1, trace + 1)) {
    beside.fill(1, firstRow[trace], firstRow[trace] + spanCount[trace]);
  }
  return within === undefined ? beside : rowsOfBoth(beside, within);
}

/** Those of the rows whose group compares so. */
async function rowsOfGroups(
  scope: SourceScope,
  { by, left, op, right }: Extract<SpansPlan, { kind: 'groups' }>,
  rows: SourceRows,
): Promise<SourceRows> {
  const groups = await groupRows(scope.source, rows, by, scope.turns);
  const grouped = { ...scope, rows, groups, rowsOf: (plan: SpansPlan) => rowsOfPlan(scope, plan) };
  const passed = await groupsThatCompare(grouped, left, op, right);
  const kept = new Uint8Array(rows.length);
  if (!passed.includes(1)) return kept;
  for (let row = 0; row < kept.length; row++) kept[row] = rows[row] & passed[groups.groupOf[row]];
  return kept;
}

async function operate(scope: SourceScope, op: SpansetOp, left: SourceRows, right: SourceRows): Promise<SourceRows> {
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
      return antiJoinRows(op.slice(1) as Relation, left, right, scope);
    case '&>':
    case '&<':
    case '&>>':
    case '&<<':
    case '&~': {
      const relation = op.slice(1) as Relation;
      const ofRight = await joinRows(relation, left, right, scope);
      return rowsOfEither(ofRight, await joinRows(inverse[relation], right, left, scope));
    }
    default:
      return joinRows(op, left, right, scope);
  }
}

/** 1 for the traces of the rows. */
async function flagTraces({ source, turns }: SourceScope, rows: SourceRows): Promise<Uint8Array> {
  const flags = new Uint8Array(source.traceCount);
  await forEachBlockOf(source, rows, turns, async (scan) => {
    const traceRow = await scan.words('traceRow');
    for (let i = 0; i < scan.rowCount; i++) flags[traceRow[i]] |= rows[scan.firstRow + i];
  });
  return flags;
}

/** Those of the rows whose trace is flagged. */
async function rowsOfTraces({ source, turns }: SourceScope, rows: SourceRows, flags: Uint8Array): Promise<SourceRows> {
  const kept = new Uint8Array(rows.length);
  await forEachBlockOf(source, rows, turns, async (scan) => {
    const traceRow = await scan.words('traceRow');
    for (let i = 0; i < scan.rowCount; i++) {
      kept[scan.firstRow + i] = rows[scan.firstRow + i] & flags[traceRow[i]];
    }
  });
  return kept;
}
