import {
  allOf,
  compare,
  constant,
  type FieldExpression,
  parseConstant,
  parseFieldName,
  parseFieldNames,
  type Pipeline,
  type Query,
  queryLimits,
  type SpansetExpression,
  type Stage,
} from '@spoor/traceql';
import {
  type BuilderDraft,
  type BuilderGroup,
  type BuilderOp,
  type BuilderOutcome,
  type BuilderRow,
  countsSpans,
  type MetricsOutcome,
  type TracesOutcome,
} from './builder-draft.ts';
import { type ValueMode, valueOf } from './row-value.ts';

/** The query that a draft says. What is not complete in it is left out. */
export function queryOf({ spans, relation, related, outcome }: BuilderDraft): Query {
  const left = filterOf(spans);
  const spanset: SpansetExpression =
    relation === '' ? left : { kind: 'spansetOperation', op: relation, left, right: filterOf(related) };
  return withOutcome(spanset, outcome);
}

export function modeOf(op: BuilderOp): ValueMode {
  return op === '=~' || op === '!~' ? 'regex' : 'plain';
}

function filterOf(group: BuilderGroup): SpansetExpression {
  const conditions = group.map(conditionOf).filter((condition) => condition !== undefined);
  return { kind: 'filter', condition: allOf(conditions) };
}

function conditionOf({ field: name, op, value: text }: BuilderRow): FieldExpression | undefined {
  const field = parseFieldName(name);
  const value = field && valueOf(text, field, modeOf(op));
  return field && value && compare(field, op, constant(value));
}

function withOutcome(spanset: SpansetExpression, outcome: BuilderOutcome): Query {
  switch (outcome.kind) {
    case 'traces':
      return { kind: 'search', pipeline: [spanset, ...stagesOf(outcome)], hints: [] };
    case 'metrics':
      return metricsOf([spanset], outcome);
    case 'compare':
      return {
        kind: 'metrics',
        metrics: {
          kind: 'compare',
          pipeline: [spanset],
          selection: filterOf(outcome.selection),
          topN: queryLimits.compareTopDefault,
          startNano: undefined,
          endNano: undefined,
        },
        hints: [],
      };
  }
}

function stagesOf({ by, fn, of, op, value: text }: TracesOutcome): Stage[] {
  const stages: Stage[] = [];
  const group = parseFieldName(by);
  if (group !== undefined) stages.push({ kind: 'group', by: group });
  const value = parseConstant(text);
  const field = fn === 'count' ? undefined : parseFieldName(of);
  if (fn !== '' && value !== undefined && (fn === 'count' || field !== undefined)) {
    stages.push({
      kind: 'scalarFilter',
      op,
      left: { kind: 'aggregate', fn, of: field },
      right: { kind: 'static', value },
    });
  }
  return stages;
}

/** A function of nothing is not complete: until then the spans are counted. */
function metricsOf(pipeline: Pipeline, { fn, of, by, quantiles }: MetricsOutcome): Query {
  const field = countsSpans(fn) ? undefined : parseFieldName(of);
  const isComplete = countsSpans(fn) || field !== undefined;
  return {
    kind: 'metrics',
    metrics: {
      kind: 'metricsAggregate',
      pipeline,
      fn: isComplete ? fn : 'rate',
      of: field,
      by: parseFieldNames(by) ?? [],
      arguments: isComplete && fn === 'quantile_over_time' ? quantilesOf(quantiles) : [],
      second: [],
    },
    hints: [],
  };
}

function quantilesOf(text: string): number[] {
  const numbers = text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number)
    .filter((number) => number >= 0 && number <= 1);
  return numbers.length === 0 ? [0.5] : numbers;
}
