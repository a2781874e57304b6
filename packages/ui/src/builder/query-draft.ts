import {
  type Field,
  type FieldExpression,
  type MetricsExpression,
  type Pipeline,
  printField,
  printQuery,
  printStatic,
  type Query,
  type SpansetExpression,
} from '@spoor/traceql';
import {
  type BuilderDraft,
  type BuilderGroup,
  builderOps,
  type BuilderOutcome,
  builderRelations,
  type BuilderRow,
  plainTraces,
  type TracesOutcome,
} from './builder-draft.ts';
import { modeOf, queryOf } from './draft-query.ts';
import { valueText } from './row-value.ts';

/**
 * The builder's fields for a query; `undefined` when the query says more than they can. What a draft is made of says the
 * same query again, to the letter.
 */
export function draftOf(query: Query): BuilderDraft | undefined {
  const draft = query.kind === 'search' ? draftOfSearch(query.pipeline) : draftOfMetrics(query.metrics);
  if (draft === undefined || printQuery(queryOf(draft)) !== printQuery(query)) return undefined;
  return draft;
}

function draftOfSearch([first, ...rest]: Pipeline): BuilderDraft | undefined {
  if (first === undefined || !isSpanset(first)) return undefined;
  const outcome = tracesOutcome(rest);
  return outcome && withSpans(first, outcome);
}

function isSpanset(stage: Pipeline[number]): stage is SpansetExpression {
  return stage.kind === 'filter' || stage.kind === 'spansetOperation';
}

function withSpans(spanset: SpansetExpression, outcome: BuilderOutcome): BuilderDraft | undefined {
  if (spanset.kind !== 'spansetOperation') {
    const spans = groupOf(spanset);
    return spans && { spans, relation: '', related: [], outcome };
  }
  const relation = builderRelations.find((each) => each === spanset.op);
  const spans = groupOf(spanset.left);
  const related = groupOf(spanset.right);
  return relation && spans && related && { spans, relation, related, outcome };
}

function groupOf(spanset: SpansetExpression): BuilderGroup | undefined {
  if (spanset.kind !== 'filter') return undefined;
  const conditions: FieldExpression[] = [];
  let rest = spanset.condition;
  for (; rest?.kind === 'binary' && rest.op === '&&'; rest = rest.left) conditions.push(rest.right);
  if (rest !== undefined) conditions.push(rest);
  const rows = conditions.reverse().map(rowOf);
  return rows.every((row) => row !== undefined) ? rows : undefined;
}

function rowOf(condition: FieldExpression): BuilderRow | undefined {
  if (condition.kind !== 'binary' || !isField(condition.left) || condition.right.kind !== 'static') return undefined;
  const op = builderOps.find((each) => each === condition.op);
  const value = op && valueText(condition.right.value, condition.left, modeOf(op));
  return op === undefined || value === undefined ? undefined : { field: printField(condition.left), op, value };
}

function isField(expression: FieldExpression): expression is Field {
  return expression.kind === 'attribute' || expression.kind === 'intrinsic';
}

function tracesOutcome(stages: Pipeline): TracesOutcome | undefined {
  let outcome = plainTraces;
  let rest = stages;
  if (rest[0]?.kind === 'group') {
    const { by } = rest[0];
    if (!isField(by)) return undefined;
    outcome = { ...outcome, by: printField(by) };
    rest = rest.slice(1);
  }
  const [filter, ...more] = rest;
  if (filter === undefined) return outcome;
  if (more.length > 0 || filter.kind !== 'scalarFilter') return undefined;
  const { op, left, right } = filter;
  if (left.kind !== 'aggregate' || right.kind !== 'static') return undefined;
  if (left.of !== undefined && !isField(left.of)) return undefined;
  const of = left.of === undefined ? '' : printField(left.of);
  return { ...outcome, fn: left.fn, of, op, value: printStatic(right.value) };
}

function draftOfMetrics(metrics: MetricsExpression): BuilderDraft | undefined {
  if (metrics.kind === 'metricsArithmetic') return undefined;
  const [spanset, ...more] = metrics.pipeline;
  if (spanset === undefined || more.length > 0 || !isSpanset(spanset)) return undefined;
  if (metrics.kind === 'compare') {
    const selection = groupOf(metrics.selection);
    return selection && withSpans(spanset, { kind: 'compare', selection });
  }
  const { fn, of, by, arguments: quantiles } = metrics;
  return withSpans(spanset, {
    kind: 'metrics',
    fn,
    of: of === undefined ? '' : printField(of),
    by: by.map(printField).join(', '),
    quantiles: quantiles.join(', '),
  });
}
