import { emptySpanDraft, type Span, type SpanSink, ValueType } from '@spoor/model';
import type { WalRecord } from '../wal-reader.ts';
import type { RequestMeta } from '../wal-record.ts';

/** A span of the tests' own protocol: requests are JSON lists of these. `id` is unique, and tells which request it came with. */
export interface TinySpan {
  /** trace, span, parent: 1 … 2^31−1; 0 is no parent */
  readonly trace: number;
  readonly id: number;
  readonly parent?: number;
  readonly name: string;
  /** milliseconds since the epoch */
  readonly startMilli: number;
}

export const tinyMeta: RequestMeta = Object.freeze({
  signal: 1,
  protocol: 200,
  contentType: 200,
  contentEncoding: 0,
  receivedMilli: 1_700_000_000_000,
  transformationVersion: 0,
});

export function encodeTiny(spans: readonly TinySpan[]): Uint8Array {
  return Buffer.from(JSON.stringify(spans));
}

/** Decodes a body into the sink. A span with the name `!` is an error in the middle of the body. */
export function decodeTiny(body: Uint8Array, sink: SpanSink): number {
  const spans = JSON.parse(Buffer.from(body).toString()) as TinySpan[];
  attribute(sink, 'service.name', 'tiny');
  sink.endResource(0, 0, 0);
  sink.endScope(code(sink, 'tiny'), 0, 0, 0);
  for (const span of spans) pushTiny(span, sink);
  return spans.length;
}

/** The same, a span a slice. */
export function* decodeTinyInSlices(body: Uint8Array, sink: SpanSink): Generator<undefined, number> {
  const spans = JSON.parse(Buffer.from(body).toString()) as TinySpan[];
  attribute(sink, 'service.name', 'tiny');
  sink.endResource(0, 0, 0);
  sink.endScope(code(sink, 'tiny'), 0, 0, 0);
  for (const span of spans) {
    pushTiny(span, sink);
    yield;
  }
  return spans.length;
}

export function replayTiny(record: WalRecord, sink: SpanSink): void {
  decodeTiny(record.body, sink);
}

/** Back from what the store answers. */
export function tinyOf(span: Span): TinySpan {
  return {
    trace: Number.parseInt(span.traceId, 16),
    id: Number.parseInt(span.spanId, 16),
    parent: span.parentSpanId === '' ? 0 : Number.parseInt(span.parentSpanId, 16),
    name: span.name,
    startMilli: Number(span.startTimeUnixNano / 1_000_000n),
  };
}

function pushTiny(span: TinySpan, sink: SpanSink): void {
  if (span.name === '!') throw new Error('not a span');
  const draft = emptySpanDraft();
  draft.traceId3 = span.trace;
  draft.spanIdLow = span.id;
  draft.parentSpanIdLow = span.parent ?? 0;
  const start = BigInt(span.startMilli) * 1_000_000n;
  draft.startLow = draft.endLow = Number(start & 0xffff_ffffn);
  draft.startHigh = draft.endHigh = Number(start >> 32n);
  draft.nameCode = code(sink, span.name);
  attribute(sink, 'copy of the name', span.name);
  sink.endAttributes();
  sink.endSpan(draft);
}

function attribute(sink: SpanSink, key: string, value: string): void {
  sink.attribute(code(sink, key), ValueType.string, code(sink, value));
}

function code(sink: SpanSink, text: string): number {
  const bytes = Buffer.from(text);
  return sink.intern(bytes, 0, bytes.length);
}
