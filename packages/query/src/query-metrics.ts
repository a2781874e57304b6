import { QueryError } from '@spoor/model';
import type { QuerySources } from './query-sources.ts';
import type { MetricsAnswer, MetricsRequest } from './trace-store.ts';

/**
 * Evaluates a metrics query.
 * @throws {QueryError} `QUERY_INVALID`
 */
export async function queryMetrics(
  _sources: QuerySources,
  _request: MetricsRequest,
  _signal?: AbortSignal,
): Promise<MetricsAnswer> {
  throw new QueryError('QUERY_INVALID', 'a metrics query is not yet supported');
}
