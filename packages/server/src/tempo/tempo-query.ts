import { codeOf, QueryError } from '@spoor/model';
import { parseQuery, type MetricsExpression, type Pipeline, type Query } from '@spoor/traceql';

/** @throws {QueryError} in Tempo's words */
export function parseTempoQuery(text: string): Query {
  try {
    return parseQuery(text);
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    throw new QueryError(code, `invalid TraceQL query: ${(error as Error).message}`, { cause: error });
  }
}

/** The spans that a query is about: a metrics query searches what it would count. */
export function searchOf(query: Query): Query {
  if (query.kind === 'search') return query;
  return { kind: 'search', pipeline: pipelineOf(query.metrics), hints: query.hints };
}

function pipelineOf(metrics: MetricsExpression): Pipeline {
  let left = metrics;
  while (left.kind === 'metricsArithmetic') {
    if (left.left.kind !== 'static') left = left.left;
    else if (left.right.kind !== 'static') left = left.right;
    else return [{ kind: 'filter', condition: undefined }];
  }
  return left.pipeline;
}

/**
 * Narrows the names and values that are offered to somebody who is still typing: what cannot be read yet, or is no
 * search, narrows nothing.
 */
export function narrowingQuery(text: string): Query | undefined {
  if (text === '') return undefined;
  try {
    const query = searchOf(parseQuery(text));
    if (query.kind !== 'search') return undefined;
    const [first] = query.pipeline;
    const isEverything = query.pipeline.length === 1 && first.kind === 'filter' && first.condition === undefined;
    return isEverything ? undefined : query;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}
