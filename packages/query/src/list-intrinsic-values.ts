import { QueryError } from '@spoor/model';
import type { QuerySources } from './query-sources.ts';
import type { AttributeValuesAnswer, IntrinsicValuesRequest } from './trace-store.ts';

/**
 * Distinct values of an intrinsic.
 * @throws {QueryError} `QUERY_INVALID`
 */
export async function listIntrinsicValues(
  _sources: QuerySources,
  _request: IntrinsicValuesRequest,
  _signal?: AbortSignal,
): Promise<AttributeValuesAnswer> {
  throw new QueryError('QUERY_INVALID', 'values of intrinsics are not yet supported');
}
