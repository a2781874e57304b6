import { ProtobufReader, ValueType, WireError, WireType } from '@spoor/model';
import { WireTime } from '../wire-time.ts';
import type { ZipkinEndpoint, ZipkinKind, ZipkinSpan, ZipkinSpanSource } from './zipkin-span.ts';

const kinds: readonly ZipkinKind[] = ['unspecified', 'client', 'server', 'producer', 'consumer'];

/**
 * The spans of a `zipkin.proto3.ListOfSpans`.
 *
 *    ListOfSpans:  1 spans  Span[]
 *
 * Source: zipkin-api, zipkin.proto.
 */
export class ZipkinProtobufSource implements ZipkinSpanSource {
  readonly bytes: Uint8Array;
  readonly #reader: ProtobufReader;
  readonly #time = new WireTime();
  // An id as words, from the right.
  readonly #words = [0, 0, 0, 0];

  constructor(body: Uint8Array) {
    this.bytes = body;
    this.#reader = new ProtobufReader(body);
  }

  next(span: ZipkinSpan): boolean {
    const reader = this.#reader;
    const end = this.bytes.length;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag >>> 3 !== 1) {
        reader.skip(tag, end);
        continue;
      }
      this.#span(span, this.#payload(tag, end));
      return true;
    }
    return false;
  }

  /**
   *    Span:  1 trace_id  bytes(8|16)   4 kind       enum        7 duration         uint64 µs  10 annotations  Annotation[]
   *           2 parent_id bytes(8)      5 name       string      8 local_endpoint   Endpoint   11 tags  map<string, string>
   *           3 id        bytes(8)      6 timestamp  fixed64 µs  9 remote_endpoint  Endpoint   12 debug  bool  13 shared  bool
   */
  #span(span: ZipkinSpan, end: number): void {
    const reader = this.#reader;
    const words = this.#words;
    span.clear();
    while (reader.position < end) {
      const tag = reader.tag(end);
      switch (tag >>> 3) {
        case 1:
          this.#id(tag, end, 16);
          [span.traceId0, span.traceId1, span.traceId2, span.traceId3] = words;
          break;
        case 2:
          this.#id(tag, end, 8);
          span.setParent(words[2], words[3]);
          break;
        case 3:
          this.#id(tag, end, 8);
          span.spanIdHigh = words[2];
          span.spanIdLow = words[3];
          break;
        case 5:
          span.nameEnd = this.#payload(tag, end);
          span.nameStart = reader.position;
          reader.position = span.nameEnd;
          break;
        case 11:
          this.#tag(span, this.#payload(tag, end));
          break;
        default:
          this.#rareSpanField(span, tag, end);
      }
    }
  }

  #rareSpanField(span: ZipkinSpan, tag: number, end: number): void {
    const reader = this.#reader;
    switch (tag >>> 3) {
      case 4:
        reader.expect(tag, WireType.varint);
        span.kind = kinds[reader.varint32(end)] ?? 'unspecified';
        return;
      case 6:
        reader.expect(tag, WireType.fixed64);
        reader.fixed64(end);
        return span.start.setMicro(reader.low, reader.high);
      case 7:
        reader.expect(tag, WireType.varint);
        reader.varint64(end);
        return span.setDuration(reader.low, reader.high);
      case 8:
        return this.#endpoint(span.localEndpoint, this.#payload(tag, end));
      case 9:
        return this.#endpoint(span.remoteEndpoint, this.#payload(tag, end));
      case 10:
        return this.#annotation(span, this.#payload(tag, end));
      case 12:
        reader.expect(tag, WireType.varint);
        span.isDebug = reader.bool(end);
        return;
      default:
        // Among them `shared`: the kind and the id that two spans have in common say it as well.
        reader.skip(tag, end);
    }
  }

  /**
   *    Endpoint:  1 service_name  string   2 ipv4  bytes(4)   3 ipv6  bytes(16)   4 port  int32
   */
  #endpoint(endpoint: ZipkinEndpoint, end: number): void {
    const reader = this.#reader;
    endpoint.isPresent = true;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag >>> 3 === 1) {
        endpoint.serviceEnd = this.#payload(tag, end);
        endpoint.serviceStart = reader.position;
        reader.position = endpoint.serviceEnd;
      } else if (tag >>> 3 === 2) {
        endpoint.ipv4End = this.#payload(tag, end);
        endpoint.ipv4Start = reader.position;
        endpoint.ipv4Form = endpoint.ipv4End - reader.position === 4 ? 'bytes' : 'none';
        reader.position = endpoint.ipv4End;
      } else if (tag >>> 3 === 3) {
        endpoint.ipv6End = this.#payload(tag, end);
        endpoint.ipv6Start = reader.position;
        endpoint.ipv6Form = endpoint.ipv6End - reader.position === 16 ? 'bytes' : 'none';
        reader.position = endpoint.ipv6End;
      } else if (tag >>> 3 === 4) {
        reader.expect(tag, WireType.varint);
        endpoint.port = reader.varint32(end) & 0xffff;
      } else reader.skip(tag, end);
    }
  }

  /**
   *    Annotation:  1 timestamp  fixed64 µs   2 value  string
   */
  #annotation(span: ZipkinSpan, end: number): void {
    const reader = this.#reader;
    let valueStart = 0;
    let valueEnd = 0;
    this.#time.setMicro(0, 0);
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag >>> 3 === 1) {
        reader.expect(tag, WireType.fixed64);
        reader.fixed64(end);
        this.#time.setMicro(reader.low, reader.high);
      } else if (tag >>> 3 === 2) {
        valueEnd = this.#payload(tag, end);
        valueStart = reader.position;
        reader.position = valueEnd;
      } else reader.skip(tag, end);
    }
    span.addAnnotation(this.#time, valueStart, valueEnd);
  }

  /**
   *    map entry:  1 key  string   2 value  string
   */
  #tag(span: ZipkinSpan, end: number): void {
    const reader = this.#reader;
    let keyStart = 0;
    let keyEnd = 0;
    let valueStart = 0;
    let valueEnd = 0;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag >>> 3 === 1) {
        keyEnd = this.#payload(tag, end);
        keyStart = reader.position;
        reader.position = keyEnd;
      } else if (tag >>> 3 === 2) {
        valueEnd = this.#payload(tag, end);
        valueStart = reader.position;
        reader.position = valueEnd;
      } else reader.skip(tag, end);
    }
    span.tags.text(keyStart, keyEnd, ValueType.string, valueStart, valueEnd);
  }

  /** Reads an id of up to `bytesMax` bytes into {@link #words}; a shorter one is padded on the left. */
  #id(tag: number, end: number, bytesMax: 8 | 16): void {
    const reader = this.#reader;
    const idEnd = this.#payload(tag, end);
    const length = idEnd - reader.position;
    if (length !== bytesMax && length !== 8) {
      throw new WireError('WIRE_MALFORMED', `an id of ${length} bytes in the place of ${bytesMax}`, reader.position);
    }
    const { bytes } = this;
    this.#words.fill(0);
    for (let i = 0; i < length; i++) {
      const word = 4 - (length >>> 2) + (i >>> 2);
      this.#words[word] = ((this.#words[word] << 8) | bytes[reader.position + i]) >>> 0;
    }
    reader.position = idEnd;
  }

  #payload(tag: number, end: number): number {
    this.#reader.expect(tag, WireType.bytes);
    return this.#reader.payloadEnd(end);
  }
}
