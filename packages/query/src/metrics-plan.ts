import { limits } from '@spoor/model';
import {
  dependsOnTrace,
  type Field,
  fieldType,
  type Hints,
  type MetricsExpression,
  type MetricsFunction,
  type MetricsOperand,
  type Pipeline,
  type SecondStage,
} from '@spoor/traceql';
import type { MetricsOp } from './metric-series.ts';
import { numberOf } from './metric-series.ts';
import { compileSearch } from './search-plan.ts';
import type { SpansPlan } from './spans-plan.ts';
import type { MetricsRequest } from './trace-store.ts';

/** A metrics query, compiled: functions over spans, each a *leaf*, and what is calculated with their series. */
export type MetricsPlan =
  | { readonly kind: 'leaf'; readonly leaf: MetricsLeaf; readonly second: readonly SecondStage[] }
  | {
      readonly kind: 'join';
      readonly op: MetricsOp;
      readonly left: MetricsPlan;
      readonly right: MetricsPlan;
      readonly second: readonly SecondStage[];
    }
  | {
      readonly kind: 'scale';
      readonly op: MetricsOp;
      readonly of: MetricsPlan;
      readonly constant: number;
      /** of the operator, where the constant stands */
      readonly side: 'left' | 'right';
      readonly second: readonly SecondStage[];
    };

export type MetricsLeaf = AggregateLeaf | CompareLeaf;

export interface AggregateLeaf {
  readonly kind: 'aggregate';
  readonly spans: SpansPlan;
  readonly needsWholeTraces: boolean;
  readonly fn: MetricsFunction;
  readonly of: Field | undefined;
  /** what the function is of is a time, whose unit in answers is a second */
  readonly isOfDuration: boolean;
  readonly by: readonly Field[];
  readonly quantiles: readonly number[];
}

export interface CompareLeaf {
  readonly kind: 'compare';
  readonly spans: SpansPlan;
  /** those of the spans that are compared with the others */
  readonly selected: SpansPlan;
  readonly needsWholeTraces: boolean;
  readonly topN: number;
  /** spans outside of [start, end) are not selected */
  readonly start: bigint | undefined;
  readonly end: bigint | undefined;
}

/** @throws {QueryError} `QUERY_INVALID` */
export function compileMetrics(metrics: MetricsExpression): MetricsPlan {
  switch (metrics.kind) {
    case 'metricsAggregate':
      return { kind: 'leaf', leaf: compileAggregate(metrics), second: metrics.second };
    case 'compare':
      return { kind: 'leaf', leaf: compileCompare(metrics), second: [] };
    case 'metricsArithmetic':
      return compileArithmetic(metrics);
  }
}

type Arithmetic = Extract<MetricsExpression, { kind: 'metricsArithmetic' }>;

function compileArithmetic({ op, left, right, second }: Arithmetic): MetricsPlan {
  const [a, b] = [compileOperand(left), compileOperand(right)];
  if (typeof a !== 'number' && typeof b !== 'number') return { kind: 'join', op, left: a, right: b, second };
  if (typeof a !== 'number') return { kind: 'scale', op, of: a, constant: b as number, side: 'right', second };
  if (typeof b !== 'number') return { kind: 'scale', op, of: b, constant: a, side: 'left', second };
  throw new TypeError('the parser folds arithmetic on constants');
}

function compileOperand(operand: MetricsOperand): MetricsPlan | number {
  return operand.kind === 'static' ? numberOf(operand.value) : compileMetrics(operand);
}

function compileAggregate(metrics: Extract<MetricsExpression, { kind: 'metricsAggregate' }>): AggregateLeaf {
  const { spans, needsWholeTraces } = compileSpans(metrics.pipeline);
  const { fn, of, by } = metrics;
  const fields = of === undefined ? by : [of, ...by];
  return {
    kind: 'aggregate',
    spans,
    needsWholeTraces: needsWholeTraces || fields.some(dependsOnTrace),
    fn,
    of,
    isOfDuration: of !== undefined && fieldType(of) === 'duration',
    by,
    quantiles: metrics.arguments,
  };
}

function compileCompare(metrics: Extract<MetricsExpression, { kind: 'compare' }>): CompareLeaf {
  return {
    kind: 'compare',
    spans: compileSpans(metrics.pipeline).spans,
    selected: compileSpans([...metrics.pipeline, metrics.selection]).spans,
    // It compares root names and counts of children, too.
    needsWholeTraces: true,
    topN: metrics.topN,
    start: metrics.startNano,
    end: metrics.endNano,
  };
}

function compileSpans(pipeline: Pipeline): { readonly spans: SpansPlan; readonly needsWholeTraces: boolean } {
  return compileSearch({ kind: 'search', pipeline, hints: [] });
}

export function leavesOf(plan: MetricsPlan): readonly MetricsLeaf[] {
  switch (plan.kind) {
    case 'leaf':
      return [plan.leaf];
    case 'join':
      return [...leavesOf(plan.left), ...leavesOf(plan.right)];
    case 'scale':
      return leavesOf(plan.of);
  }
}

/**
 * What the query's hints say. Those about samples are not needed, since exact answers take no longer; `most_recent` neither,
 * since sources are read newest first.
 */
export function hintedRequest(request: MetricsRequest): {
  readonly exemplarsMax: number;
  readonly isWeighted: boolean;
} {
  const { hints } = request.query;
  const asked = hintOf(hints, 'exemplars');
  const extrapolate = hintOf(hints, 'extrapolate');
  let { exemplarsMax } = request;
  if (asked === false) exemplarsMax = 0;
  if (asked === true && exemplarsMax === 0) exemplarsMax = limits.exemplarsMax;
  if (typeof asked === 'number') exemplarsMax = asked;
  return {
    exemplarsMax: Math.max(0, Math.min(exemplarsMax, limits.exemplarsMax)),
    isWeighted: typeof extrapolate === 'boolean' ? extrapolate : request.isWeighted === true,
  };
}

function hintOf(hints: Hints, name: string): boolean | number | undefined {
  const value = hints.findLast((hint) => hint.name === name)?.value;
  if (value?.type === 'bool') return value.value;
  return value?.type === 'int' ? Number(value.value) : undefined;
}
