import { type ProtobufReader, ValueType, WireError, WireType } from '@spoor/model';
import type { AttributeTable } from '../attribute-table.ts';
import { WireTime } from '../wire-time.ts';
import type { JaegerProcess, JaegerSpan } from './jaeger-span.ts';

/** Protobuf's `ValueType`, whose numbers differ from those of Thrift's `TagType`. */
const TagType = Object.freeze({ string: 0, bool: 1, int64: 2, float64: 3, binary: 4 });

/**
 * Reads the messages of Jaeger's protobuf model into what is reused for every span. The reader stands at the message's
 * first field in every method; `end` is one past its last.
 * Source: jaeger-idl, proto/api_v2/model.proto.
 */
export class JaegerProtobufReader {
  readonly #reader: ProtobufReader;
  readonly #view: DataView;
  readonly #time = new WireTime();
  #isNegative = false;
  /** range of the last span's own process, empty without one */
  processStart = 0;
  processEnd = 0;

  constructor(reader: ProtobufReader) {
    this.#reader = reader;
    const { bytes } = reader;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /**
   *    Process:  1 service_name  string   2 tags  KeyValue[]
   */
  process(process: JaegerProcess, end: number): void {
    const reader = this.#reader;
    process.clear();
    process.isMissing = false;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag >>> 3 === 1) {
        process.serviceNameEnd = this.#payload(tag, end);
        process.serviceNameStart = reader.position;
        reader.position = process.serviceNameEnd;
      } else if (tag >>> 3 === 2) this.#tag(process.tags, this.#payload(tag, end));
      else reader.skip(tag, end);
    }
  }

  /**
   *    Span:  1 trace_id  bytes(16)      4 references  SpanRef[]    7 duration  Duration   10 process     Process
   *           2 span_id   bytes(8)       5 flags       uint32       8 tags      KeyValue[] 11 process_id  string
   *           3 operation_name  string   6 start_time  Timestamp    9 logs      Log[]      12 warnings    string[]
   *
   * There is no parent: it is a reference.
   *
   * @throws {WireError} `WIRE_MALFORMED` also for an id of the wrong length
   */
  span(span: JaegerSpan, end: number): void {
    const reader = this.#reader;
    span.clear();
    this.processStart = this.processEnd = 0;
    while (reader.position < end) {
      const tag = reader.tag(end);
      switch (tag >>> 3) {
        case 1: {
          const at = this.#idStart(tag, end, 16);
          span.traceId0 = this.#view.getUint32(at);
          span.traceId1 = this.#view.getUint32(at + 4);
          span.traceId2 = this.#view.getUint32(at + 8);
          span.traceId3 = this.#view.getUint32(at + 12);
          break;
        }
        case 2: {
          const at = this.#idStart(tag, end, 8);
          span.spanIdHigh = this.#view.getUint32(at);
          span.spanIdLow = this.#view.getUint32(at + 4);
          break;
        }
        case 3:
          span.nameEnd = this.#payload(tag, end);
          span.nameStart = reader.position;
          reader.position = span.nameEnd;
          break;
        case 8:
          this.#tag(span.tags, this.#payload(tag, end));
          break;
        default:
          this.#rareSpanField(span, tag, end);
      }
    }
  }

  #rareSpanField(span: JaegerSpan, tag: number, end: number): void {
    const reader = this.#reader;
    switch (tag >>> 3) {
      case 4:
        return this.#reference(span, this.#payload(tag, end));
      case 5:
        reader.expect(tag, WireType.varint);
        span.flags = reader.varint32(end);
        return;
      case 6:
        return this.#seconds(span.start, this.#payload(tag, end));
      case 7:
        this.#seconds(span.duration, this.#payload(tag, end));
        span.isDurationNegative = this.#isNegative;
        return;
      case 9:
        return this.#log(span, this.#payload(tag, end));
      case 10:
        this.processEnd = this.#payload(tag, end);
        this.processStart = reader.position;
        reader.position = this.processEnd;
        return;
      default:
        reader.skip(tag, end);
    }
  }

  /**
   *    SpanRef:  1 trace_id  bytes(16)   2 span_id  bytes(8)   3 ref_type  enum
   */
  #reference(span: JaegerSpan, end: number): void {
    const reader = this.#reader;
    const start = reader.position;
    const view = this.#view;
    let traceAt = -1;
    let spanAt = -1;
    let type = 0;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag >>> 3 === 1) traceAt = this.#idStart(tag, end, 16);
      else if (tag >>> 3 === 2) spanAt = this.#idStart(tag, end, 8);
      else if (tag >>> 3 === 3) {
        reader.expect(tag, WireType.varint);
        type = reader.varint32(end);
      } else reader.skip(tag, end);
    }
    const traceWord = (word: number): number => (traceAt < 0 ? 0 : view.getUint32(traceAt + 4 * word));
    const reference = {
      type,
      traceId0: traceWord(0),
      traceId1: traceWord(1),
      traceId2: traceWord(2),
      traceId3: traceWord(3),
      spanIdHigh: spanAt < 0 ? 0 : view.getUint32(spanAt),
      spanIdLow: spanAt < 0 ? 0 : view.getUint32(spanAt + 4),
    };
    span.addReference(reference, start);
  }

  /**
   *    Log:  1 timestamp  Timestamp   2 fields  KeyValue[]
   */
  #log(span: JaegerSpan, end: number): void {
    const reader = this.#reader;
    const start = reader.position;
    this.#time.setMicro(0, 0);
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag >>> 3 === 1) this.#seconds(this.#time, this.#payload(tag, end));
      else if (tag >>> 3 === 2) this.#tag(span.logFields, this.#payload(tag, end));
      else reader.skip(tag, end);
    }
    span.addLog(this.#time, start);
  }

  /**
   *    KeyValue:  1 key  string     3 v_str   string   5 v_int64    int64    7 v_binary  bytes
   *               2 v_type  enum    4 v_bool  bool     6 v_float64  double
   */
  #tag(table: AttributeTable, end: number): void {
    const reader = this.#reader;
    const start = reader.position;
    let keyStart = 0;
    let keyEnd = 0;
    let type = 0;
    let bool = false;
    let low = 0;
    let high = 0;
    let double = 0;
    let textStart = 0;
    let textEnd = 0;
    let binaryStart = 0;
    let binaryEnd = 0;
    while (reader.position < end) {
      const tag = reader.tag(end);
      const field = tag >>> 3;
      if (field === 1) {
        keyEnd = this.#payload(tag, end);
        keyStart = reader.position;
        reader.position = keyEnd;
      } else if (field === 2) {
        reader.expect(tag, WireType.varint);
        type = reader.varint32(end);
      } else if (field === 3) {
        textEnd = this.#payload(tag, end);
        textStart = reader.position;
        reader.position = textEnd;
      } else if (field === 4) {
        reader.expect(tag, WireType.varint);
        bool = reader.bool(end);
      } else if (field === 5) {
        reader.expect(tag, WireType.varint);
        reader.varint64(end);
        low = reader.low;
        high = reader.high;
      } else if (field === 6) {
        reader.expect(tag, WireType.fixed64);
        double = reader.double(end);
      } else if (field === 7) {
        binaryEnd = this.#payload(tag, end);
        binaryStart = reader.position;
        reader.position = binaryEnd;
      } else reader.skip(tag, end);
    }
    if (type === TagType.string) table.text(keyStart, keyEnd, ValueType.string, textStart, textEnd);
    else if (type === TagType.bool) table.bool(keyStart, keyEnd, bool);
    else if (type === TagType.int64) table.integer(keyStart, keyEnd, low, high);
    else if (type === TagType.float64) table.double(keyStart, keyEnd, double);
    else if (type === TagType.binary) table.text(keyStart, keyEnd, ValueType.bytes, binaryStart, binaryEnd);
    else throw new WireError('WIRE_MALFORMED', `there is no tag type ${type}`, start);
  }

  /**
   *    Timestamp, Duration:  1 seconds  int64   2 nanos  int32
   */
  #seconds(time: WireTime, end: number): void {
    const reader = this.#reader;
    let low = 0;
    let high = 0;
    let nanos = 0;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag >>> 3 === 1) {
        reader.expect(tag, WireType.varint);
        reader.varint64(end);
        low = reader.low;
        high = reader.high;
      } else if (tag >>> 3 === 2) {
        reader.expect(tag, WireType.varint);
        nanos = reader.varint32(end) | 0;
      } else reader.skip(tag, end);
    }
    this.#isNegative = high >= 0x8000_0000 || nanos < 0;
    time.setSeconds(low, high, nanos);
  }

  #idStart(tag: number, end: number, length: number): number {
    const reader = this.#reader;
    const idEnd = this.#payload(tag, end);
    const start = reader.position;
    if (idEnd - start !== length) {
      throw new WireError('WIRE_MALFORMED', `an id of ${idEnd - start} bytes in the place of ${length}`, start);
    }
    reader.position = idEnd;
    return start;
  }

  #payload(tag: number, end: number): number {
    this.#reader.expect(tag, WireType.bytes);
    return this.#reader.payloadEnd(end);
  }
}
