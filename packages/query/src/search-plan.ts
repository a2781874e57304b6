import { QueryError } from '@spoor/model';
import {
  type ComparisonOp,
  dependsOnTrace,
  type Field,
  type FieldExpression,
  fieldLevel,
  fieldsOf,
  type Query,
  type ScalarExpression,
  type SpansetExpression,
  type SpansetOp,
  type Stage,
} from '@spoor/traceql';
import { compileCondition, type Condition, conditionFields } from './condition.ts';
import { compileExpression, type Evaluator } from './expression.ts';
import { type Value, valueOfStatic } from './value.ts';

/** A search, checked and compiled; independent of any source. */
export interface SearchPlan {
  readonly spans: SpansPlan;
  /** whether a span matches depends on its whole trace, which has to be brought together first */
  readonly needsWholeTraces: boolean;
}

/** Which spans of a source a part of the query gives, as a tree of operations on sets of spans. */
export type SpansPlan =
  | { readonly kind: 'condition'; readonly condition: Condition }
  | { readonly kind: 'operation'; readonly op: SpansetOp; readonly left: SpansPlan; readonly right: SpansPlan }
  /** what the second gives when it sees nothing but the spans of the first */
  | { readonly kind: 'then'; readonly first: SpansPlan; readonly second: SpansPlan }
  /** the spans of those groups whose aggregate compares so */
  | {
      readonly kind: 'aggregate';
      readonly of: SpansPlan;
      /** spans of one trace for which these are equal are a group */
      readonly by: readonly RowExpression[];
      readonly aggregate: Aggregate;
      readonly op: ComparisonOp;
      readonly value: Value;
    };

/** An expression that is computed span by span. */
export interface RowExpression {
  readonly evaluate: Evaluator;
  readonly fields: readonly Field[];
}

export interface Aggregate {
  readonly fn: 'count' | 'min' | 'max' | 'sum' | 'avg';
  /** `undefined` for `count` */
  readonly of: RowExpression | undefined;
}

const everything: SpansPlan = { kind: 'condition', condition: { kind: 'constant', value: true } };

/** @throws {QueryError} `QUERY_INVALID` for what is not evaluated yet, and for expressions that make no sense */
export function compileSearch(query: Query): SearchPlan {
  if (query.kind === 'metrics') throw notYet('a metrics query');
  const spans = compilePipeline(query.pipeline);
  const needsWholeTraces = spans.kind !== 'condition' || conditionFields(spans.condition).some(dependsOnTrace);
  return { spans, needsWholeTraces };
}

/** Stages are nested, the last one outermost. Groups are known to what aggregates them only: they are sets of spans. */
function compilePipeline(pipeline: readonly Stage[]): SpansPlan {
  if (pipeline.length === 0) throw new QueryError('QUERY_INVALID', 'the query has no stage');
  let plan = everything;
  let by: readonly RowExpression[] = [];
  for (const stage of pipeline) {
    switch (stage.kind) {
      case 'scalarFilter':
        plan = compileScalarFilter(plan, by, stage);
        break;
      case 'group':
        by = [...by, rowExpression(stage.by, 'by()')];
        break;
      case 'coalesce':
        by = [];
        break;
      case 'select':
        // What is selected does not change which spans match.
        break;
      default:
        plan = thenPlan(plan, compileSpanset(stage));
    }
  }
  return plan;
}

/** Conditions are joined into one: then spans are judged where they lie. */
function thenPlan(first: SpansPlan, second: SpansPlan): SpansPlan {
  if (first === everything) return second;
  if (first.kind !== 'condition' || second.kind !== 'condition') return { kind: 'then', first, second };
  return { kind: 'condition', condition: { kind: 'and', parts: [first.condition, second.condition] } };
}

/** Down the left side by a loop: chains are long when a program builds them. */
function compileSpanset(spanset: SpansetExpression): SpansPlan {
  const operations: Extract<SpansetExpression, { kind: 'spansetOperation' }>[] = [];
  let leftmost = spanset;
  for (; leftmost.kind === 'spansetOperation'; leftmost = leftmost.left) operations.push(leftmost);
  let plan: SpansPlan =
    leftmost.kind === 'filter'
      ? { kind: 'condition', condition: compileCondition(leftmost.condition) }
      : compilePipeline(leftmost.pipeline);
  for (const { op, right } of operations.reverse()) plan = operationOf(op, plan, compileSpanset(right));
  return plan;
}

function operationOf(op: SpansetOp, left: SpansPlan, right: SpansPlan): SpansPlan {
  if (op !== '||' || left.kind !== 'condition' || right.kind !== 'condition') {
    return { kind: 'operation', op, left, right };
  }
  return { kind: 'condition', condition: { kind: 'or', parts: [left.condition, right.condition] } };
}

const flipped = Object.freeze({ '=': '=', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const);

function compileScalarFilter(
  of: SpansPlan,
  by: readonly RowExpression[],
  filter: Extract<Stage, { kind: 'scalarFilter' }>,
): SpansPlan {
  const isFlipped = filter.left.kind === 'static';
  const [scalar, constant] = isFlipped ? [filter.right, filter.left] : [filter.left, filter.right];
  const op = isFlipped ? flipped[filter.op] : filter.op;
  if (constant.kind !== 'static') throw notYet('an aggregate compared with an aggregate');
  const value = valueOfStatic(constant.value);
  if (value === undefined) throw new QueryError('QUERY_INVALID', 'an aggregate cannot be compared with nil');
  return { kind: 'aggregate', of, by, aggregate: compileAggregate(scalar), op, value };
}

function compileAggregate(scalar: ScalarExpression): Aggregate {
  if (scalar.kind !== 'aggregate') throw notYet('arithmetic on aggregates');
  return { fn: scalar.fn, of: scalar.of && rowExpression(scalar.of, 'an aggregate') };
}

function rowExpression(expression: FieldExpression, what: string): RowExpression {
  const fields = fieldsOf(expression);
  if (fields.some((field) => fieldLevel(field) !== 'span')) throw notYet(`${what} over events or links`);
  return { evaluate: compileExpression(expression), fields };
}

function notYet(what: string): QueryError {
  return new QueryError('QUERY_INVALID', `${what} is not yet supported`);
}
