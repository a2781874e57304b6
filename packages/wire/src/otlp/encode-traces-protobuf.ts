import {
  type Attribute,
  ProtobufWriter,
  type Resource,
  type Scope,
  type Span,
  type SpanEvent,
  type SpanLink,
  type Trace,
  writeKeyValue,
} from '@spoor/model';
import { MESSAGE_FIELD } from '../message-list.ts';
import { groupSpans } from './span-groups.ts';

/**
 * An `ExportTraceServiceRequest` (or `TracesData`, which has the same bytes) of whole traces, grouped by resource,
 * then scope. Fields at their default are left out. The inverse of `decodeTracesProtobuf`, whose comments draw the messages.
 * Source: opentelemetry-proto 1.11, trace/v1/trace.proto.
 */
export function encodeTracesProtobuf(traces: readonly Trace[]): Uint8Array {
  const writer = new ProtobufWriter(64 * 1024);
  for (const [resource, scopes] of groupSpans(traces)) {
    const resourceSpans = writer.begin(1);
    writeResource(writer, resource);
    for (const [scope, spans] of scopes) {
      const scopeSpans = writer.begin(2);
      writeScope(writer, scope);
      for (const span of spans) writeSpan(writer, span);
      writeString(writer, 3, scope.schemaUrl);
      writer.end(scopeSpans);
    }
    writeString(writer, 3, resource.schemaUrl);
    writer.end(resourceSpans);
  }
  return writer.finish();
}

/**
 * Whole traces as a stream of `TracesData` messages (see `message-list.ts`), for protocols that must not mix traces in one:
 * each holds spans of one trace, and those of one trace follow one another. A message ends when it has reached
 * `sizeBytes`; what passes that is one span's own size. Where it ends, resource and scope are written again.
 */
export function encodeTraceChunks(traces: readonly Trace[], sizeBytes: number): Uint8Array {
  const writer = new ProtobufWriter(64 * 1024);
  for (const trace of traces) writeChunks(writer, trace, sizeBytes);
  return writer.finish();
}

function writeChunks(writer: ProtobufWriter, trace: Trace, sizeBytes: number): void {
  let chunk = writer.begin(MESSAGE_FIELD);
  for (const [resource, scopes] of groupSpans([trace])) {
    for (const [scope, spans] of scopes) {
      for (let i = 0; i < spans.length;) {
        if (writer.length - chunk >= sizeBytes) {
          writer.end(chunk);
          chunk = writer.begin(MESSAGE_FIELD);
        }
        const resourceSpans = writer.begin(1);
        writeResource(writer, resource);
        const scopeSpans = writer.begin(2);
        writeScope(writer, scope);
        do writeSpan(writer, spans[i++]);
        while (i < spans.length && writer.length - chunk < sizeBytes);
        writeString(writer, 3, scope.schemaUrl);
        writer.end(scopeSpans);
        writeString(writer, 3, resource.schemaUrl);
        writer.end(resourceSpans);
      }
    }
  }
  writer.end(chunk);
}

function writeResource(writer: ProtobufWriter, resource: Resource): void {
  const start = writer.begin(1);
  writeAttributes(writer, 1, resource.attributes);
  writeCount(writer, 2, resource.droppedAttributesCount);
  for (const body of resource.entityRefs) writer.bytesField(3, body);
  writer.end(start);
}

function writeScope(writer: ProtobufWriter, scope: Scope): void {
  const start = writer.begin(1);
  writeString(writer, 1, scope.name);
  writeString(writer, 2, scope.version);
  writeAttributes(writer, 3, scope.attributes);
  writeCount(writer, 4, scope.droppedAttributesCount);
  writer.end(start);
}

function writeSpan(writer: ProtobufWriter, span: Span): void {
  const start = writer.begin(2);
  writer.hexField(1, span.traceId);
  writer.hexField(2, span.spanId);
  writeString(writer, 3, span.traceState);
  writer.hexField(4, span.parentSpanId);
  writeString(writer, 5, span.name);
  if (span.kind !== 0) writer.intField(6, span.kind);
  if (span.startTimeUnixNano !== 0n) writer.fixed64Field(7, span.startTimeUnixNano);
  if (span.endTimeUnixNano !== 0n) writer.fixed64Field(8, span.endTimeUnixNano);
  writeAttributes(writer, 9, span.attributes);
  writeCount(writer, 10, span.droppedAttributesCount);
  for (const event of span.events) writeEvent(writer, event);
  writeCount(writer, 12, span.droppedEventsCount);
  for (const link of span.links) writeLink(writer, link);
  writeCount(writer, 14, span.droppedLinksCount);
  if (span.statusCode !== 0 || span.statusMessage !== '') {
    const status = writer.begin(15);
    writeString(writer, 2, span.statusMessage);
    if (span.statusCode !== 0) writer.intField(3, span.statusCode);
    writer.end(status);
  }
  if (span.flags !== 0) writer.fixed32Field(16, span.flags);
  writer.end(start);
}

function writeEvent(writer: ProtobufWriter, event: SpanEvent): void {
  const start = writer.begin(11);
  if (event.timeUnixNano !== 0n) writer.fixed64Field(1, event.timeUnixNano);
  writeString(writer, 2, event.name);
  writeAttributes(writer, 3, event.attributes);
  writeCount(writer, 4, event.droppedAttributesCount);
  writer.end(start);
}

function writeLink(writer: ProtobufWriter, link: SpanLink): void {
  const start = writer.begin(13);
  writer.hexField(1, link.traceId);
  writer.hexField(2, link.spanId);
  writeString(writer, 3, link.traceState);
  writeAttributes(writer, 4, link.attributes);
  writeCount(writer, 5, link.droppedAttributesCount);
  if (link.flags !== 0) writer.fixed32Field(6, link.flags);
  writer.end(start);
}

function writeAttributes(writer: ProtobufWriter, field: number, attributes: readonly Attribute[]): void {
  for (const attribute of attributes) writeKeyValue(writer, field, attribute);
}

function writeString(writer: ProtobufWriter, field: number, text: string): void {
  if (text !== '') writer.stringField(field, text);
}

function writeCount(writer: ProtobufWriter, field: number, count: number): void {
  if (count !== 0) writer.varintField(field, count);
}
