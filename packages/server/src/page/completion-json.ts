import { QueryError } from '@spoor/model';
import type { AttributeValuesAnswer, TraceStore } from '@spoor/query';
import { type Field, parseFieldName, plainField, printStatic } from '@spoor/traceql';

/** More than a list on screen shows; the prefix narrows. */
const offeredMax = 50;
const valuesReadMax = 10_000;

/** `GET names?prefix`: attributes whose names begin so, else contain it, each with its scope. */
export async function namesJson(
  store: TraceStore,
  tenant: string,
  parameters: URLSearchParams,
  signal: AbortSignal,
): Promise<string> {
  const found = await store.attributeNames(tenant, {}, signal);
  return JSON.stringify({ names: offered(found, ({ name }) => name, parameters.get('prefix') ?? '') });
}

/**
 * `GET values?name&prefix`: values of a field as it is typed in words. `GET values?field&prefix`: values of a field as
 * TraceQL writes it, written as TraceQL does.
 * @throws {QueryError} `QUERY_INVALID`
 */
export async function valuesJson(
  store: TraceStore,
  tenant: string,
  parameters: URLSearchParams,
  signal: AbortSignal,
): Promise<string> {
  const prefix = parameters.get('prefix') ?? '';
  const traceqlName = parameters.get('field');
  const field = traceqlName === null ? typedField(parameters.get('name') ?? '') : traceqlField(traceqlName);
  if (field === undefined) return JSON.stringify({ values: [] });
  const { values } = await valuesOf(store, tenant, field, signal);
  const found = offered(values, ({ value }) => value, prefix);
  return JSON.stringify({ values: found.map(traceqlName === null ? ({ value }) => value : literalOf) });
}

function typedField(name: string): Field | undefined {
  if (name === '') throw new QueryError('QUERY_INVALID', 'name is missing');
  const target = plainField(name);
  return target.kind === 'text' ? target.field : undefined;
}

/** @throws {QueryError} `QUERY_INVALID` */
function traceqlField(text: string): Field {
  const field = parseFieldName(text);
  if (field === undefined) throw new QueryError('QUERY_INVALID', `'${text}' is not a field`);
  return field;
}

async function valuesOf(
  store: TraceStore,
  tenant: string,
  field: Field,
  signal: AbortSignal,
): Promise<AttributeValuesAnswer> {
  if (field.kind === 'intrinsic') {
    return store.intrinsicValues(tenant, { name: field.name, limit: valuesReadMax }, signal);
  }
  return store.attributeValues(tenant, { scope: field.scope, name: field.name, limit: valuesReadMax }, signal);
}

function literalOf({ type, value }: AttributeValuesAnswer['values'][number]): string {
  switch (type) {
    case 'string':
      return printStatic({ type: 'string', value });
    case 'double':
      return printStatic({ type: 'float', value: Number(value) });
    default:
      return value;
  }
}

/** Those that begin with the prefix come first. Empty texts are left out. */
function offered<T>(all: readonly T[], textOf: (each: T) => string, prefix: string): T[] {
  const wanted = prefix.toLowerCase();
  const rank = (text: string): number => (text.toLowerCase().startsWith(wanted) ? 0 : 1);
  return all
    .filter((each) => textOf(each) !== '' && textOf(each).toLowerCase().includes(wanted))
    .sort((a, b) => rank(textOf(a)) - rank(textOf(b)) || (textOf(a) < textOf(b) ? -1 : 1))
    .slice(0, offeredMax);
}
