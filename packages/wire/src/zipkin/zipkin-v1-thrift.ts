import { ValueType, WireError } from '@spoor/model';
import { ThriftBinaryReader } from '../thrift/thrift-binary-reader.ts';
import { type ThriftReader, ThriftType } from '../thrift/thrift-reader.ts';
import { WireTime } from '../wire-time.ts';
import type { ZipkinV1Reader, ZipkinV1Span } from './zipkin-v1-span.ts';

const AnnotationType = Object.freeze({ bool: 0, bytes: 1, i16: 2, i32: 3, i64: 4, double: 5, string: 6 });

/** A `list<Span>` in Thrift's binary protocol, without an envelope: what is posted to `/api/v1/spans`. */
export function zipkinThriftBody(body: Uint8Array): ZipkinV1ThriftReader {
  return new ZipkinV1ThriftReader(new ThriftBinaryReader(body), true);
}

/**
 * Reads `list<zipkincore.Span>`, in either of Thrift's protocols, from where the reader stands: at the list's header.
 * Source: jaeger-idl, thrift/zipkincore.thrift.
 */
export class ZipkinV1ThriftReader implements ZipkinV1Reader {
  readonly bytes: Uint8Array;
  readonly #reader: ThriftReader;
  readonly #isWholeBody: boolean;
  readonly #view: DataView;
  readonly #time = new WireTime();
  #left: number;

  /** @param isWholeBody  nothing may follow the list */
  constructor(reader: ThriftReader, isWholeBody: boolean) {
    this.#reader = reader;
    this.#isWholeBody = isWholeBody;
    this.bytes = reader.bytes;
    this.#view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    reader.fieldType = ThriftType.list;
    this.#left = reader.structList();
  }

  next(span: ZipkinV1Span): boolean {
    const reader = this.#reader;
    if (this.#left === 0) {
      if (this.#isWholeBody && reader.position < this.bytes.length) {
        throw new WireError('WIRE_MALFORMED', 'bytes follow the end of the list', reader.position);
      }
      return false;
    }
    this.#left--;
    span.clear();
    const outer = reader.enterStruct();
    while (reader.fieldBegin()) this.#spanField(span);
    reader.leaveStruct(outer);
    return true;
  }

  /**
   *    Span:  1 trace_id  i64     5 parent_id           i64                  9 debug      bool     12 trace_id_high  i64
   *           3 name      string  6 annotations         Annotation[]        10 timestamp  i64 µs
   *           4 id        i64     8 binary_annotations  BinaryAnnotation[]  11 duration   i64 µs
   */
  #spanField(span: ZipkinV1Span): void {
    const reader = this.#reader;
    switch (reader.fieldId) {
      case 1:
        this.#i64();
        span.traceId2 = reader.high;
        span.traceId3 = reader.low;
        return;
      case 3:
        this.#text();
        span.nameStart = reader.textStart;
        span.nameEnd = reader.textEnd;
        return;
      case 4:
        this.#i64();
        span.spanIdHigh = reader.high;
        span.spanIdLow = reader.low;
        return;
      case 5:
        this.#i64();
        span.hasParent = true;
        span.parentSpanIdHigh = reader.high;
        span.parentSpanIdLow = reader.low;
        return;
      case 6:
        for (let left = reader.structList(); left > 0; left--) this.#annotation(span);
        return;
      case 8:
        for (let left = reader.structList(); left > 0; left--) this.#binaryAnnotation(span);
        return;
      default:
        this.#rareSpanField(span);
    }
  }

  #rareSpanField(span: ZipkinV1Span): void {
    const reader = this.#reader;
    switch (reader.fieldId) {
      case 9:
        reader.expect(ThriftType.bool);
        span.isDebug = reader.bool();
        return;
      case 10:
        this.#i64();
        return span.start.setMicro(reader.low, reader.high);
      case 11:
        this.#i64();
        span.durationLow = reader.low;
        span.durationHigh = reader.high;
        return;
      case 12:
        this.#i64();
        span.traceId0 = reader.high;
        span.traceId1 = reader.low;
        return;
      default:
        reader.skip();
    }
  }

  /**
   *    Annotation:  1 timestamp  i64 µs   2 value  string   3 host  Endpoint
   */
  #annotation(span: ZipkinV1Span): void {
    const reader = this.#reader;
    let valueStart = 0;
    let valueEnd = 0;
    let endpoint = -1;
    this.#time.setMicro(0, 0);
    const outer = reader.enterStruct();
    while (reader.fieldBegin()) {
      if (reader.fieldId === 1) {
        this.#i64();
        this.#time.setMicro(reader.low, reader.high);
      } else if (reader.fieldId === 2) {
        this.#text();
        valueStart = reader.textStart;
        valueEnd = reader.textEnd;
      } else if (reader.fieldId === 3) endpoint = this.#endpoint(span, endpoint);
      else reader.skip();
    }
    reader.leaveStruct(outer);
    span.addAnnotation(this.#time, valueStart, valueEnd, endpoint);
  }

  /**
   *    BinaryAnnotation:  1 key  string   2 value  binary   3 annotation_type  i32   4 host  Endpoint
   */
  #binaryAnnotation(span: ZipkinV1Span): void {
    const reader = this.#reader;
    let keyStart = 0;
    let keyEnd = 0;
    let start = 0;
    let end = 0;
    let type: number = AnnotationType.bool;
    let endpoint = -1;
    const outer = reader.enterStruct();
    while (reader.fieldBegin()) {
      if (reader.fieldId === 1) {
        this.#text();
        keyStart = reader.textStart;
        keyEnd = reader.textEnd;
      } else if (reader.fieldId === 2) {
        this.#text();
        start = reader.textStart;
        end = reader.textEnd;
      } else if (reader.fieldId === 3) {
        reader.expect(ThriftType.i32);
        type = reader.i32();
      } else if (reader.fieldId === 4) endpoint = this.#endpoint(span, endpoint);
      else reader.skip();
    }
    reader.leaveStruct(outer);
    const row = span.tags.count;
    this.#value(span, keyStart, keyEnd, type, start, end);
    span.tagEndpoint[row] = endpoint;
  }

  /** Numbers are big-endian; one whose length is not its type's is kept as bytes. */
  #value(span: ZipkinV1Span, keyStart: number, keyEnd: number, type: number, start: number, end: number): void {
    const { tags } = span;
    const view = this.#view;
    const length = end - start;
    if (type === AnnotationType.string) tags.text(keyStart, keyEnd, ValueType.string, start, end);
    else if (type === AnnotationType.bool && length === 1) tags.bool(keyStart, keyEnd, this.bytes[start] !== 0);
    else if (type === AnnotationType.double && length === 8) tags.double(keyStart, keyEnd, view.getFloat64(start));
    else if (type === AnnotationType.i64 && length === 8) {
      tags.integer(keyStart, keyEnd, view.getUint32(start + 4), view.getUint32(start));
    } else if (type === AnnotationType.i32 && length === 4) this.#small(span, keyStart, keyEnd, view.getInt32(start));
    else if (type === AnnotationType.i16 && length === 2) this.#small(span, keyStart, keyEnd, view.getInt16(start));
    else tags.text(keyStart, keyEnd, ValueType.bytes, start, end);
  }

  #small(span: ZipkinV1Span, keyStart: number, keyEnd: number, value: number): void {
    span.tags.integer(keyStart, keyEnd, value >>> 0, value < 0 ? 0xffff_ffff : 0);
  }

  /**
   *    Endpoint:  1 ipv4  i32   2 port  i16, read as unsigned   3 service_name  string   4 ipv6  binary
   */
  #endpoint(span: ZipkinV1Span, before: number): number {
    const reader = this.#reader;
    reader.expect(ThriftType.struct);
    const place = before < 0 ? span.newEndpoint() : before;
    const endpoint = span.endpoints[place];
    endpoint.clear();
    endpoint.isPresent = true;
    const outer = reader.enterStruct();
    while (reader.fieldBegin()) {
      if (reader.fieldId === 1) {
        reader.expect(ThriftType.i32);
        endpoint.ipv4Start = reader.i32() >>> 0;
        endpoint.ipv4Form = endpoint.ipv4Start === 0 ? 'none' : 'number';
      } else if (reader.fieldId === 2) {
        reader.expect(ThriftType.i16);
        endpoint.port = reader.i16() & 0xffff;
      } else if (reader.fieldId === 3) {
        this.#text();
        endpoint.serviceStart = reader.textStart;
        endpoint.serviceEnd = reader.textEnd;
      } else if (reader.fieldId === 4) {
        this.#text();
        endpoint.ipv6Form = reader.textEnd - reader.textStart === 16 ? 'bytes' : 'none';
        endpoint.ipv6Start = reader.textStart;
        endpoint.ipv6End = reader.textEnd;
      } else reader.skip();
    }
    reader.leaveStruct(outer);
    return place;
  }

  #i64(): void {
    this.#reader.expect(ThriftType.i64);
    this.#reader.i64();
  }

  #text(): void {
    this.#reader.expect(ThriftType.binary);
    this.#reader.binary();
  }
}
