import assert from 'node:assert/strict';
import test from 'node:test';
import type { SpanId, TraceId } from './ids.ts';
import { pushSpans } from './span-push.ts';
import { SpanRecorder } from './span-recorder.ts';
import type { Resource, Scope, Span } from './span.ts';
import { unixNano } from './time.ts';

const resource: Resource = {
  attributes: [{ key: 'service.name', value: { type: 'string', value: 'shop' } }],
  droppedAttributesCount: 3,
  schemaUrl: 'https://opentelemetry.io/schemas/1.44.0',
  entityRefs: [new Uint8Array([0x12, 0x01, 0x61]), new Uint8Array(200), new Uint8Array(0)],
};
const bareResource: Resource = { attributes: [], droppedAttributesCount: 0, schemaUrl: '', entityRefs: [] };
const scope: Scope = {
  name: 'lib',
  version: '1.2.3',
  attributes: [{ key: 's', value: { type: 'bool', value: true } }],
  droppedAttributesCount: 1,
  schemaUrl: 'scope schema',
};

const full: Span = {
  traceId: 'ff00000000000000fedcba9876543210' as TraceId,
  spanId: 'fedcba9800000001' as SpanId,
  parentSpanId: '0000000000000001' as SpanId,
  traceState: 'ot=th:8',
  flags: 0xffff_ffff,
  name: 'naïve \ufeff',
  kind: -5,
  startTimeUnixNano: unixNano(2n ** 64n - 1n),
  endTimeUnixNano: unixNano(1n),
  attributes: [
    { key: '', value: { type: 'empty' } },
    { key: 'a', value: { type: 'string', value: '' } },
    { key: 'a', value: { type: 'int', value: -(2 ** 53 - 1) } },
    { key: 'b', value: { type: 'int', value: -(2n ** 53n) } },
    { key: 'c', value: { type: 'int', value: 2n ** 63n - 1n } },
    { key: 'd', value: { type: 'double', value: -0 } },
    { key: 'e', value: { type: 'bytes', value: new Uint8Array([0, 255]) } },
    { key: 'f', value: { type: 'array', value: [{ type: 'empty' }, { type: 'array', value: [] }] } },
    { key: 'g', value: { type: 'kvlist', value: [{ key: 'h', value: { type: 'double', value: Number.NaN } }] } },
    { key: 'h', value: { type: 'array', value: [] } },
  ],
  droppedAttributesCount: 7,
  events: [
    { timeUnixNano: unixNano(0n), name: '', attributes: [], droppedAttributesCount: 0 },
    {
      timeUnixNano: unixNano(2n ** 63n),
      name: 'exception',
      attributes: [{ key: 'exception.type', value: { type: 'string', value: 'Error' } }],
      droppedAttributesCount: 2,
    },
  ],
  droppedEventsCount: 8,
  links: [
    { traceId: '', spanId: 'ab', traceState: '', flags: 0, attributes: [], droppedAttributesCount: 0 },
    {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: '00f067aa0ba902b7',
      traceState: 'a=b',
      flags: 257,
      attributes: [{ key: 'l', value: { type: 'bool', value: false } }],
      droppedAttributesCount: 4,
    },
  ],
  droppedLinksCount: 9,
  statusCode: 2,
  statusMessage: 'boom',
  resource,
  scope,
  adjustedCount: 2,
};
const bare: Span = {
  ...full,
  spanId: '0000000000000002' as SpanId,
  parentSpanId: '',
  traceState: '',
  attributes: [],
  events: [],
  links: [],
  adjustedCount: 1,
};

test('pushSpans: nothing of a span is lost', () => {
  const spans = [
    full,
    bare,
    { ...bare, resource: bareResource },
    { ...full, resource: bareResource, scope: { ...scope } },
  ];
  const recorder = new SpanRecorder();
  pushSpans(recorder, spans);
  assert.deepEqual(recorder.spans, spans);
  assert.equal(recorder.openCount, 0);
});

test('pushSpans: consecutive spans share resource and scope', () => {
  const recorder = new SpanRecorder();
  pushSpans(recorder, [full, bare, { ...bare, scope: { ...scope } }, { ...bare, resource: bareResource }]);
  const [first, second, third, fourth] = recorder.spans;
  assert.equal(first.resource, second.resource);
  assert.equal(first.scope, second.scope);
  assert.equal(second.resource, third.resource);
  assert.notEqual(second.scope, third.scope);
  assert.notEqual(third.resource, fourth.resource);
});

test('pushSpans: sampler attributes make the adjusted count', () => {
  const recorder = new SpanRecorder();
  const sampled: Span = {
    ...bare,
    attributes: [
      { key: 'sampler.type', value: { type: 'string', value: 'probabilistic' } },
      { key: 'sampler.param', value: { type: 'double', value: 0.125 } },
    ],
  };
  pushSpans(recorder, [sampled]);
  assert.equal(recorder.spans[0].adjustedCount, 8);
});
