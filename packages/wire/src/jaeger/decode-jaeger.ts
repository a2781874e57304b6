import { ProtobufReader, type SpanSink, WireError, WireType } from '@spoor/model';
import type { DecodeResult } from '../otlp/decode-result.ts';
import { SliceMeter, type Slices } from '../slices.ts';
import { ThriftBinaryReader } from '../thrift/thrift-binary-reader.ts';
import { ThriftCompactReader } from '../thrift/thrift-compact-reader.ts';
import { ThriftMessageType, type ThriftReader, ThriftType } from '../thrift/thrift-reader.ts';
import { decodeZipkinSpanList } from '../zipkin/decode-zipkin.ts';
import { JaegerProtobufReader } from './jaeger-protobuf.ts';
import { JaegerSpanPusher } from './jaeger-span-pusher.ts';
import { JaegerProcess, JaegerSpan } from './jaeger-span.ts';
import { JaegerThriftReader } from './jaeger-thrift.ts';

export interface JaegerDecodeOptions {
  /** when the request arrived, milliseconds since the epoch: the start of Zipkin spans that say none */
  readonly receivedMilli: number;
  /** yields after so many; without it, never */
  readonly spansPerSlice?: number;
}

/** Which of Thrift's protocols a datagram is in. Its first byte says so, whatever port it came to. */
export function thriftProtocolOf(packet: Uint8Array): 'compact' | 'binary' {
  return packet[0] === 0x82 ? 'compact' : 'binary';
}

/**
 * Decodes one datagram of Jaeger's agent protocol: a Thrift message, compact or binary (strict or not), CALL or ONEWAY,
 * `emitBatch(1: Batch)` or `emitZipkinBatch(1: list<zipkincore.Span>)`.
 *
 * @throws {WireError} with the byte offset; the sink then holds part of it, and its driver takes it back. Bytes after the
 * message are refused too: one datagram is one message.
 * Source: jaeger-idl, thrift/agent.thrift.
 */
export function* decodeJaegerAgentMessage(
  packet: Uint8Array,
  sink: SpanSink,
  options: JaegerDecodeOptions,
): Slices<DecodeResult> {
  const reader =
    thriftProtocolOf(packet) === 'compact' ? new ThriftCompactReader(packet) : new ThriftBinaryReader(packet);
  reader.messageBegin();
  const name = reader.text();
  const { messageType } = reader;
  if (messageType !== ThriftMessageType.call && messageType !== ThriftMessageType.oneway) {
    throw new WireError('WIRE_MALFORMED', `a Thrift message of type ${messageType} is no call`, 0);
  }
  if (name !== 'emitBatch' && name !== 'emitZipkinBatch') {
    throw new WireError('WIRE_MALFORMED', `an agent has no method ${JSON.stringify(name)}`, reader.textStart);
  }
  let result: DecodeResult | undefined;
  const outer = reader.enterStruct();
  while (reader.fieldBegin()) {
    if (reader.fieldId !== 1 || result !== undefined) reader.skip();
    else if (name === 'emitBatch') {
      reader.expect(ThriftType.struct);
      result = yield* decodeBatchStruct(reader, sink, options);
    } else {
      reader.expect(ThriftType.list);
      result = yield* decodeZipkinSpanList(reader, sink, options);
    }
  }
  reader.leaveStruct(outer);
  refuseRest(reader);
  if (result === undefined) throw new WireError('WIRE_MALFORMED', `a call of ${name} without its argument`, 0);
  return result;
}

/** Decodes a bare `Batch` struct in Thrift's binary protocol: what is posted to Jaeger's collector. */
export function* decodeJaegerBatch(
  body: Uint8Array,
  sink: SpanSink,
  options: JaegerDecodeOptions,
): Slices<DecodeResult> {
  const reader = new ThriftBinaryReader(body);
  const result = yield* decodeBatchStruct(reader, sink, options);
  refuseRest(reader);
  return result;
}

/**
 *    Batch:  1 process  Process   2 spans  Span[]   3 seqNo  i64   4 stats  ClientStats
 *
 * Spans that stand before their process, which no known client sends, are passed over and read at the end.
 */
function* decodeBatchStruct(
  reader: ThriftReader,
  sink: SpanSink,
  { spansPerSlice = Number.POSITIVE_INFINITY }: JaegerDecodeOptions,
): Slices<DecodeResult> {
  const structs = new JaegerThriftReader(reader);
  const pusher = new JaegerSpanPusher(sink, reader.bytes);
  const meter = new SliceMeter(spansPerSlice);
  const process = new JaegerProcess();
  const span = new JaegerSpan();
  let waitingAt = -1;
  // A list of spans may come again; pushing a large process for each would take quadratic time.
  let isProcessPushed = false;
  const readSpans = function* (): Slices<void> {
    if (!isProcessPushed) pusher.resource(process);
    isProcessPushed = true;
    for (let left = reader.structList(); left > 0; left--) {
      structs.span(span);
      pusher.span(span);
      if (meter.isFull()) yield;
    }
  };
  const outer = reader.enterStruct();
  while (reader.fieldBegin()) {
    if (reader.fieldId === 1) {
      reader.expect(ThriftType.struct);
      structs.process(process);
      isProcessPushed = false;
    } else if (reader.fieldId !== 2) reader.skip();
    else if (!process.isMissing) yield* readSpans();
    else {
      waitingAt = reader.position;
      reader.structList();
      reader.position = waitingAt;
      reader.skip();
    }
  }
  reader.leaveStruct(outer);
  if (waitingAt >= 0) {
    const end = reader.position;
    reader.position = waitingAt;
    reader.fieldType = ThriftType.list;
    yield* readSpans();
    reader.position = end;
  }
  return resultOf(pusher);
}

/**
 * Decodes a `PostSpansRequest` of `jaeger.api_v2.CollectorService`.
 *
 *    PostSpansRequest:  1 batch  Batch        Batch:  1 spans  Span[]   2 process  Process
 *
 * A span's own process wins over the batch's.
 *
 * @throws {WireError} with the byte offset; `WIRE_MALFORMED` also for an id of the wrong length
 * Source: jaeger-idl, proto/api_v2/collector.proto.
 */
export function* decodeJaegerPostSpans(
  body: Uint8Array,
  sink: SpanSink,
  { spansPerSlice = Number.POSITIVE_INFINITY }: JaegerDecodeOptions,
): Slices<DecodeResult> {
  const reader = new ProtobufReader(body);
  const pusher = new JaegerSpanPusher(sink, body);
  const batch = new JaegerBatchMessage(reader, pusher, spansPerSlice);
  while (reader.position < body.length) {
    const tag = reader.tag(body.length);
    if (tag >>> 3 !== 1) {
      reader.skip(tag, body.length);
      continue;
    }
    reader.expect(tag, WireType.bytes);
    yield* batch.decode(reader.payloadEnd(body.length));
  }
  return resultOf(pusher);
}

class JaegerBatchMessage {
  readonly #reader: ProtobufReader;
  readonly #pusher: JaegerSpanPusher;
  readonly #messages: JaegerProtobufReader;
  readonly #meter: SliceMeter;
  readonly #span = new JaegerSpan();
  readonly #process = new JaegerProcess();
  // Range of the process in force, to compare the next one with.
  #processStart = 0;
  #processEnd = 0;
  #hasPassedOver = false;

  constructor(reader: ProtobufReader, pusher: JaegerSpanPusher, spansPerSlice: number) {
    this.#reader = reader;
    this.#pusher = pusher;
    this.#messages = new JaegerProtobufReader(reader);
    this.#meter = new SliceMeter(spansPerSlice);
  }

  /** The process mostly stands behind the spans, so it is looked for first; passing over a span costs two reads. */
  *decode(end: number): Slices<void> {
    const reader = this.#reader;
    const start = reader.position;
    let processStart = 0;
    let processEnd = 0;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag >>> 3 === 2) {
        reader.expect(tag, WireType.bytes);
        processEnd = reader.payloadEnd(end);
        processStart = reader.position;
        reader.position = processEnd;
      } else reader.skip(tag, end);
    }
    this.#processStart = -1;
    reader.position = start;
    // Going to and fro between a large process of the batch and small ones of spans would take quadratic time.
    yield* this.#spans(processStart, processEnd, end, processEnd > 0 ? 'without' : 'all');
    if (!this.#hasPassedOver) return;
    reader.position = start;
    yield* this.#spans(processStart, processEnd, end, 'with');
  }

  /** @param which  spans by whether they have a process of their own */
  *#spans(processStart: number, processEnd: number, end: number, which: 'all' | 'with' | 'without'): Slices<void> {
    const reader = this.#reader;
    this.#hasPassedOver = false;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag >>> 3 !== 1) {
        reader.skip(tag, end);
        continue;
      }
      reader.expect(tag, WireType.bytes);
      this.#spanOf(processStart, processEnd, reader.payloadEnd(end), which);
      if (this.#meter.isFull()) yield;
    }
  }

  #spanOf(batchProcessStart: number, batchProcessEnd: number, end: number, which: 'all' | 'with' | 'without'): void {
    const messages = this.#messages;
    messages.span(this.#span, end);
    const hasOwn = messages.processEnd > 0;
    if (which !== 'all' && hasOwn !== (which === 'with')) {
      this.#hasPassedOver = true;
      return;
    }
    this.#usesProcess(
      hasOwn ? messages.processStart : batchProcessStart,
      hasOwn ? messages.processEnd : batchProcessEnd,
      end,
    );
    this.#pusher.span(this.#span);
  }

  /** Spans that carry their own process mostly carry the same one. */
  #usesProcess(start: number, end: number, resumeAt: number): void {
    const reader = this.#reader;
    if (this.#processStart >= 0 && this.#isSameProcess(start, end)) return;
    this.#processStart = start;
    this.#processEnd = end;
    if (end === 0) this.#process.clear();
    else {
      reader.position = start;
      this.#messages.process(this.#process, end);
      reader.position = resumeAt;
    }
    this.#pusher.resource(this.#process);
  }

  #isSameProcess(start: number, end: number): boolean {
    const { bytes } = this.#reader;
    if (start === this.#processStart && end === this.#processEnd) return true;
    if (end === 0 || this.#processEnd === 0 || end - start !== this.#processEnd - this.#processStart) return false;
    for (let i = 0; i < end - start; i++) if (bytes[start + i] !== bytes[this.#processStart + i]) return false;
    return true;
  }
}

function resultOf({ spanCount, rejectedSpanCount, rejectedReason }: JaegerSpanPusher): DecodeResult {
  return { spanCount, rejectedSpanCount, rejectedReason };
}

function refuseRest(reader: ThriftReader): void {
  if (reader.position === reader.bytes.length) return;
  throw new WireError(
    'WIRE_MALFORMED',
    `${reader.bytes.length - reader.position} bytes follow the end of the message`,
    reader.position,
  );
}
