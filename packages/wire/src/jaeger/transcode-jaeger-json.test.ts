import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpanKind, SpanRecorder, StatusCode, WireError } from '@spoor/model';
import { runSlices } from '../slices.ts';
import { decodeJaegerPostSpans } from './decode-jaeger.ts';
import { transcodeJaegerJson } from './transcode-jaeger-json.ts';

/**
 *    web   GET /       ==========
 *    api    query        ====      link to another trace
 */
const trace = {
  traceID: '1f',
  spans: [
    {
      traceID: '1f',
      spanID: 'a',
      operationName: 'GET /',
      references: null,
      flags: 1,
      startTime: 1_700_000_000_000_001,
      duration: 10_000,
      tags: [
        { key: 'span.kind', type: 'string', value: 'server' },
        { key: 'big', type: 'int64', value: '9223372036854775807' },
        { key: 'ratio', type: 'float64', value: 0.5 },
        { key: 'cached', type: 'bool', value: true },
        { key: 'raw', type: 'binary', value: 'AQI=' },
        { key: 'odd', type: 'int64', value: 'many' },
      ],
      logs: [{ timestamp: 1_700_000_000_000_500, fields: [{ key: 'event', type: 'string', value: 'begun' }] }],
      processID: 'p1',
      warnings: ['clock skew'],
    },
    {
      traceID: '1f',
      spanID: 'b',
      operationName: 'query',
      references: [
        { refType: 'CHILD_OF', traceID: '1f', spanID: 'a' },
        { refType: 'FOLLOWS_FROM', traceID: '2e', spanID: 'c' },
      ],
      startTime: 1_700_000_000_002_000,
      duration: 4_000,
      tags: [{ key: 'error', type: 'bool', value: true }],
      logs: [],
      processID: 'p2',
    },
  ],
  processes: {
    p1: { serviceName: 'web', tags: [{ key: 'hostname', type: 'string', value: 'h1' }] },
    p2: { serviceName: 'api', tags: [] },
  },
};

function decoded(traces: readonly unknown[]) {
  const recorder = new SpanRecorder();
  runSlices(decodeJaegerPostSpans(transcodeJaegerJson(traces), recorder, { receivedMilli: 0 }));
  return recorder.spans;
}

test("transcodeJaegerJson: everything of Jaeger's JSON arrives", () => {
  const [web, api] = decoded([trace]);
  assert.equal(web.traceId, '1f'.padStart(32, '0'));
  assert.equal(web.spanId, 'a'.padStart(16, '0'));
  assert.equal(web.kind, SpanKind.server);
  assert.equal(web.startTimeUnixNano, 1_700_000_000_000_001_000n);
  assert.equal(web.endTimeUnixNano, 1_700_000_000_010_001_000n);
  assert.deepEqual(Object.fromEntries(web.attributes.map(({ key, value }) => [key, 'value' in value && value.value])), {
    big: 9_223_372_036_854_775_807n,
    ratio: 0.5,
    cached: true,
    raw: Uint8Array.of(1, 2),
    odd: 'many',
  });
  assert.equal(web.events[0].name, 'begun');
  assert.deepEqual(web.resource.attributes[0], { key: 'service.name', value: { type: 'string', value: 'web' } });
  assert.equal(api.parentSpanId, web.spanId);
  assert.equal(api.statusCode, StatusCode.error);
  assert.deepEqual(
    api.links.map(({ traceId, spanId }) => [traceId, spanId]),
    [['2e'.padStart(32, '0'), 'c'.padStart(16, '0')]],
  );
});

test('transcodeJaegerJson: a span without a process keeps its place', () => {
  const [span] = decoded([{ spans: [{ traceID: '1', spanID: '2', startTime: 5, parentSpanID: '3' }] }]);
  assert.equal(span.parentSpanId, '3'.padStart(16, '0'));
  assert.equal(span.startTimeUnixNano, 5000n);
});

test('transcodeJaegerJson: names the place of what is wrong, whatever is put anywhere', () => {
  const bad = (change: object): unknown => ({ ...trace, spans: [{ ...trace.spans[0], ...change }] });
  for (const [traces, message] of [
    [[7], /^data\[0\]: an object belongs here, not 7$/],
    [
      [bad({ traceID: 'xyz' })],
      /^data\[0\]\.spans\[0\]\.traceID: an id of up to 32 hex digits belongs here, not "xyz"$/,
    ],
    [[bad({ spanID: '11112222333344445' })], /spans\[0\]\.spanID/],
    [[bad({ startTime: 'now' })], /startTime: a number belongs here, not "now"/],
    [[bad({ tags: {} })], /tags: a list belongs here, not \{\}/],
    [[bad({ logs: [{}] })], /logs\[0\]\.timestamp: a number belongs here, not nothing/],
  ] as const) {
    assert.throws(() => transcodeJaegerJson(traces), { code: 'WIRE_MALFORMED', message });
  }
  const strange = [undefined, null, 0, -1, 1e300, '', 'text', true, [], [null], {}, { key: [] }];
  for (const key of Object.keys(trace.spans[0])) {
    for (const value of strange) {
      try {
        decoded([bad({ [key]: value })]);
      } catch (error) {
        assert.ok(error instanceof WireError, `${key}: ${JSON.stringify(value)} gave ${String(error)}`);
      }
    }
  }
});
