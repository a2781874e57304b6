import { comparisonOps, oneOf } from './operator-levels.ts';
import { parseField } from './parse-field-expression.ts';
import { parseNumber } from './parse-scalar.ts';
import { queryLimits } from './query-limits.ts';
import { foldScalar, isNumericStatic } from './scalar-fold.ts';
import type { TokenCursor } from './token-cursor.ts';
import type {
  ArithmeticOp,
  Field,
  MetricsExpression,
  MetricsFunction,
  SecondStage,
  SpansetExpression,
  Stage,
  Static,
} from './tree.ts';

const functionWords: readonly MetricsFunction[] = Object.freeze([
  'rate',
  'count_over_time',
  'min_over_time',
  'max_over_time',
  'sum_over_time',
  'avg_over_time',
  'quantile_over_time',
  'histogram_over_time',
]);
export const metricsWords: readonly (MetricsFunction | 'compare')[] = Object.freeze([...functionWords, 'compare']);

export function isMetricsWord(word: string | undefined): word is MetricsFunction | 'compare' {
  return oneOf(metricsWords, word) !== undefined;
}

/**
 * Reads the metrics function at hand and the stages after it.
 * @param start offset of the pipeline's first stage
 * @throws {TraceqlError}
 */
export function parseMetricsStage(
  cursor: TokenCursor,
  start: number,
  pipeline: readonly Stage[],
  parseSelection: (cursor: TokenCursor) => SpansetExpression,
): MetricsExpression {
  const fn = oneOf(functionWords, cursor.word);
  cursor.advance();
  cursor.require('(');
  const metrics =
    fn === undefined
      ? parseCompare(cursor, start, pipeline, parseSelection(cursor))
      : parseFunction(cursor, start, pipeline, fn);
  return parseSecondStages(cursor, start, metrics);
}

function parseFunction(
  cursor: TokenCursor,
  start: number,
  pipeline: readonly Stage[],
  fn: MetricsFunction,
): MetricsExpression {
  const of = fn === 'rate' || fn === 'count_over_time' ? undefined : parseField(cursor);
  const quantiles: number[] = [];
  if (fn === 'quantile_over_time') {
    do {
      cursor.require(',');
      quantiles.push(parsePlainNumber(cursor));
    } while (cursor.symbol === ',');
  }
  cursor.require(')');
  const by: Field[] = [];
  if (cursor.takeWord('by', 'function')) {
    cursor.require('(');
    do by.push(parseField(cursor));
    while (cursor.take(','));
    cursor.require(')');
  }
  const node: MetricsExpression = {
    kind: 'metricsAggregate',
    pipeline,
    fn,
    of,
    by,
    arguments: quantiles,
    second: [],
  };
  return cursor.place(node, start, pipeline);
}

/** A number that is no duration. */
function parsePlainNumber(cursor: TokenCursor): number {
  const { start } = cursor.token;
  const value = parseNumber(cursor);
  if (value === undefined) return cursor.fail();
  if (value.type === 'duration') return cursor.failSince(start, { message: 'a plain number is expected here' });
  return Number((value as { value: number | bigint }).value);
}

function parseCompare(
  cursor: TokenCursor,
  start: number,
  pipeline: readonly Stage[],
  selection: SpansetExpression,
): MetricsExpression {
  const topN = cursor.take(',') ? parseCount(cursor) : queryLimits.compareTopDefault;
  let startNano: bigint | undefined;
  let endNano: bigint | undefined;
  if (cursor.take(',')) {
    startNano = parseInteger(cursor);
    cursor.require(',');
    endNano = parseInteger(cursor);
  }
  cursor.require(')');
  const node: MetricsExpression = { kind: 'compare', pipeline, selection, topN, startNano, endNano };
  return cursor.place(node, start, [...pipeline, selection]);
}

function parseInteger(cursor: TokenCursor): bigint {
  const { start } = cursor.token;
  const value = parseNumber(cursor);
  if (value === undefined) return cursor.fail();
  if (value.type !== 'int') return cursor.failSince(start, { message: 'an integer is expected here' });
  return BigInt(value.value);
}

/** An integer of which no digit is lost as a number. */
function parseCount(cursor: TokenCursor): number {
  const { start } = cursor.token;
  const count = Number(parseInteger(cursor));
  if (!Number.isSafeInteger(count)) return cursor.failSince(start, { message: 'a smaller number is expected here' });
  return count;
}

/** Reads `| topk(5)`, `| bottomk(5)`, `> 10`, any number of them. */
export function parseSecondStages(cursor: TokenCursor, start: number, metrics: MetricsExpression): MetricsExpression {
  let result = metrics;
  for (;;) {
    for (const symbol of comparisonOps) cursor.expecting({ kind: 'symbol', symbol });
    const op = oneOf(comparisonOps, cursor.symbol);
    if (op !== undefined) {
      cursor.advance();
      const value = parseConstant(cursor);
      result = withSecondStage(cursor, start, result, { kind: 'threshold', op, value });
    } else if (cursor.take('|')) {
      result = withSecondStage(cursor, start, result, parseTop(cursor));
    } else return result;
  }
}

function parseTop(cursor: TokenCursor): SecondStage {
  const isTop = cursor.takeWord('topk', 'function');
  if (!isTop && !cursor.takeWord('bottomk', 'function')) {
    if (cursor.word === 'by') cursor.fail({ message: 'syntax error: no | stands before the by of a metrics function' });
    cursor.fail();
  }
  cursor.require('(');
  const count = parseCount(cursor);
  cursor.require(')');
  return { kind: isTop ? 'topk' : 'bottomk', count };
}

/** `10`, `-2 * 3`, `(1 + 2)`: constants with the operators of scalars, folded. */
function parseConstant(cursor: TokenCursor): Static {
  const { start } = cursor.token;
  let sum = parseProduct(cursor);
  for (let op = additive(cursor); op !== undefined; op = additive(cursor)) {
    cursor.advance();
    sum = fold(cursor, start, sum, op, parseProduct(cursor));
  }
  return sum;
}

function additive(cursor: TokenCursor): ArithmeticOp | undefined {
  return oneOf(['+', '-'] as const, cursor.symbol);
}

function multiplicative(cursor: TokenCursor): ArithmeticOp | undefined {
  return oneOf(['*', '/', '%'] as const, cursor.symbol);
}

function parseProduct(cursor: TokenCursor): Static {
  const { start } = cursor.token;
  let product = parseFactor(cursor);
  for (let op = multiplicative(cursor); op !== undefined; op = multiplicative(cursor)) {
    cursor.advance();
    product = fold(cursor, start, product, op, parseFactor(cursor));
  }
  return product;
}

function parseFactor(cursor: TokenCursor): Static {
  if (!cursor.take('(')) return parseNumber(cursor) ?? cursor.fail();
  cursor.enter();
  const value = parseConstant(cursor);
  cursor.require(')');
  cursor.leave();
  return value;
}

function fold(cursor: TokenCursor, start: number, left: Static, op: ArithmeticOp, right: Static): Static {
  if (!isNumericStatic(left) || !isNumericStatic(right)) return cursor.fail();
  const value = foldScalar(left, op, right);
  return typeof value === 'string' ? cursor.failSince(start, { message: value }) : value;
}

/** The metrics with one more second stage. Stages are copied each time, hence their limit. */
export function withSecondStage(
  cursor: TokenCursor,
  start: number,
  metrics: MetricsExpression,
  stage: SecondStage,
): MetricsExpression {
  if (metrics.kind === 'compare') {
    return cursor.failSince(start, { message: 'compare() takes no second stage and no comparison' });
  }
  if (metrics.second.length >= queryLimits.treeDepthMax) return cursor.fail({ message: 'too many second stages' });
  const node: MetricsExpression = { ...metrics, second: [...metrics.second, stage] };
  const children = node.kind === 'metricsAggregate' ? node.pipeline : [node.left, node.right];
  return cursor.place(node, start, children);
}
