import { limits, QueryError } from '@spoor/model';
import {
  dependsOnTrace,
  type Field,
  type Pipeline,
  printField,
  printScalar,
  printStage,
  type Query,
  type ScalarExpression,
  type SpansetExpression,
  type SpansetOp,
  type Stage,
} from '@spoor/traceql';
import { compileCondition, type Condition, conditionFields } from './condition.ts';
import { fieldsOfPipeline } from './pipeline-fields.ts';
import { type RowExpression, rowExpression } from './row-expression.ts';
import type { ScalarPlan, SpansPlan } from './spans-plan.ts';
import { valueOfStatic } from './value.ts';

/** A search, checked and compiled; independent of any source. */
export interface SearchPlan {
  readonly spans: SpansPlan;
  /** whether a span matches depends on its whole trace, which has to be brought together first */
  readonly needsWholeTraces: boolean;
  readonly shown: ShownPlan;
}

/** How the spans of a trace are shown: in which sets, and what of them. */
export interface ShownPlan {
  /** spans of one trace for which all of these are equal are a set */
  readonly groups: readonly { readonly text: string; readonly by: RowExpression }[];
  /** what the pipeline computed on the way */
  readonly scalars: readonly ShownScalar[];
  /** each once */
  readonly fields: readonly Field[];
}

/** A scalar as it was when its stage was reached: of those spans, in those groups. Sets lie within these. */
export interface ShownScalar {
  readonly text: string;
  readonly of: SpansPlan;
  readonly by: readonly RowExpression[];
  readonly scalar: ScalarPlan;
}

const everything: SpansPlan = { kind: 'condition', condition: { kind: 'constant', value: true } };

/** @throws {QueryError} `QUERY_INVALID` for a metrics query, and for expressions that make no sense */
export function compileSearch(query: Query): SearchPlan {
  if (query.kind === 'metrics') throw new QueryError('QUERY_INVALID', 'a metrics query finds no traces');
  const { spans, groups, scalars } = compilePipeline(query.pipeline);
  const needsWholeTraces = spans.kind !== 'condition' || conditionFields(spans.condition).some(dependsOnTrace);
  return { spans, needsWholeTraces, shown: { groups, scalars, fields: shownFields(query.pipeline) } };
}

/**
 * What is shown of a span: all that the query reads, or when that is too much, what it selects first.
 * @throws {QueryError} `QUERY_LIMIT` when it selects too much
 */
function shownFields(pipeline: Pipeline): readonly Field[] {
  const read = fieldsOfPipeline(pipeline);
  if (read.length <= limits.shownFieldsMax) return read;
  const selected = fieldsOfPipeline(pipeline.filter(({ kind }) => kind === 'select'));
  if (selected.length > limits.shownFieldsMax) {
    const message = `select() of ${selected.length} fields; at most ${limits.shownFieldsMax} are possible`;
    throw new QueryError('QUERY_LIMIT', message);
  }
  const names = new Set(selected.map(printField));
  const others = read.filter((field) => !names.has(printField(field)));
  return [...selected, ...others].slice(0, limits.shownFieldsMax);
}

interface PipelinePlan extends Omit<ShownPlan, 'fields'> {
  readonly spans: SpansPlan;
}

/** Stages are nested, the last one outermost. */
function compilePipeline(pipeline: readonly Stage[]): PipelinePlan {
  if (pipeline.length === 0) throw new QueryError('QUERY_INVALID', 'the query has no stage');
  let spans = everything;
  let groups: ShownPlan['groups'] = [];
  let scalars: readonly ShownScalar[] = [];
  for (const stage of stagesOf(pipeline)) {
    switch (stage.kind) {
      case 'scalarFilter': {
        const by = groups.map((group) => group.by);
        const [left, right] = [compileScalar(stage.left), compileScalar(stage.right)];
        const shown = [...shownScalars(stage.left, left), ...shownScalars(stage.right, right)];
        const byText = new Map(scalars.map((each) => [each.text, each]));
        for (const { text, scalar } of shown) byText.set(text, { text, scalar, of: spans, by });
        scalars = [...byText.values()];
        spans = { kind: 'groups', of: spans, by, left, op: stage.op, right };
        break;
      }
      case 'group':
        groups = [...groups, { text: printStage(stage), by: rowExpression(stage.by) }];
        break;
      case 'coalesce':
        groups = [];
        scalars = [];
        break;
      case 'select':
        // What is selected does not change which spans match.
        break;
      default:
        spans = thenPlan(spans, compileSpanset(stage));
    }
  }
  return { spans, groups, scalars };
}

/** A pipeline in brackets that is a whole stage is as if it had none. */
function stagesOf(pipeline: readonly Stage[]): readonly Stage[] {
  return pipeline.flatMap((stage) => (stage.kind === 'subpipeline' ? stagesOf(stage.pipeline) : [stage]));
}

/** Conditions are joined into one: then spans are judged where they lie. */
function thenPlan(first: SpansPlan, second: SpansPlan): SpansPlan {
  if (first === everything) return second;
  if (first.kind !== 'condition' || second.kind !== 'condition') return { kind: 'then', first, second };
  return { kind: 'condition', condition: joined('and', first.condition, second.condition) };
}

/** Down the left side by a loop: chains are long when a program builds them. */
function compileSpanset(spanset: SpansetExpression): SpansPlan {
  const operations: Extract<SpansetExpression, { kind: 'spansetOperation' }>[] = [];
  let leftmost = spanset;
  for (; leftmost.kind === 'spansetOperation'; leftmost = leftmost.left) operations.push(leftmost);
  let plan: SpansPlan =
    leftmost.kind === 'filter'
      ? { kind: 'condition', condition: compileCondition(leftmost.condition) }
      : compilePipeline(leftmost.pipeline).spans;
  for (const { op, right } of operations.reverse()) plan = operationOf(op, plan, compileSpanset(right));
  return plan;
}

function operationOf(op: SpansetOp, left: SpansPlan, right: SpansPlan): SpansPlan {
  if (op !== '||' || left.kind !== 'condition' || right.kind !== 'condition') {
    return { kind: 'operation', op, left, right };
  }
  return { kind: 'condition', condition: joined('or', left.condition, right.condition) };
}

/** Flat, however long the chain: what walks conditions goes as deep as they are. */
function joined(kind: 'and' | 'or', left: Condition, right: Condition): Condition {
  return { kind, parts: [...(left.kind === kind ? left.parts : [left]), right] };
}

function compileScalar(scalar: ScalarExpression): ScalarPlan {
  switch (scalar.kind) {
    case 'static':
      return { kind: 'constant', value: valueOfStatic(scalar.value) };
    case 'aggregate':
      return { kind: 'aggregate', aggregate: { fn: scalar.fn, of: scalar.of && rowExpression(scalar.of) } };
    case 'scalarArithmetic':
      return {
        kind: 'arithmetic',
        op: scalar.op,
        left: compileScalar(scalar.left),
        right: compileScalar(scalar.right),
      };
    case 'scalarPipeline': {
      const { spans, groups } = compilePipeline(scalar.pipeline);
      if (groups.length > 0) {
        const message = 'a pipeline in a comparison has one value for a trace; its by() has to be ended by coalesce()';
        throw new QueryError('QUERY_INVALID', message);
      }
      return { kind: 'pipeline', of: spans, result: compileScalar(scalar.result) };
    }
  }
}

/** The aggregates in a scalar, each under its text. */
function shownScalars(
  expression: ScalarExpression,
  scalar: ScalarPlan,
): readonly { readonly text: string; readonly scalar: ScalarPlan }[] {
  if (expression.kind === 'static') return [];
  if (expression.kind === 'scalarArithmetic' && scalar.kind === 'arithmetic') {
    return [...shownScalars(expression.left, scalar.left), ...shownScalars(expression.right, scalar.right)];
  }
  return [{ text: printScalar(expression), scalar }];
}
