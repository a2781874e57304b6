import { compare, type FieldExpression, type MetricsExpression, type Pipeline, type Query } from './tree.ts';

/**
 * The query of fewer spans: the condition joins the first filter, in front. `undefined` when the query does not begin with
 * a filter, or calculates with several.
 */
export function narrowQuery(query: Query, condition: FieldExpression): Query | undefined {
  if (query.kind === 'search') {
    const pipeline = narrowPipeline(query.pipeline, condition);
    return pipeline && { ...query, pipeline };
  }
  const metrics = narrowMetrics(query.metrics, condition);
  return metrics && { ...query, metrics };
}

function narrowMetrics(metrics: MetricsExpression, condition: FieldExpression): MetricsExpression | undefined {
  if (metrics.kind === 'metricsArithmetic') return undefined;
  const pipeline = narrowPipeline(metrics.pipeline, condition);
  return pipeline && { ...metrics, pipeline };
}

function narrowPipeline([first, ...rest]: Pipeline, condition: FieldExpression): Pipeline | undefined {
  if (first?.kind !== 'filter') return undefined;
  const all = first.condition === undefined ? condition : compare(condition, '&&', first.condition);
  return [{ kind: 'filter', condition: all }, ...rest];
}
