import type { Token } from './lexer.ts';
import { arithmeticOps, comparisonOps, oneOf, operatorLevel, spansetOps } from './operator-levels.ts';
import { withSecondStage } from './parse-metrics.ts';
import { foldScalar, isNumericStatic } from './scalar-fold.ts';
import type { TokenCursor } from './token-cursor.ts';
import { TraceqlError } from './traceql-error.ts';
import type {
  ArithmeticOp,
  ComparisonOp,
  MetricsExpression,
  MetricsOperand,
  ScalarExpression,
  SpansetExpression,
  SpansetOp,
  Stage,
} from './tree.ts';

/** What stands on a side of an operator outside braces, sorted by what it is. */
export type Operand =
  | { readonly sort: 'spanset'; readonly tree: SpansetExpression }
  | { readonly sort: 'scalar'; readonly tree: ScalarExpression }
  | { readonly sort: 'metrics'; readonly tree: MetricsExpression }
  /** any other stage; no operator takes it */
  | { readonly sort: 'stage'; readonly tree: Exclude<Stage, SpansetExpression> };

export interface Operation {
  readonly start: number;
  readonly left: Operand;
  readonly op: SpansetOp | ComparisonOp | ArithmeticOp;
  /** the operator's own token */
  readonly at: Token;
  readonly right: Operand;
}

/** `left op right` as a node of the tree. @throws {TraceqlError} when the operator does not take such operands */
export function combine(cursor: TokenCursor, operation: Operation): Operand {
  const { left, right } = operation;
  if (left.sort === 'spanset' && right.sort === 'spanset')
    return combineSpansets(cursor, operation, left.tree, right.tree);
  if (left.sort === 'scalar' && right.sort === 'scalar')
    return combineScalars(cursor, operation, left.tree, right.tree);
  const metrics = combineMetrics(cursor, operation);
  return metrics === undefined ? refuse(cursor, operation) : { sort: 'metrics', tree: metrics };
}

function combineSpansets(
  cursor: TokenCursor,
  operation: Operation,
  left: SpansetExpression,
  right: SpansetExpression,
): Operand {
  const op = oneOf(spansetOps, operation.op);
  if (op === undefined) return refuse(cursor, operation);
  const node: SpansetExpression = { kind: 'spansetOperation', op, left, right };
  const isChain = operatorLevel(op) === 1 && left.kind === 'spansetOperation' && left.op === op;
  const tree = isChain
    ? cursor.place(node, operation.start, [right], left)
    : cursor.place(node, operation.start, [left, right]);
  return { sort: 'spanset', tree };
}

function combineScalars(
  cursor: TokenCursor,
  operation: Operation,
  left: ScalarExpression,
  right: ScalarExpression,
): Operand {
  const { start } = operation;
  const comparison = oneOf(comparisonOps, operation.op);
  if (comparison !== undefined) {
    if (left.kind === 'static' && right.kind === 'static') {
      cursor.failSince(start, { message: 'syntax error: one side of the comparison has to be an aggregate' });
    }
    const tree: Stage = { kind: 'scalarFilter', op: comparison, left, right };
    return { sort: 'stage', tree: cursor.place(tree, start, [left, right]) };
  }
  const op = oneOf(arithmeticOps, operation.op);
  if (op === undefined) return refuse(cursor, operation);
  const tree = foldIfConstant(cursor, start, op, left, right) ?? { kind: 'scalarArithmetic', op, left, right };
  return { sort: 'scalar', tree: cursor.place(tree, start, tree.kind === 'static' ? [] : [left, right]) };
}

function foldIfConstant(
  cursor: TokenCursor,
  start: number,
  op: ArithmeticOp,
  left: ScalarExpression,
  right: ScalarExpression,
): ScalarExpression | undefined {
  if (left.kind !== 'static' || right.kind !== 'static') return undefined;
  if (!isNumericStatic(left.value) || !isNumericStatic(right.value)) return undefined;
  const value = foldScalar(left.value, op, right.value);
  return typeof value === 'string' ? cursor.failSince(start, { message: value }) : { kind: 'static', value };
}

/** Metrics with metrics, metrics with a number, a number with metrics; metrics compared with a number. */
function combineMetrics(cursor: TokenCursor, { start, left, op, right }: Operation): MetricsExpression | undefined {
  const comparison = oneOf(comparisonOps, op);
  if (comparison !== undefined) {
    if (left.sort !== 'metrics' || right.sort !== 'scalar' || right.tree.kind !== 'static') return undefined;
    return withSecondStage(cursor, start, left.tree, { kind: 'threshold', op: comparison, value: right.tree.value });
  }
  const a = metricsOperand(left);
  const b = metricsOperand(right);
  const arithmetic = oneOf(['+', '-', '*', '/'] as const, op);
  if (arithmetic === undefined || a === undefined || b === undefined) return undefined;
  const node: MetricsExpression = { kind: 'metricsArithmetic', op: arithmetic, left: a, right: b, second: [] };
  return cursor.place(node, start, [a, b]);
}

function metricsOperand(operand: Operand): MetricsOperand | undefined {
  if (operand.sort === 'metrics') return operand.tree;
  return operand.sort === 'scalar' && operand.tree.kind === 'static' ? operand.tree : undefined;
}

const sortNames = Object.freeze({
  spanset: 'spans',
  scalar: 'a number',
  metrics: 'metrics',
  stage: 'a pipeline stage',
});

function refuse(cursor: TokenCursor, { left, op, at, right }: Operation): never {
  const message = `syntax error: ${op} cannot stand between ${sortNames[left.sort]} and ${sortNames[right.sort]}`;
  const isStage = left.sort === 'stage' || right.sort === 'stage';
  const advice = isStage ? '; put a pipeline in brackets with its spans: ({ } | count() > 1)' : '';
  throw TraceqlError.syntax(cursor.text, at.start, at.end, { message: message + advice });
}
