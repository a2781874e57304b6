import { printAttribute } from './attribute-name.ts';
import { printDuration } from './duration-literal.ts';
import { intrinsicSpelling } from './intrinsics.ts';
import { MINUS_LEVEL, NOT_LEVEL, operatorLevel, POWER_LEVEL, rightLevel } from './operator-levels.ts';
import { queryLimits } from './query-limits.ts';
import { isNumericStatic } from './scalar-fold.ts';
import { quote } from './string-literal.ts';
import type {
  BinaryOp,
  Field,
  FieldExpression,
  MetricsExpression,
  MetricsOperand,
  Pipeline,
  Query,
  ScalarExpression,
  SecondStage,
  SpansetExpression,
  SpansetOp,
  Stage,
  Static,
} from './tree.ts';

/**
 * A query as text, on one line, with no bracket that is not needed. Reading it back gives the same tree, for every tree
 * that the language has a text for: numbers are finite, durations whole, pipelines of one spanset expression are not
 * subpipelines, scalars are folded.
 */
export function printQuery(query: Query): string {
  const body = query.kind === 'search' ? printPipeline(query.pipeline) : printMetrics(query.metrics);
  if (query.hints.length === 0) return body;
  return `${body} with (${query.hints.map(({ name, value }) => `${name}=${printStatic(value)}`).join(', ')})`;
}

function printPipeline(pipeline: Pipeline): string {
  return pipeline.map(printStage).join(' | ');
}

export function printStage(stage: Stage): string {
  switch (stage.kind) {
    case 'scalarFilter':
      return `${printScalar(stage.left)} ${stage.op} ${printScalar(stage.right)}`;
    case 'group':
      return `by(${printExpression(stage.by)})`;
    case 'coalesce':
      return 'coalesce()';
    case 'select':
      return `select(${stage.fields.map(printField).join(', ')})`;
    default:
      return printSpanset(stage);
  }
}

/** A tree of binary operators, printed by a loop along its left side: chains are long. */
interface BinaryNode<Node, Op> {
  readonly op: Op;
  readonly left: Node;
  readonly right: Node;
}

function printChain<Node, Op extends BinaryOp | SpansetOp>(
  node: Node,
  binary: (node: Node) => BinaryNode<Node, Op> | undefined,
  level: (node: Node) => number,
  print: (node: Node) => string,
): string {
  const parts: string[] = [];
  let closing = 0;
  let leftmost = node;
  for (let at = binary(leftmost); at !== undefined; at = binary(leftmost)) {
    parts.push(` ${at.op} ${bracketed(at.right, rightLevel(at.op), level, print)}`);
    leftmost = at.left;
    const least = at.op === '^' ? POWER_LEVEL + 1 : operatorLevel(at.op);
    if (level(leftmost) >= least) continue;
    if (binary(leftmost) === undefined) {
      parts.push(`(${print(leftmost)})`);
      return '('.repeat(closing) + parts.reverse().join('');
    }
    parts.push(')');
    closing++;
  }
  parts.push(print(leftmost));
  return '('.repeat(closing) + parts.reverse().join('');
}

function bracketed<Node>(
  node: Node,
  least: number,
  level: (node: Node) => number,
  print: (node: Node) => string,
): string {
  return level(node) < least ? `(${print(node)})` : print(node);
}

export function printSpanset(spanset: SpansetExpression): string {
  switch (spanset.kind) {
    case 'filter':
      return spanset.condition === undefined ? '{ }' : `{ ${printExpression(spanset.condition)} }`;
    case 'subpipeline':
      return `(${printPipeline(spanset.pipeline)})`;
    case 'spansetOperation':
      return printChain<SpansetExpression, SpansetOp>(spanset, binarySpanset, spansetLevel, printSpanset);
  }
}

function binarySpanset(node: SpansetExpression): BinaryNode<SpansetExpression, SpansetOp> | undefined {
  return node.kind === 'spansetOperation' ? node : undefined;
}

/** Level of what needs no brackets anywhere. */
const PRIMARY_LEVEL = 9;

function spansetLevel(node: SpansetExpression): number {
  return node.kind === 'spansetOperation' ? operatorLevel(node.op) : PRIMARY_LEVEL;
}

export function printExpression(expression: FieldExpression): string {
  switch (expression.kind) {
    case 'static':
      return printStatic(expression.value);
    case 'unary': {
      const { op, operand } = expression;
      if (op === 'some') return `some(${printExpression(operand)})`;
      // A minus right before a number is the number's own.
      const isNumber = op === '-' && operand.kind === 'static' && isNumericStatic(operand.value);
      return (
        op + (isNumber ? `(${printExpression(operand)})` : bracketed(operand, NOT_LEVEL, fieldLevel, printExpression))
      );
    }
    case 'binary':
      return printChain<FieldExpression, BinaryOp>(expression, binaryField, fieldLevel, printExpression);
    default:
      return printField(expression);
  }
}

function binaryField(node: FieldExpression): BinaryNode<FieldExpression, BinaryOp> | undefined {
  return node.kind === 'binary' ? node : undefined;
}

function fieldLevel(node: FieldExpression): number {
  switch (node.kind) {
    case 'binary':
      return operatorLevel(node.op);
    case 'unary':
      if (node.op === 'some') return PRIMARY_LEVEL;
      return node.op === '-' ? MINUS_LEVEL : NOT_LEVEL;
    case 'static':
      return printStatic(node.value).startsWith('-') ? MINUS_LEVEL : PRIMARY_LEVEL;
    default:
      return PRIMARY_LEVEL;
  }
}

/** As it is written in a query: `span.foo`, `.foo`, `duration`, `event:name`; also the key of results grouped by it. */
export function printField(field: Field): string {
  return field.kind === 'attribute' ? printAttribute(field) : intrinsicSpelling(field.name);
}

export function printScalar(scalar: ScalarExpression): string {
  switch (scalar.kind) {
    case 'static':
      return printStatic(scalar.value);
    case 'aggregate':
      return `${scalar.fn}(${scalar.of === undefined ? '' : printExpression(scalar.of)})`;
    case 'scalarPipeline':
      return `(${printPipeline(scalar.pipeline)} | ${printScalar(scalar.result)})`;
    case 'scalarArithmetic':
      return printChain<ScalarExpression, BinaryOp>(scalar, binaryScalar, scalarLevel, printScalar);
  }
}

function binaryScalar(node: ScalarExpression): BinaryNode<ScalarExpression, BinaryOp> | undefined {
  return node.kind === 'scalarArithmetic' ? node : undefined;
}

function scalarLevel(node: ScalarExpression): number {
  return node.kind === 'scalarArithmetic' ? operatorLevel(node.op) : PRIMARY_LEVEL;
}

function printMetrics(metrics: MetricsExpression): string {
  switch (metrics.kind) {
    case 'compare': {
      const { selection, topN, startNano, endNano } = metrics;
      const times = startNano === undefined ? '' : `, ${startNano}, ${endNano}`;
      const top = topN === queryLimits.compareTopDefault && times === '' ? '' : `, ${topN}`;
      return `${printPipeline(metrics.pipeline)} | compare(${printSpanset(selection)}${top}${times})`;
    }
    case 'metricsAggregate': {
      const of = metrics.of === undefined ? [] : [printField(metrics.of)];
      const call = `${metrics.fn}(${[...of, ...metrics.arguments.map(printPlainNumber)].join(', ')})`;
      const by = metrics.by.length === 0 ? '' : ` by(${metrics.by.map(printField).join(', ')})`;
      return `${printPipeline(metrics.pipeline)} | ${call}${by}${printSecond(metrics.second)}`;
    }
    case 'metricsArithmetic': {
      const chain = printChain<MetricsOperand, BinaryOp>(
        { ...metrics, second: [] },
        binaryMetrics,
        metricsLevel,
        printMetricsOperand,
      );
      return chain + printSecond(metrics.second);
    }
  }
}

function binaryMetrics(node: MetricsOperand): BinaryNode<MetricsOperand, BinaryOp> | undefined {
  return node.kind === 'metricsArithmetic' && node.second.length === 0 ? node : undefined;
}

function metricsLevel(node: MetricsOperand): number {
  const binary = binaryMetrics(node);
  return binary === undefined ? PRIMARY_LEVEL : operatorLevel(binary.op);
}

function printMetricsOperand(node: MetricsOperand): string {
  if (node.kind === 'static') return printStatic(node.value);
  return binaryMetrics(node) === undefined ? `(${printMetrics(node)})` : printMetrics(node);
}

function printSecond(stages: readonly SecondStage[]): string {
  return stages
    .map((stage) =>
      stage.kind === 'threshold' ? ` ${stage.op} ${printStatic(stage.value)}` : ` | ${stage.kind}(${stage.count})`,
    )
    .join('');
}

export function printStatic(value: Static): string {
  switch (value.type) {
    case 'nil':
      return 'nil';
    case 'string':
      return quote(value.value);
    case 'duration':
      return printDuration(value.value);
    case 'float':
      return printFloat(value.value);
    case 'int':
      return value.value === -(2n ** 63n) ? 'minInt' : String(value.value);
    default:
      return String(value.value);
  }
}

/** A float is told from an integer by its dot or exponent. */
function printFloat(value: number): string {
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** Where integers and floats mean the same. */
function printPlainNumber(value: number): string {
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : printFloat(value);
}
