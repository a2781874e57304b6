import { ProtobufReader, ProtobufWriter, WireType } from '@spoor/model';

/** One protobuf field; `start` and `end` delimit its payload, `tagStart` is where its tag begins. Absolute offsets. */
export interface ProtobufField {
  readonly number: number;
  readonly wireType: number;
  readonly tagStart: number;
  readonly start: number;
  readonly end: number;
}

/** The fields of the message `bytes[start, end)`, in order. */
export function* fieldsOf(bytes: Uint8Array, start = 0, end: number = bytes.length): Generator<ProtobufField> {
  const reader = new ProtobufReader(bytes, start);
  while (reader.position < end) {
    const tagStart = reader.position;
    const tag = reader.tag(end);
    const wireType = tag & 7;
    if (wireType === WireType.bytes) {
      const payloadEnd = reader.payloadEnd(end);
      yield { number: tag >>> 3, wireType, tagStart, start: reader.position, end: payloadEnd };
      reader.position = payloadEnd;
    } else {
      const payloadStart = reader.position;
      reader.skip(tag, end);
      yield { number: tag >>> 3, wireType, tagStart, start: payloadStart, end: reader.position };
    }
  }
}

/** A span with what it stands under; the fields of `ResourceSpans` and `ScopeSpans` that are not their children. */
interface LooseSpan {
  readonly resource: { readonly fields: Uint8Array };
  readonly scope: { readonly fields: Uint8Array };
  readonly body: Uint8Array;
}

/** `ExportTraceServiceRequest` bodies → their spans, in order. */
function looseSpans(requests: readonly Uint8Array[]): readonly LooseSpan[] {
  const spans: LooseSpan[] = [];
  for (const request of requests) {
    for (const resourceSpans of fieldsOf(request)) {
      const resource = { fields: withoutField2(request, resourceSpans) };
      for (const scopeSpans of fieldsOf(request, resourceSpans.start, resourceSpans.end)) {
        if (scopeSpans.number !== 2) continue;
        const scope = { fields: withoutField2(request, scopeSpans) };
        for (const span of fieldsOf(request, scopeSpans.start, scopeSpans.end)) {
          if (span.number === 2) spans.push({ resource, scope, body: request.subarray(span.start, span.end) });
        }
      }
    }
  }
  return spans;
}

function withoutField2(bytes: Uint8Array, message: ProtobufField): Uint8Array {
  const writer = new ProtobufWriter();
  for (const field of fieldsOf(bytes, message.start, message.end)) {
    if (field.number !== 2) writer.raw(bytes.subarray(field.tagStart, field.end));
  }
  return writer.finish();
}

/**
 * Cuts a stream of requests into requests of exactly `spansPerRequest` spans (the last one may be shorter), as a
 * Collector's batch processor does: groups of spans under one resource and scope stay as they were sent.
 */
export function regroup(requests: readonly Uint8Array[], spansPerRequest: number): readonly Uint8Array[] {
  const spans = looseSpans(requests);
  const bodies: Uint8Array[] = [];
  for (let first = 0; first < spans.length; first += spansPerRequest) {
    const writer = new ProtobufWriter(1 << 16);
    writeSpans(writer, spans.slice(first, first + spansPerRequest));
    bodies.push(writer.finish());
  }
  return bodies;
}

function writeSpans(writer: ProtobufWriter, spans: readonly LooseSpan[]): void {
  let i = 0;
  while (i < spans.length) {
    const { resource } = spans[i];
    const resourceStart = writer.begin(1);
    writer.raw(resource.fields);
    while (i < spans.length && spans[i].resource === resource) {
      const { scope } = spans[i];
      const scopeStart = writer.begin(2);
      writer.raw(scope.fields);
      for (; i < spans.length && spans[i].scope === scope; i++) writer.bytesField(2, spans[i].body);
      writer.end(scopeStart);
    }
    writer.end(resourceStart);
  }
}
