import {
  ProtobufReader,
  ProtobufWriter,
  type SpanDraft,
  type SpanSink,
  WireError,
  WireType,
  emptySpanDraft,
  resetSpanDraft,
} from '@spoor/model';
import { AttributeReader } from './attribute-reader.ts';
import type { DecodeResult } from './decode-result.ts';

const UINT32_MAX = 0xffff_ffff;

/**
 * Decodes an `ExportTraceServiceRequest` straight into the sink: no object per attribute, no strings.
 *
 *    ExportTraceServiceRequest:  1 resource_spans  ResourceSpans[]
 *    ResourceSpans:  1 resource  Resource    2 scope_spans  ScopeSpans[]   3 schema_url  string
 *    ScopeSpans:     1 scope  InstrumentationScope   2 spans  Span[]       3 schema_url  string
 *
 * Fields come in any order, the last of a repeated scalar wins, messages merge, unknown fields are skipped. Texts
 * are handed over as the bytes received; whether they are UTF-8 is not checked, so that nothing is lost.
 *
 * @throws {WireError} `WIRE_TRUNCATED`, `WIRE_MALFORMED`, `WIRE_LIMIT`, with the byte offset. The sink then holds part
 * of the request; its driver takes it back.
 * Source: opentelemetry-proto 1.11, collector/trace/v1/trace_service.proto and trace/v1/trace.proto.
 */
export function decodeTracesProtobuf(body: Uint8Array, sink: SpanSink): DecodeResult {
  const step = new TraceRequestDecoder(body, sink, Number.POSITIVE_INFINITY).run().next();
  return step.value as DecodeResult;
}

/**
 * The same, for bodies so large that they would hold the thread: yields after every `spansPerSlice` spans. The caller
 * may do other work meanwhile, but must not push anything else into the sink.
 */
export function decodeTracesProtobufSliced(
  body: Uint8Array,
  sink: SpanSink,
  spansPerSlice: number,
): Generator<undefined, DecodeResult, undefined> {
  return new TraceRequestDecoder(body, sink, spansPerSlice).run();
}

class TraceRequestDecoder {
  readonly #reader: ProtobufReader;
  readonly #view: DataView;
  readonly #sink: SpanSink;
  readonly #attributes: AttributeReader;
  readonly #draft: SpanDraft = emptySpanDraft();
  readonly #spansPerSlice: number;
  readonly #entityRefs = new ProtobufWriter(0);
  #stepsInSlice = 0;
  #spanCount = 0;
  #rejectedSpanCount = 0;
  #rejectedReason: string | undefined;
  // Where the first attribute, event and link of the current span begin (their tag), −1 without any.
  #attributesStart = -1;
  #eventsStart = -1;
  #linksStart = -1;
  // Texts of the current span: code 0 and nothing interned until the span is known to be good.
  #nameStart = 0;
  #nameEnd = 0;
  #traceStateStart = 0;
  #traceStateEnd = 0;
  #statusMessageStart = 0;
  #statusMessageEnd = 0;

  constructor(body: Uint8Array, sink: SpanSink, spansPerSlice: number) {
    this.#reader = new ProtobufReader(body);
    this.#view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    this.#sink = sink;
    this.#attributes = new AttributeReader(this.#reader, sink);
    this.#spansPerSlice = spansPerSlice;
  }

  /** Generators stop at the level of scopes: everything below is plain calls, so slicing costs nothing per span. */
  *run(): Generator<undefined, DecodeResult, undefined> {
    const reader = this.#reader;
    const end = reader.bytes.length;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag >>> 3 !== 1) {
        reader.skip(tag, end);
        continue;
      }
      reader.expect(tag, WireType.bytes);
      yield* this.#resourceSpans(reader.payloadEnd(end));
    }
    return {
      spanCount: this.#spanCount,
      rejectedSpanCount: this.#rejectedSpanCount,
      rejectedReason: this.#rejectedReason,
    };
  }

  /**
   * The sink wants the resource before its spans, but the wire may have it after them. So the message is read
   * twice: once for the resource (skipping a `ScopeSpans` costs its tag and length only), once for the spans.
   */
  *#resourceSpans(end: number): Generator<undefined, void, undefined> {
    const reader = this.#reader;
    const start = reader.position;
    this.#resource(end);
    reader.position = start;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag >>> 3 === 2) yield* this.#scopeSpans(reader.payloadEnd(end));
      else reader.skip(tag, end);
    }
    if (this.#sliceIsFull()) yield;
  }

  *#scopeSpans(end: number): Generator<undefined, void, undefined> {
    const reader = this.#reader;
    const start = reader.position;
    this.#scope(end);
    reader.position = start;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag >>> 3 !== 2) {
        reader.skip(tag, end);
        continue;
      }
      this.#span(reader.payloadEnd(end));
      if (this.#sliceIsFull()) yield;
    }
    // An empty scope is work too: a body of nothing else must not hold the thread either.
    if (this.#sliceIsFull()) yield;
  }

  #sliceIsFull(): boolean {
    if (++this.#stepsInSlice < this.#spansPerSlice) return false;
    this.#stepsInSlice = 0;
    return true;
  }

  /**
   *    Resource:  1 attributes  KeyValue[]   2 dropped_attributes_count  uint32   3 entity_refs  EntityRef[]
   */
  #resource(end: number): void {
    const reader = this.#reader;
    const attributes = this.#attributes;
    let schemaUrl = 0;
    let dropped = 0;
    const entityRefs = this.#entityRefs;
    entityRefs.truncate(0);
    attributes.beginSet();
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag >>> 3 === 1) {
        reader.expect(tag, WireType.bytes);
        const resourceEnd = reader.payloadEnd(end);
        while (reader.position < resourceEnd) {
          const fieldStart = reader.position;
          const fieldTag = reader.tag(resourceEnd);
          const field = fieldTag >>> 3;
          if (field === 1) attributes.readKeyValue(fieldTag, resourceEnd);
          else if (field === 2) dropped = this.#uint32(fieldTag, resourceEnd);
          else reader.skip(fieldTag, resourceEnd);
          if (field === 3) entityRefs.rawRange(reader.bytes, fieldStart, reader.position);
        }
      } else if (tag >>> 3 === 2) {
        reader.expect(tag, WireType.bytes);
        reader.position = reader.payloadEnd(end);
      } else if (tag >>> 3 === 3) schemaUrl = this.#text(tag, end);
      else reader.skip(tag, end);
    }
    const refsCode = entityRefs.length === 0 ? 0 : this.#sink.intern(entityRefs.view(), 0, entityRefs.length);
    this.#sink.endResource(schemaUrl, withOverflow(dropped, attributes.overflowCount), refsCode);
  }

  /**
   *    InstrumentationScope:  1 name  string   2 version  string   3 attributes  KeyValue[]
   *                           4 dropped_attributes_count  uint32
   */
  #scope(end: number): void {
    const reader = this.#reader;
    const attributes = this.#attributes;
    let name = 0;
    let version = 0;
    let schemaUrl = 0;
    let dropped = 0;
    attributes.beginSet();
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag >>> 3 === 1) {
        reader.expect(tag, WireType.bytes);
        const scopeEnd = reader.payloadEnd(end);
        while (reader.position < scopeEnd) {
          const fieldTag = reader.tag(scopeEnd);
          const field = fieldTag >>> 3;
          if (field === 1) name = this.#text(fieldTag, scopeEnd);
          else if (field === 2) version = this.#text(fieldTag, scopeEnd);
          else if (field === 3) attributes.readKeyValue(fieldTag, scopeEnd);
          else if (field === 4) dropped = this.#uint32(fieldTag, scopeEnd);
          else reader.skip(fieldTag, scopeEnd);
        }
      } else if (tag >>> 3 === 2) {
        reader.expect(tag, WireType.bytes);
        reader.position = reader.payloadEnd(end);
      } else if (tag >>> 3 === 3) schemaUrl = this.#text(tag, end);
      else reader.skip(tag, end);
    }
    this.#sink.endScope(name, version, schemaUrl, withOverflow(dropped, attributes.overflowCount));
  }

  /**
   * Reads the span's scalars, and only when its ids are good hands anything to the sink; then its attributes,
   * events and links, each in a pass of its own because the wire may interleave them.
   */
  #span(end: number): void {
    const reader = this.#reader;
    const sink = this.#sink;
    const draft = this.#draft;
    const start = reader.position;
    const problem = this.#spanScalars(end);
    if (problem !== undefined) {
      this.#rejectedSpanCount++;
      this.#rejectedReason ??= `${problem} (byte ${start})`;
      reader.position = end;
      return;
    }
    const { bytes } = reader;
    if (this.#nameEnd !== 0) draft.nameCode = sink.intern(bytes, this.#nameStart, this.#nameEnd);
    if (this.#traceStateEnd !== 0)
      draft.traceStateCode = sink.intern(bytes, this.#traceStateStart, this.#traceStateEnd);
    if (this.#statusMessageEnd !== 0) {
      draft.statusMessageCode = sink.intern(bytes, this.#statusMessageStart, this.#statusMessageEnd);
    }
    if (this.#attributesStart >= 0) {
      const overflow = this.#attributes.readSet(9, this.#attributesStart, end);
      draft.droppedAttributesCount = withOverflow(draft.droppedAttributesCount, overflow);
    }
    sink.endAttributes();
    if (this.#eventsStart >= 0) this.#events(end);
    if (this.#linksStart >= 0) this.#links(end);
    reader.position = end;
    sink.endSpan(draft);
    this.#spanCount++;
  }

  /**
   *     1 trace_id  bytes(16)         5 name  string                     9 attributes  KeyValue[]   13 links  Link[]
   *     2 span_id  bytes(8)           6 kind  enum                      10 dropped_attributes_count 14 dropped_links_count
   *     3 trace_state  string         7 start_time_unix_nano  fixed64   11 events  Event[]          15 status  Status
   *     4 parent_span_id  bytes(0|8)  8 end_time_unix_nano  fixed64     12 dropped_events_count     16 flags  fixed32
   *
   * @returns why the span is to be rejected, `undefined` when it is good. A bad id does not stop the reading, since a
   * later occurrence of the field may correct it and the rest of the body has to be well-formed all the same.
   */
  #spanScalars(end: number): string | undefined {
    const reader = this.#reader;
    const draft = resetSpanDraft(this.#draft);
    let traceId: string | undefined = 'a span without trace id';
    let spanId: string | undefined = 'a span without span id';
    let parentSpanId: string | undefined;
    this.#attributesStart = this.#eventsStart = this.#linksStart = -1;
    this.#nameEnd = this.#traceStateEnd = this.#statusMessageEnd = 0;
    while (reader.position < end) {
      const fieldStart = reader.position;
      const tag = reader.tag(end);
      switch (tag) {
        case 0x0a:
          traceId = this.#traceId(reader.payloadEnd(end));
          break;
        case 0x12:
          spanId = this.#spanId(reader.payloadEnd(end));
          break;
        case 0x1a:
          this.#traceStateEnd = reader.payloadEnd(end);
          this.#traceStateStart = reader.position;
          reader.position = this.#traceStateEnd;
          break;
        case 0x22:
          parentSpanId = this.#parentSpanId(reader.payloadEnd(end));
          break;
        case 0x2a:
          this.#nameEnd = reader.payloadEnd(end);
          this.#nameStart = reader.position;
          reader.position = this.#nameEnd;
          break;
        case 0x30:
          draft.kind = reader.varint32(end) | 0;
          break;
        case 0x39:
          reader.fixed64(end);
          draft.startLow = reader.low;
          draft.startHigh = reader.high;
          break;
        case 0x41:
          reader.fixed64(end);
          draft.endLow = reader.low;
          draft.endHigh = reader.high;
          break;
        case 0x4a:
          if (this.#attributesStart < 0) this.#attributesStart = fieldStart;
          this.#skipRun(0x4a, reader.payloadEnd(end), end);
          break;
        default:
          this.#rareSpanField(tag, fieldStart, end);
      }
    }
    return traceId ?? spanId ?? parentSpanId;
  }

  /** Skips, from `start` on, all fields that have this tag and a one-byte length: attributes come in runs of ten. */
  #skipRun(tag: number, start: number, end: number): void {
    const { bytes } = this.#reader;
    let position = start;
    while (position + 2 <= end && bytes[position] === tag) {
      const length = bytes[position + 1];
      if (length >= 0x80 || position + 2 + length > end) break;
      position += 2 + length;
    }
    this.#reader.position = position;
  }

  #rareSpanField(tag: number, fieldStart: number, end: number): void {
    const reader = this.#reader;
    const draft = this.#draft;
    switch (tag) {
      case 0x50:
        draft.droppedAttributesCount = reader.varint32(end);
        return;
      case 0x5a:
        if (this.#eventsStart < 0) this.#eventsStart = fieldStart;
        reader.position = reader.payloadEnd(end);
        return;
      case 0x60:
        draft.droppedEventsCount = reader.varint32(end);
        return;
      case 0x6a:
        if (this.#linksStart < 0) this.#linksStart = fieldStart;
        reader.position = reader.payloadEnd(end);
        return;
      case 0x70:
        draft.droppedLinksCount = reader.varint32(end);
        return;
      case 0x7a:
        return this.#status(reader.payloadEnd(end));
      case 0x85:
        draft.flags = reader.fixed32(end);
        return;
      default:
        if (tag >>> 3 <= 16) throw wrongWireType(tag, fieldStart);
        reader.skip(tag, end);
    }
  }

  /**
   *    Status:  2 message  string   3 code  enum
   */
  #status(end: number): void {
    const reader = this.#reader;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag >>> 3 === 2) {
        reader.expect(tag, WireType.bytes);
        this.#statusMessageEnd = reader.payloadEnd(end);
        this.#statusMessageStart = reader.position;
        reader.position = this.#statusMessageEnd;
      } else if (tag >>> 3 === 3) {
        reader.expect(tag, WireType.varint);
        this.#draft.statusCode = reader.varint32(end) | 0;
      } else reader.skip(tag, end);
    }
  }

  #traceId(end: number): string | undefined {
    const { position } = this.#reader;
    const draft = this.#draft;
    this.#reader.position = end;
    if (end - position !== 16) return `a trace id of ${end - position} bytes`;
    draft.traceId0 = this.#view.getUint32(position);
    draft.traceId1 = this.#view.getUint32(position + 4);
    draft.traceId2 = this.#view.getUint32(position + 8);
    draft.traceId3 = this.#view.getUint32(position + 12);
    const isZero = (draft.traceId0 | draft.traceId1 | draft.traceId2 | draft.traceId3) === 0;
    return isZero ? 'a trace id of zeros' : undefined;
  }

  #spanId(end: number): string | undefined {
    const { position } = this.#reader;
    const draft = this.#draft;
    this.#reader.position = end;
    if (end - position !== 8) return `a span id of ${end - position} bytes`;
    draft.spanIdHigh = this.#view.getUint32(position);
    draft.spanIdLow = this.#view.getUint32(position + 4);
    return (draft.spanIdHigh | draft.spanIdLow) === 0 ? 'a span id of zeros' : undefined;
  }

  /** Empty or all zeros both say that there is no parent. */
  #parentSpanId(end: number): string | undefined {
    const { position } = this.#reader;
    const draft = this.#draft;
    this.#reader.position = end;
    draft.parentSpanIdHigh = draft.parentSpanIdLow = 0;
    if (end === position) return undefined;
    if (end - position !== 8) return `a parent span id of ${end - position} bytes`;
    draft.parentSpanIdHigh = this.#view.getUint32(position);
    draft.parentSpanIdLow = this.#view.getUint32(position + 4);
    return undefined;
  }

  #events(end: number): void {
    const reader = this.#reader;
    reader.position = this.#eventsStart;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag === 0x5a) this.#event(reader.payloadEnd(end));
      else reader.skip(tag, end);
    }
  }

  /**
   *    Event:  1 time_unix_nano  fixed64   2 name  string   3 attributes  KeyValue[]   4 dropped_attributes_count  uint32
   */
  #event(end: number): void {
    const reader = this.#reader;
    const attributes = this.#attributes;
    let timeLow = 0;
    let timeHigh = 0;
    let name = 0;
    let dropped = 0;
    attributes.beginSet();
    while (reader.position < end) {
      const tag = reader.tag(end);
      const field = tag >>> 3;
      if (field === 1) {
        reader.expect(tag, WireType.fixed64);
        reader.fixed64(end);
        timeLow = reader.low;
        timeHigh = reader.high;
      } else if (field === 2) name = this.#text(tag, end);
      else if (field === 3) attributes.readKeyValue(tag, end);
      else if (field === 4) dropped = this.#uint32(tag, end);
      else reader.skip(tag, end);
    }
    this.#sink.endEvent(name, timeLow, timeHigh, withOverflow(dropped, attributes.overflowCount));
  }

  #links(end: number): void {
    const reader = this.#reader;
    reader.position = this.#linksStart;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag === 0x6a) this.#link(reader.payloadEnd(end));
      else reader.skip(tag, end);
    }
  }

  /**
   *    Link:  1 trace_id  bytes    3 trace_state  string       5 dropped_attributes_count  uint32
   *           2 span_id  bytes     4 attributes  KeyValue[]    6 flags  fixed32
   */
  #link(end: number): void {
    const reader = this.#reader;
    const attributes = this.#attributes;
    let traceId = 0;
    let spanId = 0;
    let traceState = 0;
    let dropped = 0;
    let flags = 0;
    attributes.beginSet();
    while (reader.position < end) {
      const tag = reader.tag(end);
      const field = tag >>> 3;
      if (field === 1) traceId = this.#text(tag, end);
      else if (field === 2) spanId = this.#text(tag, end);
      else if (field === 3) traceState = this.#text(tag, end);
      else if (field === 4) attributes.readKeyValue(tag, end);
      else if (field === 5) dropped = this.#uint32(tag, end);
      else if (field === 6) {
        reader.expect(tag, WireType.fixed32);
        flags = reader.fixed32(end);
      } else reader.skip(tag, end);
    }
    this.#sink.endLink(traceId, spanId, traceState, flags, withOverflow(dropped, attributes.overflowCount));
  }

  /** Code of a string or bytes field. */
  #text(tag: number, end: number): number {
    const reader = this.#reader;
    reader.expect(tag, WireType.bytes);
    const textEnd = reader.payloadEnd(end);
    const textStart = reader.position;
    reader.position = textEnd;
    return textStart === textEnd ? 0 : this.#sink.intern(reader.bytes, textStart, textEnd);
  }

  #uint32(tag: number, end: number): number {
    this.#reader.expect(tag, WireType.varint);
    return this.#reader.varint32(end);
  }
}

/** What the sender dropped and what the limit drops here. */
function withOverflow(dropped: number, overflow: number): number {
  return Math.min(dropped + overflow, UINT32_MAX);
}

function wrongWireType(tag: number, offset: number): WireError {
  return new WireError('WIRE_MALFORMED', `span field ${tag >>> 3} has wire type ${tag & 7}`, offset);
}
