import { QueryError } from '@spoor/model';
import type { TraceStore } from '@spoor/query';
import { plainField } from '@spoor/traceql';

/** More than a list on screen shows; the prefix narrows. */
const offeredMax = 50;

/** `GET names?prefix`: attribute names that begin so, else that contain it; each once, whatever its scopes. */
export async function namesJson(
  store: TraceStore,
  tenant: string,
  parameters: URLSearchParams,
  signal: AbortSignal,
): Promise<string> {
  const found = await store.attributeNames(tenant, {}, signal);
  return JSON.stringify({
    names: offered(
      found.map(({ name }) => name),
      parameters.get('prefix') ?? '',
    ),
  });
}

/** `GET values?name&prefix`: values of a field as it is typed in a query. @throws {QueryError} `QUERY_INVALID` */
export async function valuesJson(
  store: TraceStore,
  tenant: string,
  parameters: URLSearchParams,
  signal: AbortSignal,
): Promise<string> {
  const name = parameters.get('name') ?? '';
  if (name === '') throw new QueryError('QUERY_INVALID', 'name is missing');
  const target = plainField(name);
  const prefix = parameters.get('prefix') ?? '';
  if (target.kind !== 'text') return JSON.stringify({ values: [] });
  const { field } = target;
  if (field.kind === 'intrinsic') {
    const isName = field.name === 'span:name' || field.name === 'trace:rootName';
    const operations = isName ? await store.operations(tenant, {}, signal) : [];
    return JSON.stringify({
      values: offered(
        operations.map((operation) => operation.name),
        prefix,
      ),
    });
  }
  const request = { scope: field.scope, name: field.name, limit: 10_000 };
  const { values } = await store.attributeValues(tenant, request, signal);
  return JSON.stringify({
    values: offered(
      values.map(({ value }) => value),
      prefix,
    ),
  });
}

/** Those that begin with the prefix come first. */
function offered(texts: readonly string[], prefix: string): string[] {
  const wanted = prefix.toLowerCase();
  const distinct = [...new Set(texts)].filter((text) => text !== '' && text.toLowerCase().includes(wanted));
  const isFirst = (text: string): number => (text.toLowerCase().startsWith(wanted) ? 0 : 1);
  return distinct.sort((a, b) => isFirst(a) - isFirst(b) || (a < b ? -1 : 1)).slice(0, offeredMax);
}
