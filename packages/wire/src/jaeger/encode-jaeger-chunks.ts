import {
  ProtobufWriter,
  type Attribute,
  type AttributeValue,
  type Resource,
  type Span,
  type SpanEvent,
  type Trace,
} from '@spoor/model';
import { MESSAGE_FIELD } from '../message-list.ts';
import { plainValue } from '../plain-value.ts';
import {
  jaegerDurationNano,
  jaegerFlags,
  jaegerLogFields,
  jaegerProcess,
  jaegerReferences,
  jaegerTags,
  jaegerWarnings,
  type JaegerReference,
} from './jaeger-view.ts';

/** As many as Jaeger puts into one. */
const spansPerChunk = 10;

/**
 * Whole traces as a stream of `SpansResponseChunk`s (see `message-list.ts`): each holds spans of one trace. A chunk ends
 * early when it has reached `sizeBytes`; what passes that is one span's own size.
 *
 *    SpansResponseChunk:  1 spans  Span[]
 *
 * `jaeger-protobuf.ts` draws the other messages. Every span carries its process.
 * Source: jaeger-idl, proto/api_v2/query.proto and model.proto.
 */
export function encodeJaegerChunks(traces: readonly Trace[], sizeBytes: number): Uint8Array {
  const writer = new ProtobufWriter(64 * 1024);
  const processes = new ProcessBodies();
  for (const { spans } of traces) {
    let i = 0;
    while (i < spans.length) {
      const chunk = writer.begin(MESSAGE_FIELD);
      const end = Math.min(spans.length, i + spansPerChunk);
      do writeSpan(writer, spans[i], processes);
      while (++i < end && writer.length - chunk < sizeBytes);
      writer.end(chunk);
    }
  }
  return writer.finish();
}

/** The bodies of `Process` messages, each written once. */
class ProcessBodies {
  readonly #bodies = new Map<Resource, Uint8Array>();

  of(resource: Resource): Uint8Array {
    let body = this.#bodies.get(resource);
    if (body === undefined) {
      const writer = new ProtobufWriter();
      const process = jaegerProcess(resource);
      writer.stringField(1, process.serviceName);
      for (const tag of process.tags) writeTag(writer, 2, tag);
      body = writer.finish();
      this.#bodies.set(resource, body);
    }
    return body;
  }
}

function writeSpan(writer: ProtobufWriter, span: Span, processes: ProcessBodies): void {
  const start = writer.begin(1);
  writer.hexField(1, span.traceId);
  writer.hexField(2, span.spanId);
  if (span.name !== '') writer.stringField(3, span.name);
  for (const reference of jaegerReferences(span)) writeReference(writer, reference);
  const flags = jaegerFlags(span);
  if (flags !== 0) writer.varintField(5, flags);
  writeNano(writer, 6, span.startTimeUnixNano);
  writeNano(writer, 7, jaegerDurationNano(span));
  for (const tag of jaegerTags(span)) writeTag(writer, 8, tag);
  for (const event of span.events) writeLog(writer, event);
  writer.bytesField(10, processes.of(span.resource));
  for (const warning of jaegerWarnings(span)) writer.stringField(12, warning);
  writer.end(start);
}

/** Jaeger's clients refuse the whole message over an id of the wrong length. */
function writeReference(writer: ProtobufWriter, { type, traceId, spanId }: JaegerReference): void {
  if (traceId.length !== 32 || spanId.length !== 16) return;
  const start = writer.begin(4);
  writer.hexField(1, traceId);
  writer.hexField(2, spanId);
  if (type === 'FOLLOWS_FROM') writer.varintField(3, 1);
  writer.end(start);
}

function writeLog(writer: ProtobufWriter, event: SpanEvent): void {
  const start = writer.begin(9);
  writeNano(writer, 1, event.timeUnixNano);
  for (const field of jaegerLogFields(event)) writeTag(writer, 2, field);
  writer.end(start);
}

/** A `Timestamp` or a `Duration`, neither of them negative. */
function writeNano(writer: ProtobufWriter, field: number, nano: bigint): void {
  const start = writer.begin(field);
  const seconds = Number(nano / 1_000_000_000n);
  const rest = Number(nano % 1_000_000_000n);
  if (seconds !== 0) writer.varintField(1, seconds);
  if (rest !== 0) writer.varintField(2, rest);
  writer.end(start);
}

function writeTag(writer: ProtobufWriter, field: number, { key, value }: Attribute): void {
  const start = writer.begin(field);
  writer.stringField(1, key);
  writeValue(writer, value);
  writer.end(start);
}

/** Fields 2 to 7 of a `KeyValue`. Lists and maps, which Jaeger has not, are JSON. */
function writeValue(writer: ProtobufWriter, value: AttributeValue): void {
  switch (value.type) {
    case 'string':
      if (value.value !== '') writer.stringField(3, value.value);
      return;
    case 'bool':
      writer.varintField(2, 1);
      if (value.value) writer.varintField(4, 1);
      return;
    case 'int':
      writer.varintField(2, 2);
      if (value.value !== 0) writer.intField(5, value.value);
      return;
    case 'double':
      writer.varintField(2, 3);
      if (value.value !== 0) writer.doubleField(6, value.value);
      return;
    case 'bytes':
      writer.varintField(2, 4);
      if (value.value.length > 0) writer.bytesField(7, value.value);
      return;
    case 'array':
    case 'kvlist':
      return writer.stringField(3, JSON.stringify(plainValue(value)));
    case 'empty':
      return;
  }
}
