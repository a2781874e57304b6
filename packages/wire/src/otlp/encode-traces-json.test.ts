import assert from 'node:assert/strict';
import test from 'node:test';
import type { Resource, Scope, Span, SpanId, TraceId, UnixNano } from '@spoor/model';
import { encodeTracesJson } from './encode-traces-json.ts';
import { TextChunks } from './text-chunks.ts';

const resource: Resource = {
  attributes: [{ key: 'service.name', value: { type: 'string', value: 'shop' } }],
  droppedAttributesCount: 0,
  schemaUrl: 'https://opentelemetry.io/schemas/1.44.0',
  entityRefs: [new Uint8Array([0x12, 4, ...new TextEncoder().encode('host'), 0x1a, 2, 0x69, 0x64])],
};
const scope: Scope = { name: 'lib', version: '', attributes: [], droppedAttributesCount: 0, schemaUrl: '' };
const bare: Span = {
  traceId: 'ab'.repeat(16) as TraceId,
  spanId: 'cd'.repeat(8) as SpanId,
  parentSpanId: '',
  traceState: '',
  flags: 0,
  name: '',
  kind: 0,
  startTimeUnixNano: 0n as UnixNano,
  endTimeUnixNano: 0n as UnixNano,
  attributes: [],
  droppedAttributesCount: 0,
  events: [],
  droppedEventsCount: 0,
  links: [],
  droppedLinksCount: 0,
  statusCode: 0,
  statusMessage: '',
  resource,
  scope,
  adjustedCount: 1,
};

function encoded(...spans: Span[]): unknown {
  return JSON.parse(new TextDecoder().decode(encodeTracesJson([{ traceId: bare.traceId, spans }])));
}

test('encodeTracesJson: spells fields as OTLP/JSON does and leaves defaults out', () => {
  const span: Span = {
    ...bare,
    name: 'GET "/"',
    kind: 2,
    startTimeUnixNano: 1795375900547000001n as UnixNano,
    attributes: [
      { key: 'i', value: { type: 'int', value: 2n ** 63n - 1n } },
      { key: 'z', value: { type: 'int', value: 0 } },
      { key: 'd', value: { type: 'double', value: Number.NaN } },
      { key: 'b', value: { type: 'bytes', value: new Uint8Array([0xfb, 0xff]) } },
      { key: 'e', value: { type: 'empty' } },
      { key: 'f', value: { type: 'bool', value: false } },
    ],
    events: [{ timeUnixNano: 5n as UnixNano, name: 'exception', attributes: [], droppedAttributesCount: 1 }],
    links: [{ traceId: '', spanId: '01', traceState: 'a=b', flags: 1, attributes: [], droppedAttributesCount: 0 }],
    statusCode: 2,
    flags: 257,
  };
  assert.deepEqual(encoded(span, bare), {
    resourceSpans: [
      {
        resource: {
          attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }],
          entityRefs: [{ type: 'host', idKeys: ['id'] }],
        },
        scopeSpans: [
          {
            scope: { name: 'lib' },
            spans: [
              {
                traceId: 'ab'.repeat(16),
                spanId: 'cd'.repeat(8),
                name: 'GET "/"',
                kind: 2,
                startTimeUnixNano: '1795375900547000001',
                attributes: [
                  { key: 'i', value: { intValue: '9223372036854775807' } },
                  { key: 'z', value: { intValue: '0' } },
                  { key: 'd', value: { doubleValue: 'NaN' } },
                  { key: 'b', value: { bytesValue: '+/8=' } },
                  { key: 'e', value: {} },
                  { key: 'f', value: { boolValue: false } },
                ],
                events: [{ timeUnixNano: '5', name: 'exception', droppedAttributesCount: 1 }],
                links: [{ spanId: '01', traceState: 'a=b', flags: 1 }],
                status: { code: 2 },
                flags: 257,
              },
              { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8) },
            ],
          },
        ],
        schemaUrl: 'https://opentelemetry.io/schemas/1.44.0',
      },
    ],
  });
});

test('encodeTracesJson: no traces are an empty list; resources group by identity in order of appearance', () => {
  assert.equal(new TextDecoder().decode(encodeTracesJson([])), '{"resourceSpans":[]}');
  const other = { ...bare, resource: { ...resource } };
  const { resourceSpans } = encoded(bare, other, bare) as { resourceSpans: { scopeSpans: { spans: unknown[] }[] }[] };
  assert.deepEqual(
    resourceSpans.map(({ scopeSpans }) => scopeSpans[0].spans.length),
    [2, 1],
  );
});

test('TextChunks: joins pieces of any length', () => {
  const chunks = new TextChunks();
  let expected = '';
  for (let i = 0; i < 9; i++) {
    const piece = `${i}é`.repeat(i * 20_000);
    chunks.push(piece);
    expected += piece;
  }
  assert.equal(new TextDecoder().decode(chunks.finish()), expected);
  assert.equal(new TextChunks().finish().length, 0);
});
