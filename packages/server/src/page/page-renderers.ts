import { parseSpanId, QueryError, serviceName, type Attribute, type AttributeValue, type Span, type Trace } from '@spoor/model';
import type { TraceRenderer } from '@spoor/query';
import { type Field, matchesPlain, parsePlainQuery, type Static } from '@spoor/traceql';
import { encodeSkeleton, encodeTracesJson, treeOfSpans } from '@spoor/wire';

/** Answers about one trace for the page. Each is asked with one id; without a trace the body is empty. */
export const pageRenderers: Readonly<Record<string, TraceRenderer>> = {
  'page-skeleton': ([trace]) => (trace === undefined ? nothing() : encodeSkeleton(trace)),
  'page-row': renderRow,
  'page-span': renderSpan,
  'page-find': renderFound,
};

/** A new one each time: the answer's buffer is handed to another thread and gone from this one. */
function nothing(): Uint8Array {
  return new Uint8Array(0);
}

/**
 * The span at `row` of the skeleton. `spans` is the count of the skeleton that is meant: when more have arrived since,
 * rows have moved, and the answer is empty.
 */
function renderRow([trace]: readonly Trace[], options: Parameters<TraceRenderer>[1]): Uint8Array {
  const row = Number(options['row']);
  if (trace === undefined || trace.spans.length !== Number(options['spans']) || !(row < trace.spans.length)) return nothing();
  return detailsJson(trace, row, trace.spans[treeOfSpans(trace.spans).order[row]!]!);
}

/** The span with the id `span`, and its row. */
function renderSpan([trace]: readonly Trace[], options: Parameters<TraceRenderer>[1]): Uint8Array {
  const id = parseSpanId(String(options['span']));
  const index = trace?.spans.findIndex(({ spanId }) => spanId === id) ?? -1;
  if (trace === undefined || index < 0) return nothing();
  return detailsJson(trace, treeOfSpans(trace.spans).order.indexOf(index), trace.spans[index]!);
}

function detailsJson(trace: Trace, row: number, span: Span): Uint8Array {
  const otlp = encodeTracesJson([{ traceId: trace.traceId, spans: [span] }]);
  return Buffer.concat([Buffer.from(`{"row":${row},"spanCount":${trace.spans.length},`), otlp.subarray(1)]);
}

/** Rows whose spans match the typed query `q`, attributes included: `{"rows":[…]}`. */
function renderFound([trace]: readonly Trace[], options: Parameters<TraceRenderer>[1]): Uint8Array {
  const query = parsePlainQuery(String(options['q']));
  if (query.kind === 'error') throw new QueryError('QUERY_INVALID', query.message);
  if (trace === undefined || query.kind === 'traceId') return Buffer.from('{"rows":[]}');
  const { order } = treeOfSpans(trace.spans);
  const rows: number[] = [];
  try {
    for (let row = 0; row < order.length; row++) {
      const span = trace.spans[order[row]!]!;
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

function attributeOf(span: Span, scope: Extract<Field, { kind: 'attribute' }>['scope'], name: string): Static | undefined {
  switch (scope) {
    case 'any':
      return find(span.attributes, name) ?? find(span.resource.attributes, name);
    case 'span':
      return find(span.attributes, name);
    case 'resource':
      return name === 'service.name' ? { type: 'string', value: serviceName(span.resource) } : find(span.resource.attributes, name);
    case 'event':
      return find(span.events.flatMap(({ attributes }) => attributes), name);
    case 'link':
      return find(span.links.flatMap(({ attributes }) => attributes), name);
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
      return { type: 'string', value: JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each)) };
  }
}
