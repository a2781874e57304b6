import { QueryError } from '@spoor/model';
import {
  type ComparisonOp,
  dependsOnTrace,
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
  /** the spans of both */
  | { readonly kind: 'both'; readonly left: SpansPlan; readonly right: SpansPlan }
  /** the spans of those traces whose aggregate compares so */
  | {
      readonly kind: 'aggregate';
      readonly of: SpansPlan;
      readonly aggregate: Aggregate;
      readonly op: ComparisonOp;
      readonly value: Value;
    };

export interface Aggregate {
  readonly fn: 'count' | 'min' | 'max' | 'sum' | 'avg';
  /** `undefined` for `count` */
  readonly evaluate: Evaluator | undefined;
  readonly fields: ReturnType<typeof fieldsOf>;
}

const everything: SpansPlan = { kind: 'condition', condition: { kind: 'constant', value: true } };

/** @throws {QueryError} `QUERY_INVALID` for what is not evaluated yet, and for expressions that make no sense */
export function compileSearch(query: Query): SearchPlan {
  if (query.kind === 'metrics') throw notYet('a metrics query');
  const spans = compilePipeline(query.pipeline);
  const needsWholeTraces = spans.kind !== 'condition' || conditionFields(spans.condition).some(dependsOnTrace);
  return { spans, needsWholeTraces };
}

/** Stages are nested, the last one outermost. */
function compilePipeline(pipeline: readonly Stage[]): SpansPlan {
  if (pipeline.length === 0) throw new QueryError('QUERY_INVALID', 'the query has no stage');
  let plan = everything;
  for (const stage of pipeline) {
    switch (stage.kind) {
      case 'scalarFilter':
        plan = compileScalarFilter(plan, stage);
        break;
      case 'group':
        throw notYet('by()');
      case 'coalesce':
      case 'select':
        // Without by() there is one set of spans already; what is selected does not change which spans match.
        break;
      default:
        plan = bothOf(plan, compileSpanset(stage));
    }
  }
  return plan;
}

/** Conditions are joined into one wherever that means the same: then spans are judged where they lie. */
function bothOf(left: SpansPlan, right: SpansPlan): SpansPlan {
  if (left === everything) return right;
  if (left.kind !== 'condition' || right.kind !== 'condition') return { kind: 'both', left, right };
  return { kind: 'condition', condition: { kind: 'and', parts: [left.condition, right.condition] } };
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

function compileScalarFilter(of: SpansPlan, filter: Extract<Stage, { kind: 'scalarFilter' }>): SpansPlan {
  const isFlipped = filter.left.kind === 'static';
  const [scalar, constant] = isFlipped ? [filter.right, filter.left] : [filter.left, filter.right];
  const op = isFlipped ? flipped[filter.op] : filter.op;
  if (constant.kind !== 'static') throw notYet('an aggregate compared with an aggregate');
  const value = valueOfStatic(constant.value);
  if (value === undefined) throw new QueryError('QUERY_INVALID', 'an aggregate cannot be compared with nil');
  return { kind: 'aggregate', of, aggregate: compileAggregate(scalar), op, value };
}

function compileAggregate(scalar: ScalarExpression): Aggregate {
  if (scalar.kind !== 'aggregate') throw notYet('arithmetic on aggregates');
  if (scalar.of === undefined) return { fn: scalar.fn, evaluate: undefined, fields: [] };
  const fields = fieldsOf(scalar.of);
  if (fields.some((field) => fieldLevel(field) !== 'span')) throw notYet('an aggregate over events or links');
  return { fn: scalar.fn, evaluate: compileExpression(scalar.of), fields };
}

function notYet(what: string): QueryError {
  return new QueryError('QUERY_INVALID', `${what} is not yet supported`);
}
