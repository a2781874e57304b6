import { type ErrorCode, type SpanSink, WireError } from '@spoor/model';
import { jsonPathAt } from '../json/json-path.ts';
import type { DecodeResult } from '../otlp/decode-result.ts';
import { SliceMeter, type Slices } from '../slices.ts';
import type { ThriftReader } from '../thrift/thrift-reader.ts';
import { AbsentStart } from './absent-start.ts';
import { type ZipkinSpanSource, ZipkinSpan } from './zipkin-span.ts';
import { ZipkinSpanPusher } from './zipkin-span-pusher.ts';
import { ZipkinV1JsonReader } from './zipkin-v1-json.ts';
import { ZipkinV1Source } from './zipkin-v1-source.ts';
import { ZipkinV1ThriftReader, zipkinThriftBody } from './zipkin-v1-thrift.ts';
import { ZipkinJsonSource } from './zipkin-v2-json.ts';
import { ZipkinProtobufSource } from './zipkin-v2-protobuf.ts';

export interface ZipkinDecodeOptions {
  /** when the request arrived, milliseconds since the epoch: the start of spans that say none */
  readonly receivedMilli: number;
  /** yields after so many; without it, never */
  readonly spansPerSlice?: number;
}

export type ZipkinForm = 'v2-json' | 'v2-protobuf' | 'v1-json' | 'v1-thrift';

/**
 * Decodes the body of a `POST` to Zipkin's `/api/v1/spans` or `/api/v2/spans`.
 *
 * @throws {WireError} with the byte offset (JSON: with the path as well); the sink then holds part of the body, and its
 * driver takes it back. Only spans with an id of zeros, or none, are left out one by one.
 */
export function* decodeZipkin(
  form: ZipkinForm,
  body: Uint8Array,
  sink: SpanSink,
  options: ZipkinDecodeOptions,
): Slices<DecodeResult> {
  try {
    return yield* pushAll(sourceOf(form, body), sink, options, () => sourceOf(form, body));
  } catch (error) {
    throw form === 'v2-json' || form === 'v1-json' ? withPath(error, body) : error;
  }
}

/** Decodes a `list<zipkincore.Span>` inside a Thrift message, from its header on. */
export function* decodeZipkinSpanList(
  reader: ThriftReader,
  sink: SpanSink,
  options: ZipkinDecodeOptions,
): Slices<DecodeResult> {
  const source = new ZipkinV1Source(new ZipkinV1ThriftReader(reader, false));
  return yield* pushAll(source, sink, options, undefined);
}

function sourceOf(form: ZipkinForm, body: Uint8Array): ZipkinSpanSource {
  switch (form) {
    case 'v2-json':
      return new ZipkinJsonSource(body);
    case 'v2-protobuf':
      return new ZipkinProtobufSource(body);
    case 'v1-json':
      return new ZipkinV1Source(new ZipkinV1JsonReader(body));
    case 'v1-thrift':
      return new ZipkinV1Source(zipkinThriftBody(body));
  }
}

function* pushAll(
  source: ZipkinSpanSource,
  sink: SpanSink,
  { receivedMilli, spansPerSlice = Number.POSITIVE_INFINITY }: ZipkinDecodeOptions,
  again: (() => ZipkinSpanSource) | undefined,
): Slices<DecodeResult> {
  const absentStart = new AbsentStart(receivedMilli, again);
  const pusher = new ZipkinSpanPusher(sink, source.bytes, (span) => absentStart.of(span));
  const meter = new SliceMeter(spansPerSlice);
  const span = new ZipkinSpan();
  while (source.next(span)) {
    pusher.span(span);
    if (meter.isFull()) yield;
  }
  const { spanCount, rejectedSpanCount, rejectedReason } = pusher;
  return { spanCount, rejectedSpanCount, rejectedReason };
}

function withPath(error: unknown, body: Uint8Array): unknown {
  if (!(error instanceof WireError) || error.offset < 0) return error;
  const path = jsonPathAt(body, error.offset);
  if (path === '') return error;
  const text = error.message.replace(/ \(byte \d+\)$/, '');
  const code = error.code as Extract<ErrorCode, `WIRE_${string}`>;
  return new WireError(code, `${path}: ${text}`, error.offset, { cause: error });
}
