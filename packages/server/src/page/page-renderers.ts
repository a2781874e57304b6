import { QueryError, serviceName, type Attribute, type AttributeValue, type Span, type Trace } from '@spoor/model';
import type { TraceRenderer } from '@spoor/query';
import { type Field, matchesPlain, parsePlainQuery, type Static } from '@spoor/traceql';
import { skeletonInputOf, traceTree } from '@spoor/wire';

/** Answers about a whole trace for the page; what needs its columns only is in `page-query.ts`. */
export const pageRenderers: Readonly<Record<string, TraceRenderer>> = {
  'page-find': renderFound,
};

/** Rows whose spans match the typed query `q`, attributes included: `{"rows":[…]}`. */
function renderFound([trace]: readonly Trace[], options: Parameters<TraceRenderer>[1]): Uint8Array {
  const query = parsePlainQuery(String(options['q']));
  if (query.kind === 'error') throw new QueryError('QUERY_INVALID', query.message);
  if (trace === undefined || query.kind === 'traceId') return Buffer.from('{"rows":[]}');
  const { order } = traceTree(skeletonInputOf(trace));
  const rows: number[] = [];
  try {
    for (let row = 0; row < order.length; row++) {
      const span = trace.spans[order[row]];
      if (matchesPlain(query.condition, (field) => valueOf(span, field))) rows.push(row);
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new QueryError('QUERY_INVALID', error.message, { cause: error });
  }
  return Buffer.from(JSON.stringify({ rows }));
}

const statuses = ['unset', 'ok', 'error'] as const;
const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

function valueOf(span: Span, field: Field): Static | undefined {
  if (field.kind === 'attribute') return attributeOf(span, field.scope, field.name);
  switch (field.name) {
    case 'span:name':
      return { type: 'string', value: span.name };
    case 'span:duration':
      return { type: 'duration', value: Math.max(0, Number(span.endTimeUnixNano - span.startTimeUnixNano)) };
    case 'span:status':
      return { type: 'status', value: statuses[span.statusCode] ?? 'unset' };
    case 'span:kind':
      return { type: 'kind', value: kinds[span.kind] ?? 'unspecified' };
    default:
      return undefined;
  }
}

function attributeOf(
  span: Span,
  scope: Extract<Field, { kind: 'attribute' }>['scope'],
  name: string,
): Static | undefined {
  switch (scope) {
    case 'any':
      return find(span.attributes, name) ?? find(span.resource.attributes, name);
    case 'span':
      return find(span.attributes, name);
    case 'resource':
      return name === 'service.name'
        ? { type: 'string', value: serviceName(span.resource) }
        : find(span.resource.attributes, name);
    case 'event':
      return find(
        span.events.flatMap(({ attributes }) => attributes),
        name,
      );
    case 'link':
      return find(
        span.links.flatMap(({ attributes }) => attributes),
        name,
      );
    case 'instrumentation':
      return find(span.scope.attributes, name);
  }
}

function find(attributes: readonly Attribute[], name: string): Static | undefined {
  const value = attributes.find(({ key }) => key === name)?.value;
  return value === undefined ? undefined : staticOf(value);
}

function staticOf(value: AttributeValue): Static {
  switch (value.type) {
    case 'string':
    case 'bool':
    case 'int':
      return value;
    case 'double':
      return { type: 'float', value: value.value };
    default:
      return {
        type: 'string',
        value: JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each)),
      };
  }
}
