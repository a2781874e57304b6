import { ValueType, WireError } from '@spoor/model';
import type { AttributeTable } from '../attribute-table.ts';
import { type ThriftReader, ThriftType } from '../thrift/thrift-reader.ts';
import { WireTime, isNegative } from '../wire-time.ts';
import type { JaegerProcess, JaegerSpan } from './jaeger-span.ts';

/** `TagType`, whose numbers differ from those of protobuf's `ValueType`. */
const TagType = Object.freeze({ string: 0, double: 1, bool: 2, long: 3, binary: 4 });

/**
 * Reads the structs of Jaeger's Thrift model, in either protocol, into what is reused for every span. Unknown fields are
 * skipped.
 * Source: jaeger-idl, thrift/jaeger.thrift.
 */
export class JaegerThriftReader {
  readonly #reader: ThriftReader;
  readonly #time = new WireTime();

  constructor(reader: ThriftReader) {
    this.#reader = reader;
  }

  /**
   *    Process:  1 serviceName  string   2 tags  Tag[]
   */
  process(process: JaegerProcess): void {
    const reader = this.#reader;
    process.clear();
    process.isMissing = false;
    const outer = reader.enterStruct();
    while (reader.fieldBegin()) {
      if (reader.fieldId === 1) {
        this.#text();
        process.serviceNameStart = reader.textStart;
        process.serviceNameEnd = reader.textEnd;
      } else if (reader.fieldId === 2) this.#tags(process.tags);
      else reader.skip();
    }
    reader.leaveStruct(outer);
  }

  /**
   *    Span:  1 traceIdLow  i64     4 parentSpanId   i64         7 flags      i32      10 tags  Tag[]
   *           2 traceIdHigh i64     5 operationName  string      8 startTime  i64 µs   11 logs  Log[]
   *           3 spanId      i64     6 references     SpanRef[]   9 duration   i64 µs
   */
  span(span: JaegerSpan): void {
    const reader = this.#reader;
    span.clear();
    const outer = reader.enterStruct();
    while (reader.fieldBegin()) {
      switch (reader.fieldId) {
        case 1:
          this.#i64();
          span.traceId2 = reader.high;
          span.traceId3 = reader.low;
          break;
        case 2:
          this.#i64();
          span.traceId0 = reader.high;
          span.traceId1 = reader.low;
          break;
        case 3:
          this.#i64();
          span.spanIdHigh = reader.high;
          span.spanIdLow = reader.low;
          break;
        case 4:
          this.#i64();
          span.parentSpanIdHigh = reader.high;
          span.parentSpanIdLow = reader.low;
          break;
        case 5:
          this.#text();
          span.nameStart = reader.textStart;
          span.nameEnd = reader.textEnd;
          break;
        default:
          this.#rareSpanField(span);
      }
    }
    reader.leaveStruct(outer);
  }

  #rareSpanField(span: JaegerSpan): void {
    const reader = this.#reader;
    switch (reader.fieldId) {
      case 6:
        for (let left = reader.structList(); left > 0; left--) this.#reference(span);
        return;
      case 7:
        reader.expect(ThriftType.i32);
        span.flags = reader.i32();
        return;
      case 8:
        this.#i64();
        span.start.setMicro(reader.low, reader.high);
        return;
      case 9:
        this.#i64();
        span.isDurationNegative = isNegative(reader.high);
        span.duration.setMicro(reader.low, reader.high);
        return;
      case 10:
        return this.#tags(span.tags);
      case 11:
        for (let left = reader.structList(); left > 0; left--) this.#log(span);
        return;
      default:
        reader.skip();
    }
  }

  /**
   *    SpanRef:  1 refType  i32   2 traceIdLow  i64   3 traceIdHigh  i64   4 spanId  i64
   */
  #reference(span: JaegerSpan): void {
    const reader = this.#reader;
    const start = reader.position;
    const reference = { type: 0, traceId0: 0, traceId1: 0, traceId2: 0, traceId3: 0, spanIdHigh: 0, spanIdLow: 0 };
    const outer = reader.enterStruct();
    while (reader.fieldBegin()) {
      if (reader.fieldId === 1) {
        reader.expect(ThriftType.i32);
        reference.type = reader.i32();
      } else if (reader.fieldId === 2) {
        this.#i64();
        reference.traceId2 = reader.high;
        reference.traceId3 = reader.low;
      } else if (reader.fieldId === 3) {
        this.#i64();
        reference.traceId0 = reader.high;
        reference.traceId1 = reader.low;
      } else if (reader.fieldId === 4) {
        this.#i64();
        reference.spanIdHigh = reader.high;
        reference.spanIdLow = reader.low;
      } else reader.skip();
    }
    reader.leaveStruct(outer);
    span.addReference(reference, start);
  }

  /**
   *    Log:  1 timestamp  i64 µs   2 fields  Tag[]
   */
  #log(span: JaegerSpan): void {
    const reader = this.#reader;
    const start = reader.position;
    this.#time.setMicro(0, 0);
    const outer = reader.enterStruct();
    while (reader.fieldBegin()) {
      if (reader.fieldId === 1) {
        this.#i64();
        this.#time.setMicro(reader.low, reader.high);
      } else if (reader.fieldId === 2) this.#tags(span.logFields);
      else reader.skip();
    }
    reader.leaveStruct(outer);
    span.addLog(this.#time, start);
  }

  #tags(table: AttributeTable): void {
    for (let left = this.#reader.structList(); left > 0; left--) this.#tag(table);
  }

  /**
   *    Tag:  1 key  string    3 vStr     string   5 vBool  bool   7 vBinary  binary
   *          2 vType  i32     4 vDouble  double   6 vLong  i64
   *
   * Some clients write all the value fields of every tag, so `vType` alone says which one counts.
   */
  #tag(table: AttributeTable): void {
    const reader = this.#reader;
    const start = reader.position;
    let keyStart = 0;
    let keyEnd = 0;
    let type = 0;
    let double = 0;
    let bool = false;
    let low = 0;
    let high = 0;
    let textStart = 0;
    let textEnd = 0;
    let binaryStart = 0;
    let binaryEnd = 0;
    const outer = reader.enterStruct();
    while (reader.fieldBegin()) {
      const { fieldId } = reader;
      if (fieldId === 1) {
        this.#text();
        keyStart = reader.textStart;
        keyEnd = reader.textEnd;
      } else if (fieldId === 2) {
        reader.expect(ThriftType.i32);
        type = reader.i32();
      } else if (fieldId === 3) {
        this.#text();
        textStart = reader.textStart;
        textEnd = reader.textEnd;
      } else if (fieldId === 4) {
        reader.expect(ThriftType.double);
        double = reader.double();
      } else if (fieldId === 5) {
        reader.expect(ThriftType.bool);
        bool = reader.bool();
      } else if (fieldId === 6) {
        this.#i64();
        low = reader.low;
        high = reader.high;
      } else if (fieldId === 7) {
        this.#text();
        binaryStart = reader.textStart;
        binaryEnd = reader.textEnd;
      } else reader.skip();
    }
    reader.leaveStruct(outer);
    if (type === TagType.string) table.text(keyStart, keyEnd, ValueType.string, textStart, textEnd);
    else if (type === TagType.double) table.double(keyStart, keyEnd, double);
    else if (type === TagType.bool) table.bool(keyStart, keyEnd, bool);
    else if (type === TagType.long) table.integer(keyStart, keyEnd, low, high);
    else if (type === TagType.binary) table.text(keyStart, keyEnd, ValueType.bytes, binaryStart, binaryEnd);
    else throw new WireError('WIRE_MALFORMED', `there is no tag type ${type}`, start);
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
