import { codeOf, CorruptionError, QueryError, SpoorError } from '@spoor/model';
import type { FlatError } from './query-job.ts';

/** Gives an error from a worker its class back, by its code. */
export function restoreError(flat: FlatError): Error {
  const code = codeOf(flat);
  if (code === 'STORE_CORRUPT' && flat.path !== undefined && flat.offset !== undefined) {
    return Object.assign(new CorruptionError(flat.path, flat.offset, ''), { message: flat.message });
  }
  if (code !== undefined)
    return code.startsWith('QUERY_') ? new QueryError(code, flat.message) : new SpoorError(code, flat.message);
  const error = Object.assign(new Error(flat.message), flat.code === undefined ? {} : { code: flat.code });
  if (flat.stack !== undefined) error.stack = flat.stack;
  return error;
}
