import {
  QueryError,
  serviceName,
  StatusCode,
  type Attribute,
  type AttributeValue,
  type Resource,
  type Span,
  type SpanEvent,
  type SpanLink,
  type Trace,
} from '@spoor/model';
import type { TraceRenderer } from '@spoor/query';
import { TextChunks } from '@spoor/wire';
import { namelessService } from './compile-search.ts';
import { base64, plainValue } from '../plain-value.ts';
import { separateSharedSpanIds } from './shared-span-ids.ts';

/**
 * Writes traces as the `data` array of Jaeger's answers. Options: `raw` (boolean) skips Jaeger's adjusters,
 * `prettyPrint` (boolean) indents by 4 as an array inside the envelope.
 *
 * Text is put together by hand: field order and integers of any size are then as Jaeger's clients know them, and
 * a trace of 100,000 spans needs no second object tree.
 * Source: Jaeger, internal/uimodel; OTLP → Jaeger tags as in collector-contrib, pkg/translator/jaeger.
 */
export const renderJaegerJson: TraceRenderer = (traces, options) => {
  const text = new TextChunks();
  text.push('[');
  for (const [i, trace] of traces.entries()) {
    if (i > 0) text.push(',');
    pushTrace(text, trace, options['raw'] === true);
  }
  text.push(']');
  const bytes = text.finish();
  return options['prettyPrint'] === true ? indented(bytes) : bytes;
};

function pushTrace(text: TextChunks, trace: Trace, raw: boolean): void {
  const processes = new ProcessTable();
  const spans = raw ? trace.spans : separateSharedSpanIds(trace.spans);
  text.push(`{"traceID":"${jaegerTraceId(trace.traceId)}","spans":[`);
  for (const [i, span] of spans.entries()) {
    if (i > 0) text.push(',');
    text.push(spanJson(span, processes.idOf(span.resource), raw));
  }
  text.push(`],"processes":${processes.json()},"warnings":null}`);
}

/** Indenting goes by way of objects and one string; what people read with their own eyes is never that long. */
const indentedBytesMax = 64 * 1024 * 1024;

function indented(compact: Uint8Array): Uint8Array {
  if (compact.length > indentedBytesMax) {
    throw new QueryError('QUERY_LIMIT', `an answer of ${compact.length} bytes is too large for prettyPrint`);
  }
  const value: unknown = JSON.parse(new TextDecoder().decode(compact));
  return Buffer.from(JSON.stringify(value, undefined, 4).replaceAll('\n', '\n    '));
}

/** Jaeger spells a 64-bit trace id with 16 digits. */
export function jaegerTraceId(id: string): string {
  return id.length === 32 && id.startsWith('0000000000000000') ? id.slice(16) : id;
}

function spanJson(span: Span, processId: string, raw: boolean): string {
  const start = span.startTimeUnixNano / 1000n;
  const nanoseconds = span.endTimeUnixNano - span.startTimeUnixNano;
  const duration = nanoseconds > 0n ? nanoseconds / 1000n : 0n;
  const flags = span.flags & 0xff;
  return (
    `{"traceID":"${jaegerTraceId(span.traceId)}","spanID":"${span.spanId}",` +
    (flags === 0 ? '' : `"flags":${flags},`) +
    `"operationName":${JSON.stringify(span.name)},"references":[${references(span).join(',')}],` +
    `"startTime":${start},"duration":${duration},` +
    `"tags":[${spanTags(span).join(',')}],"logs":[${logs(span.events, raw).join(',')}],` +
    `"processID":"${processId}","warnings":null}`
  );
}

function references(span: Span): string[] {
  const texts: string[] = [];
  if (span.parentSpanId !== '') texts.push(reference('CHILD_OF', span.traceId, span.parentSpanId));
  for (const link of span.links) {
    if (link.traceId !== '' && link.spanId !== '') texts.push(reference(linkType(link), link.traceId, link.spanId));
  }
  return texts;
}

function reference(type: string, traceId: string, spanId: string): string {
  return `{"refType":"${type}","traceID":"${jaegerTraceId(traceId)}","spanID":"${spanId}"}`;
}

/** A link that came from Jaeger says what kind of reference it was. */
function linkType(link: SpanLink): string {
  const type = link.attributes.find(({ key }) => key === 'opentracing.ref_type')?.value;
  return type?.type === 'string' && type.value === 'child_of' ? 'CHILD_OF' : 'FOLLOWS_FROM';
}

const kindNames: readonly string[] = ['', 'internal', 'server', 'client', 'producer', 'consumer'];

/** The order is Jaeger's: scope, attributes, kind, status, trace state. */
function spanTags(span: Span): string[] {
  const tags: string[] = [];
  const { scope } = span;
  if (scope.name !== '') tags.push(textTag('otel.scope.name', scope.name));
  if (scope.version !== '') tags.push(textTag('otel.scope.version', scope.version));
  for (const attribute of span.attributes) tags.push(attributeTag(attribute));
  const kind = spanKindName(span.kind);
  if (kind !== '') tags.push(textTag('span.kind', kind));
  if (span.statusCode === StatusCode.ok) tags.push(textTag('otel.status_code', 'OK'));
  if (span.statusCode === StatusCode.error) {
    tags.push(textTag('otel.status_code', 'ERROR'), '{"key":"error","type":"bool","value":true}');
  }
  if (span.statusMessage !== '') tags.push(textTag('otel.status_description', span.statusMessage));
  if (span.traceState !== '') tags.push(textTag('w3c.tracestate', span.traceState));
  return tags;
}

/** Empty for an unspecified kind, and for a number that OTLP has no name for. */
export function spanKindName(kind: number): string {
  return kindNames[kind] ?? '';
}

function logs(events: readonly SpanEvent[], raw: boolean): string[] {
  const ordered = raw ? events : events.toSorted((a, b) => Number(a.timeUnixNano - b.timeUnixNano));
  return ordered.map((event) => {
    const fields = event.attributes.map(attributeTag);
    if (event.name !== '') fields.unshift(textTag('event', event.name));
    return `{"timestamp":${event.timeUnixNano / 1000n},"fields":[${fields.join(',')}]}`;
  });
}

/** Processes are numbered in order of first use; resources equal in what Jaeger shows are one process. */
class ProcessTable {
  readonly #idOfResource = new Map<Resource, string>();
  readonly #idOfText = new Map<string, string>();

  idOf(resource: Resource): string {
    let id = this.#idOfResource.get(resource);
    if (id === undefined) {
      const text = processJson(resource);
      id = this.#idOfText.get(text) ?? `p${this.#idOfText.size + 1}`;
      this.#idOfText.set(text, id);
      this.#idOfResource.set(resource, id);
    }
    return id;
  }

  json(): string {
    const members = Array.from(this.#idOfText, ([text, id]) => `"${id}":${text}`);
    return `{${members.join(',')}}`;
  }
}

function processJson(resource: Resource): string {
  const name = serviceName(resource) || namelessService;
  const tags = resource.attributes.filter(({ key }) => key !== 'service.name').map(attributeTag);
  return `{"serviceName":${JSON.stringify(name)},"tags":[${tags.join(',')}]}`;
}

function textTag(key: string, value: string): string {
  return `{"key":"${key}","type":"string","value":${JSON.stringify(value)}}`;
}

function attributeTag({ key, value }: Attribute): string {
  return `{"key":${JSON.stringify(key)},${typeAndValue(value)}}`;
}

/** An integer past 2^53 is a string of type int64, or JavaScript's clients would round it. */
function typeAndValue(value: AttributeValue): string {
  switch (value.type) {
    case 'string':
      return `"type":"string","value":${JSON.stringify(value.value)}`;
    case 'bool':
      return `"type":"bool","value":${value.value}`;
    case 'int':
      return `"type":"int64","value":${typeof value.value === 'bigint' ? `"${value.value}"` : value.value}`;
    case 'double':
      return `"type":"float64","value":${Number.isFinite(value.value) ? value.value : `"${value.value}"`}`;
    case 'bytes':
      return `"type":"binary","value":"${base64(value.value)}"`;
    case 'array':
    case 'kvlist':
      return `"type":"string","value":${JSON.stringify(JSON.stringify(plainValue(value)))}`;
    case 'empty':
      return '"type":"string","value":""';
  }
}
