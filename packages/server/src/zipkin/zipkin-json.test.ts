import { deepEqual, equal } from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { test } from 'node:test';
import {
  SpanRecorder,
  unixNano,
  type Attribute,
  type Resource,
  type Span,
  type SpanId,
  type TraceId,
} from '@spoor/model';
import { decodeZipkin } from '@spoor/wire';
import { renderZipkinJson } from './zipkin-json.ts';

const traceId = '00000000000000000aa651916cd43dd8' as TraceId;
const resource: Resource = {
  attributes: [text('service.name', 'shop'), text('host.name', 'h1')],
  droppedAttributesCount: 0,
  schemaUrl: '',
  entityRefs: [],
};

test('renderZipkinJson: one span with everything', () => {
  const span = makeSpan({
    parentSpanId: '00000000000000aa' as SpanId,
    traceState: 'a=b',
    kind: 2,
    statusCode: 2,
    statusMessage: 'oops',
    attributes: [
      text('net.host.ip', '10.0.0.1'),
      text('net.host.ip', '2001:db8::1'),
      { key: 'net.host.port', value: { type: 'int', value: 8080 } },
      text('peer.service', 'front'),
      text('net.peer.ip', 'not an address'),
      { key: 'big', value: { type: 'int', value: 9007199254740993n } },
      { key: 'list', value: { type: 'array', value: [{ type: 'int', value: 1 }, { type: 'empty' }] } },
      { key: 'bytes', value: { type: 'bytes', value: Uint8Array.of(255) } },
      { key: 'none', value: { type: 'empty' } },
      text('__proto__', 'x'),
    ],
    events: [
      { timeUnixNano: unixNano(1_000_000_999n), name: 'cache.miss', attributes: [], droppedAttributesCount: 0 },
      { timeUnixNano: unixNano(2_000_000_000n), name: 'e', attributes: [text('k', 'v')], droppedAttributesCount: 2 },
    ],
    links: [
      {
        traceId: '000000000000000000000000000000cc',
        spanId: '00000000000000dd',
        traceState: 'x=y',
        flags: 0,
        attributes: [],
        droppedAttributesCount: 0,
      },
    ],
  });
  equal(
    rendered([span]),
    '[[{"traceId":"0aa651916cd43dd8","parentId":"00000000000000aa","id":"0000000000000001","kind":"SERVER","name":"GET /",' +
      '"timestamp":1000000,"duration":1500,' +
      '"localEndpoint":{"serviceName":"shop","ipv4":"10.0.0.1","ipv6":"2001:db8::1","port":8080},' +
      '"remoteEndpoint":{"serviceName":"front"},' +
      '"annotations":[{"timestamp":1000000,"value":"cache.miss"},{"timestamp":2000000,"value":"e|{\\"k\\":\\"v\\"}|2"}],' +
      '"tags":{"host.name":"h1","otel.scope.name":"lib","otel.scope.version":"1.0","big":"9007199254740993",' +
      '"list":"[1,null]","bytes":"/w==","none":"","__proto__":"x","w3c.tracestate":"a=b",' +
      '"otlp.link.0":"000000000000000000000000000000cc|00000000000000dd|x=y|{}|0",' +
      '"otel.status_code":"ERROR","error":"oops"}}]]',
  );
});

test('renderZipkinJson: kinds, status, durations, shared ids, one trace by itself', () => {
  const of = (change: Partial<Span>): Record<string, unknown> =>
    (JSON.parse(rendered([makeSpan(change)], true)) as Record<string, unknown>[])[0];
  const plain = { resource: { ...resource, attributes: [] }, scope: { ...makeSpan({}).scope, name: '', version: '' } };
  deepEqual(of({ ...plain, kind: 0, name: '' }), {
    traceId: '0aa651916cd43dd8',
    id: '0000000000000001',
    timestamp: 1_000_000,
    duration: 1500,
  });
  deepEqual(
    [0, 1, 2, 3, 4, 5, 9].map((kind) => of({ ...plain, kind })['kind']),
    [undefined, undefined, 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER', undefined],
  );
  deepEqual(of({ ...plain, kind: 1 })['tags'], { 'span.kind': 'internal' });
  deepEqual(of({ ...plain, statusCode: 1, kind: 2 })['tags'], { 'otel.status_code': 'OK' });
  deepEqual(of({ ...plain, statusCode: 2, kind: 2 })['tags'], { 'otel.status_code': 'ERROR', error: 'true' });
  const ends = [1_000_000_000n, 1_000_000_001n, 1_000_001_999n, 999_999_999n];
  deepEqual(
    ends.map((end) => of({ endTimeUnixNano: unixNano(end) })['duration']),
    [undefined, 1, 1, undefined],
  );
  const shared = JSON.parse(rendered([makeSpan({ kind: 3 }), makeSpan({ kind: 2 })], true)) as { shared?: boolean }[];
  deepEqual(
    shared.map((span) => span.shared),
    [undefined, true],
  );
  equal(rendered([], false), '[]');
});

const captures = new URL('../../../../../shared/data/', import.meta.url);
const skip = existsSync(captures) ? false : 'the reference captures are not beside the repository';

/** What a v2 JSON body becomes when it is taken in and given out again. */
function roundTrip(body: Uint8Array): Record<string, unknown>[] {
  const recorder = new SpanRecorder();
  const slices = decodeZipkin('v2-json', body, recorder, { receivedMilli: 0 });
  while (slices.next().done !== true);
  return JSON.parse(rendered(recorder.spans, true)) as Record<string, unknown>[];
}

test('renderZipkinJson: what Zipkin clients sent is read again as the same', { skip }, () => {
  const files = ['zipkin/', 'captures/zipkin/'].flatMap((folder) =>
    readdirSync(new URL(folder, captures))
      .filter((name) => /json-v2.*\.body\.bin$/.test(name) || (folder === 'zipkin/' && name.endsWith('.json')))
      .map((name) => new URL(folder + name, captures)),
  );
  equal(files.length >= 7, true);
  for (const file of files) {
    const bytes = readFileSync(file);
    const body = bytes[0] === 0x1f ? gunzipSync(bytes) : bytes;
    const sent = JSON.parse(body.toString('utf8')) as Record<string, unknown>[];
    const once = roundTrip(body);
    equal(once.length, sent.length, file.pathname);
    for (const [i, span] of once.entries()) {
      const { id, kind, name, timestamp, parentId } = sent[i];
      deepEqual([span['id'], span['kind'], span['timestamp']], [id, kind, timestamp], file.pathname);
      deepEqual([span['name'] ?? '', span['parentId']], [name ?? '', parentId === id ? undefined : parentId]);
    }
    deepEqual(roundTrip(Buffer.from(JSON.stringify(once))), once, file.pathname);
  }
});

function rendered(spans: readonly Span[], single = false): string {
  const traces = spans.length === 0 ? [] : [{ traceId, spans }];
  return Buffer.from(renderZipkinJson(traces, { single })).toString('utf8');
}

function text(key: string, value: string): Attribute {
  return { key, value: { type: 'string', value } };
}

function makeSpan(change: Partial<Span>): Span {
  return {
    traceId,
    spanId: '0000000000000001' as SpanId,
    parentSpanId: '',
    traceState: '',
    flags: 0,
    name: 'GET /',
    kind: 2,
    startTimeUnixNano: unixNano(1_000_000_000n),
    endTimeUnixNano: unixNano(1_001_500_000n),
    attributes: [],
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    statusCode: 0,
    statusMessage: '',
    resource,
    scope: { name: 'lib', version: '1.0', attributes: [], droppedAttributesCount: 0, schemaUrl: '' },
    adjustedCount: 1,
    ...change,
  };
}
