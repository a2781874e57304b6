import {
  type Attribute,
  type AttributeValue,
  ProtobufWriter,
  serviceName,
  type Span,
  SpanKind,
  SpanRecorder,
  StatusCode,
  type Trace,
} from '@spoor/model';
import { decodeTracesProtobuf, encodeTracesJson, encodeTracesProtobuf } from '@spoor/wire';
import {
  bool,
  double,
  encodeMessage,
  encodeThrift,
  i32,
  i64,
  struct,
  structs,
  text,
  type ThriftValue,
} from '../packages/wire/src/testing/thrift-writer.ts';
import type { SpanGenerator } from './span-generator.ts';

/** What Jaeger's and Zipkin's clients send, and on which of the server's receivers. */
export const foreignProtocols = Object.freeze([
  'jaeger-compact',
  'jaeger-binary',
  'jaeger-thrift-http',
  'jaeger-grpc',
  'zipkin-protobuf',
  'zipkin-json',
] as const);
export type ForeignProtocol = (typeof foreignProtocols)[number];

/** The same, and OTLP's. */
export const clientProtocols = Object.freeze([...foreignProtocols, 'otlp-http', 'otlp-json', 'otlp-grpc'] as const);
export type ClientProtocol = (typeof clientProtocols)[number];

/**
 * Bodies without end of `spansPerBody` spans of one service each, as a client makes them: the spans are the generator's,
 * with fresh ids and values, one copy of its source after the other. They end now.
 */
export function* clientBodies(
  protocol: ClientProtocol,
  generator: SpanGenerator,
  spansPerBody: number,
): Generator<{ readonly body: Uint8Array; readonly spans: readonly Span[] }> {
  const waiting = new Map<string, Span[]>();
  for (let copy = 0; ; copy++) {
    for (let request = 0; request < generator.requestsPerCopy; request++) {
      const recorder = new SpanRecorder();
      decodeTracesProtobuf(generator.request(copy, request, BigInt(Date.now()) * 1_000_000n), recorder);
      for (const span of recorder.spans) {
        const service = serviceName(span.resource);
        const spans = waiting.get(service) ?? [];
        waiting.set(service, spans);
        if (spans.push(span) < spansPerBody) continue;
        waiting.delete(service);
        yield { body: encoders[protocol](spans), spans };
      }
    }
  }
}

const encoders: Readonly<Record<ClientProtocol, (spans: readonly Span[]) => Uint8Array>> = {
  'jaeger-compact': (spans) => encodeMessage('compact', 'emitBatch', struct({ 1: thriftBatch(spans) })),
  'jaeger-binary': (spans) => encodeMessage('binary', 'emitBatch', struct({ 1: thriftBatch(spans) })),
  'jaeger-thrift-http': (spans) => encodeThrift('binary', thriftBatch(spans)),
  'jaeger-grpc': postSpansRequest,
  'zipkin-protobuf': zipkinProtobuf,
  'otlp-http': (spans) => encodeTracesProtobuf(tracesOf(spans)),
  'otlp-json': (spans) => encodeTracesJson(tracesOf(spans)),
  'otlp-grpc': (spans) => encodeTracesProtobuf(tracesOf(spans)),
  'zipkin-json': (spans) => new TextEncoder().encode(JSON.stringify(spans.map(zipkinSpan))),
};

function tracesOf(spans: readonly Span[]): readonly Trace[] {
  return [...Map.groupBy(spans, ({ traceId }) => traceId)].map(([traceId, ofTrace]) => ({ traceId, spans: ofTrace }));
}

/** Tags of a span, its kind and status among them as OpenTelemetry's Jaeger exporters write them. */
function tagsOf({ attributes, kind, statusCode, scope }: Span): readonly Attribute[] {
  const tags: Attribute[] = [...attributes, stringTag('otel.scope.name', scope.name)];
  const kindName = kindNames[kind];
  if (kindName !== undefined) tags.push(stringTag('span.kind', kindName));
  if (statusCode === StatusCode.error) tags.push({ key: 'error', value: { type: 'bool', value: true } });
  return tags;
}

const kindNames: Readonly<Record<number, string>> = {
  [SpanKind.server]: 'server',
  [SpanKind.client]: 'client',
  [SpanKind.producer]: 'producer',
  [SpanKind.consumer]: 'consumer',
  [SpanKind.internal]: 'internal',
};

function stringTag(key: string, value: string): Attribute {
  return { key, value: { type: 'string', value } };
}

function plainText(value: AttributeValue): string {
  return value.type === 'string' ? value.value : JSON.stringify('value' in value ? value.value : '', stringifyBig);
}

function stringifyBig(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function microOf(nano: bigint): bigint {
  return nano / 1000n;
}

function thriftBatch(spans: readonly Span[]): ThriftValue {
  const { resource } = spans[0];
  return struct({
    1: struct({ 1: text(serviceName(resource)), 2: thriftTags(resource.attributes) }),
    2: structs(...spans.map(thriftSpan)),
  });
}

function thriftSpan(span: Span): ThriftValue {
  return struct({
    1: i64(BigInt.asIntN(64, BigInt(`0x${span.traceId.slice(16)}`))),
    2: i64(BigInt.asIntN(64, BigInt(`0x${span.traceId.slice(0, 16)}`))),
    3: i64(BigInt.asIntN(64, BigInt(`0x${span.spanId}`))),
    4: i64(span.parentSpanId === '' ? 0n : BigInt.asIntN(64, BigInt(`0x${span.parentSpanId}`))),
    5: text(span.name),
    7: i32(1),
    8: i64(microOf(span.startTimeUnixNano)),
    9: i64(microOf(span.endTimeUnixNano - span.startTimeUnixNano)),
    10: thriftTags(tagsOf(span)),
    11: structs(
      ...span.events.map((event) =>
        struct({
          1: i64(microOf(event.timeUnixNano)),
          2: thriftTags([stringTag('event', event.name), ...event.attributes]),
        }),
      ),
    ),
  });
}

function thriftTags(attributes: readonly Attribute[]): ThriftValue {
  return structs(...attributes.map(thriftTag));
}

/** Types: STRING 0, DOUBLE 1, BOOL 2, LONG 3. */
function thriftTag({ key, value }: Attribute): ThriftValue {
  switch (value.type) {
    case 'double':
      return struct({ 1: text(key), 2: i32(1), 4: double(value.value) });
    case 'bool':
      return struct({ 1: text(key), 2: i32(2), 5: bool(value.value) });
    case 'int':
      return struct({ 1: text(key), 2: i32(3), 6: i64(BigInt(value.value)) });
    default:
      return struct({ 1: text(key), 2: i32(0), 3: text(plainText(value)) });
  }
}

/** `jaeger.api_v2.PostSpansRequest`. Source: jaeger-idl, proto/api_v2/model.proto. */
function postSpansRequest(spans: readonly Span[]): Uint8Array {
  const writer = new ProtobufWriter(1 << 16);
  const batch = writer.begin(1);
  for (const span of spans) {
    const at = writer.begin(1);
    writer.bytesField(1, Buffer.from(span.traceId, 'hex'));
    writer.bytesField(2, Buffer.from(span.spanId, 'hex'));
    writer.stringField(3, span.name);
    if (span.parentSpanId !== '') {
      const reference = writer.begin(4);
      writer.bytesField(1, Buffer.from(span.traceId, 'hex'));
      writer.bytesField(2, Buffer.from(span.parentSpanId, 'hex'));
      writer.end(reference);
    }
    writer.varintField(5, 1);
    secondsAndNano(writer, 6, span.startTimeUnixNano);
    secondsAndNano(writer, 7, span.endTimeUnixNano - span.startTimeUnixNano);
    protobufTags(writer, 8, tagsOf(span));
    for (const event of span.events) {
      const log = writer.begin(9);
      secondsAndNano(writer, 1, event.timeUnixNano);
      protobufTags(writer, 2, [stringTag('event', event.name), ...event.attributes]);
      writer.end(log);
    }
    writer.end(at);
  }
  const process = writer.begin(2);
  writer.stringField(1, serviceName(spans[0].resource));
  protobufTags(writer, 2, spans[0].resource.attributes);
  writer.end(process);
  writer.end(batch);
  return writer.finish();
}

/** `google.protobuf.Timestamp` or `Duration`. */
function secondsAndNano(writer: ProtobufWriter, field: number, nano: bigint): void {
  const at = writer.begin(field);
  writer.varintField(1, Number(nano / 1_000_000_000n));
  writer.varintField(2, Number(nano % 1_000_000_000n));
  writer.end(at);
}

/** Types: STRING 0, BOOL 1, INT64 2, FLOAT64 3. */
function protobufTags(writer: ProtobufWriter, field: number, attributes: readonly Attribute[]): void {
  for (const { key, value } of attributes) {
    const at = writer.begin(field);
    writer.stringField(1, key);
    switch (value.type) {
      case 'bool':
        writer.varintField(2, 1);
        writer.varintField(4, Number(value.value));
        break;
      case 'int':
        writer.varintField(2, 2);
        writer.varintField(5, Number(value.value));
        break;
      default:
        writer.stringField(3, plainText(value));
    }
    writer.end(at);
  }
}

/** Resource attributes, too, are tags: Zipkin has no other place. */
function zipkinTags(span: Span): readonly (readonly [string, string])[] {
  const error = span.statusCode === StatusCode.error ? [['error', span.statusMessage || 'true'] as const] : [];
  const resource = span.resource.attributes.filter(({ key }) => key !== 'service.name');
  return [
    ...[...span.attributes, ...resource].map(({ key, value }) => [key, plainText(value)] as const),
    ['otel.library.name', span.scope.name],
    ...error,
  ];
}

/** Source: openzipkin/zipkin-api, zipkin2-api.yaml. */
function zipkinSpan(span: Span): object {
  const kind = kindNames[span.kind]?.toUpperCase();
  return {
    traceId: span.traceId,
    ...(span.parentSpanId !== '' && { parentId: span.parentSpanId }),
    name: span.name,
    id: span.spanId,
    ...(kind !== undefined && kind !== 'INTERNAL' && { kind }),
    timestamp: Number(microOf(span.startTimeUnixNano)),
    duration: Number(microOf(span.endTimeUnixNano - span.startTimeUnixNano)),
    localEndpoint: { serviceName: serviceName(span.resource) },
    tags: Object.fromEntries(zipkinTags(span)),
    annotations: span.events.map(({ timeUnixNano, name }) => ({
      timestamp: Number(microOf(timeUnixNano)),
      value: name,
    })),
  };
}

const zipkinKinds: Readonly<Record<number, number>> = {
  [SpanKind.client]: 1,
  [SpanKind.server]: 2,
  [SpanKind.producer]: 3,
  [SpanKind.consumer]: 4,
};

/** `zipkin.proto3.ListOfSpans`. Source: openzipkin/zipkin-api, zipkin.proto. */
function zipkinProtobuf(spans: readonly Span[]): Uint8Array {
  const writer = new ProtobufWriter(1 << 16);
  for (const span of spans) {
    const at = writer.begin(1);
    writer.bytesField(1, Buffer.from(span.traceId, 'hex'));
    if (span.parentSpanId !== '') writer.bytesField(2, Buffer.from(span.parentSpanId, 'hex'));
    writer.bytesField(3, Buffer.from(span.spanId, 'hex'));
    const kind = zipkinKinds[span.kind];
    if (kind !== undefined) writer.varintField(4, kind);
    writer.stringField(5, span.name);
    writer.fixed64Field(6, microOf(span.startTimeUnixNano));
    writer.varintField(7, Number(microOf(span.endTimeUnixNano - span.startTimeUnixNano)));
    const local = writer.begin(8);
    writer.stringField(1, serviceName(span.resource));
    writer.end(local);
    for (const event of span.events) {
      const annotation = writer.begin(10);
      writer.fixed64Field(1, microOf(event.timeUnixNano));
      writer.stringField(2, event.name);
      writer.end(annotation);
    }
    for (const [key, value] of zipkinTags(span)) {
      const tag = writer.begin(11);
      writer.stringField(1, key);
      writer.stringField(2, value);
      writer.end(tag);
    }
    writer.end(at);
  }
  return writer.finish();
}
