import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SpanRecorder, WireError, type Span } from '@spoor/model';
import { decodeTracesProtobuf, encodeTracesJson, encodeTracesProtobuf } from '@spoor/wire';
import { renderJaegerJson } from '../jaeger/jaeger-json.ts';
import { readUpload } from './read-upload.ts';
import { testTrace } from './test-trace.ts';

const trace = testTrace(1_700_000_000_000);
const other = testTrace(1_700_000_100_000);
const protobuf = encodeTracesProtobuf([trace]);
const otlpJson = textOf(encodeTracesJson([trace]));
const otherJson = textOf(encodeTracesJson([other]));
const jaegerTraces = textOf(renderJaegerJson([trace], { prettyPrint: false }));

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function read(file: string | Uint8Array) {
  return readUpload(typeof file === 'string' ? new TextEncoder().encode(file) : file, 1_700_000_000_000);
}

function spansOf(file: string | Uint8Array): readonly Span[] {
  const recorder = new SpanRecorder();
  decodeTracesProtobuf(read(file).protobuf, recorder);
  return recorder.spans;
}

function delimited(messages: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    messages.flatMap((message) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(message.length);
      return [length, message];
    }),
  );
}

test('readUpload: OTLP in each of its forms keeps every span as it is', () => {
  const expected = spansOf(protobuf);
  assert.equal(expected.length, trace.spans.length);
  for (const form of [otlpJson, `\uFEFF ${otlpJson}\n`, `[${otlpJson}]`, `{"result":${otlpJson}}`]) {
    assert.equal(read(form).format, 'OTLP JSON');
    assert.deepEqual(spansOf(form), expected);
  }
  const lines = read(`${otlpJson}\n\n${otherJson}\r\n`);
  assert.deepEqual(
    lines.traces.map(({ traceId, spanCount }) => [traceId, spanCount]),
    [trace, other].map(({ traceId, spans }) => [traceId, spans.length]),
  );
  assert.equal(lines.traces[0].endMilli, 1_700_000_000_000);
  const twoMessages = read(delimited([protobuf, encodeTracesProtobuf([other])]));
  assert.deepEqual(twoMessages.traces, lines.traces);
});

test("readUpload: Jaeger's JSON with or without its envelope, or one trace of it", () => {
  const one = (JSON.parse(jaegerTraces) as unknown[])[0];
  for (const form of [`{"data":${jaegerTraces},"errors":null}`, jaegerTraces, one, { data: one }]) {
    const upload = read(typeof form === 'string' ? form : JSON.stringify(form));
    assert.equal(upload.format, 'Jaeger JSON');
    assert.deepEqual(upload.traces, read(protobuf).traces);
  }
  const shapeOf = (spans: readonly Span[]): readonly string[] =>
    spans.map(({ name, parentSpanId, kind }) => `${name} ${parentSpanId} ${kind}`).sort((a, b) => (a < b ? -1 : 1));
  assert.deepEqual(shapeOf(spansOf(jaegerTraces)), shapeOf(trace.spans));
});

test("readUpload: Zipkin's two versions are told apart, and a list of traces is one of spans", () => {
  const span = { traceId: 'a1', id: 'b2', name: 'get', timestamp: 1_700_000_000_000_000, duration: 5 };
  const v1 = { ...span, annotations: [{ timestamp: 1, value: 'sr', endpoint: { serviceName: 'web' } }] };
  assert.equal(read(JSON.stringify([span])).format, 'Zipkin v2 JSON');
  assert.equal(read(JSON.stringify([v1])).format, 'Zipkin v1 JSON');
  assert.equal(read(JSON.stringify([[span], [{ ...span, traceId: 'a2' }]])).traces.length, 2);
  assert.equal(read(`${JSON.stringify(span)}\n${JSON.stringify({ ...span, id: 'c3' })}`).spanCount, 2);
});

test('readUpload: says what is wrong, and where', () => {
  const badJaeger = jaegerTraces.replace(/"spanID":"[0-9a-f]+"/, '"spanID":"what"');
  for (const [file, message] of [
    ['', /the file is empty/],
    ['<html>', /not JSON: it begins with "<html>"/],
    ['{"resourceSpans":[', /not valid JSON/],
    [`${otlpJson}\n{"resourceSpans":`, /line 2 is not valid JSON/],
    [`${otlpJson}\n{"spans":1}`, /line 2: the file holds an object with "spans"/],
    ['{"resourceSpans":[{"scopeSpans":7}]}', /OTLP JSON: .*scopeSpans/],
    ['{"resourceSpans":[]}', /no span that can be kept/],
    ['{"resourceLogs":[]}', /holds logs, and no traces/],
    ['{"a":1,"b":2}', /an object with "a", "b"; expected is OTLP/],
    ['[]', /an empty list/],
    ['[1]', /something else than objects/],
    [`${'['.repeat(20)}1${']'.repeat(20)}`, /too deeply|something else/],
    [badJaeger, /Jaeger JSON: data\[0\]\.spans\[0\]\.spanID: an id of up to 16 hex digits belongs here, not "what"/],
    [Uint8Array.of(0x0a, 0x12, 1), /read as OTLP protobuf.*\(byte \d+\)/],
    [Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), /read as OTLP protobuf, since it is not text/],
  ] as const) {
    assert.throws(() => read(file), { name: 'WireError', message }, String(file).slice(0, 60));
  }
});

test('readUpload: cut off anywhere it is refused or read, and never fails otherwise', () => {
  for (const file of [protobuf, new TextEncoder().encode(otlpJson), new TextEncoder().encode(jaegerTraces)]) {
    const step = Math.max(1, Math.floor(file.length / 300));
    for (let end = 0; end < file.length; end += step) {
      try {
        read(file.subarray(0, end));
      } catch (error) {
        assert.ok(error instanceof WireError, `cut at ${end}: ${String(error)}`);
      }
    }
  }
});

const data = join(import.meta.dirname, '../../../../../shared/data');
const reason = existsSync(data) ? false : 'the shared data is not here';

test('readUpload: files of other programs', { skip: reason }, () => {
  for (const [path, format, spanCount] of [
    ['jaeger/testTrace.json', 'Jaeger JSON', 4],
    ['jaeger/otel_traces_01.json', 'OTLP JSON', 4],
    ['zipkin/success-case1.json', 'Zipkin v1 JSON', 157],
    ['zipkin/smartthings-mobile-web-install.json', 'Zipkin v2 JSON', 1041],
    ['zipkin/skew.json', 'Zipkin v2 JSON', 4],
  ] as const) {
    const upload = read(readFileSync(join(data, path)));
    assert.deepEqual([upload.format, upload.spanCount], [format, spanCount], path);
  }
});
