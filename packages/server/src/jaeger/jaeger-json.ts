import {
  QueryError,
  type Attribute,
  type AttributeValue,
  type Resource,
  type Span,
  type SpanEvent,
  type Trace,
} from '@spoor/model';
import type { TraceRenderer } from '@spoor/query';
import {
  base64,
  jaegerDurationNano,
  jaegerFlags,
  jaegerLogFields,
  jaegerProcess,
  jaegerReferences,
  jaegerTags,
  jaegerWarnings,
  plainValue,
  TextChunks,
  type JaegerReference,
} from '@spoor/wire';
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
  const duration = jaegerDurationNano(span) / 1000n;
  const flags = jaegerFlags(span);
  const warnings = jaegerWarnings(span);
  return (
    `{"traceID":"${jaegerTraceId(span.traceId)}","spanID":"${span.spanId}",` +
    (flags === 0 ? '' : `"flags":${flags},`) +
    `"operationName":${JSON.stringify(span.name)},"references":[${jaegerReferences(span).map(referenceJson).join(',')}],` +
    `"startTime":${start},"duration":${duration},` +
    `"tags":[${jaegerTags(span).map(tagJson).join(',')}],"logs":[${logs(span.events, raw).join(',')}],` +
    `"processID":"${processId}","warnings":${warnings.length === 0 ? 'null' : JSON.stringify(warnings)}}`
  );
}

function referenceJson({ type, traceId, spanId }: JaegerReference): string {
  return `{"refType":"${type}","traceID":"${jaegerTraceId(traceId)}","spanID":"${spanId}"}`;
}

function logs(events: readonly SpanEvent[], raw: boolean): string[] {
  const ordered = raw ? events : events.toSorted((a, b) => Number(a.timeUnixNano - b.timeUnixNano));
  return ordered.map((event) => {
    const fields = jaegerLogFields(event).map(tagJson);
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
  const { serviceName, tags } = jaegerProcess(resource);
  return `{"serviceName":${JSON.stringify(serviceName)},"tags":[${tags.map(tagJson).join(',')}]}`;
}

function tagJson({ key, value }: Attribute): string {
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
