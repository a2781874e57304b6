import assert from 'node:assert/strict';
import test from 'node:test';
import { ProtobufWriter, type Span, SpanRecorder, hexFromBytes } from '@spoor/model';
import { checkBitFlips, checkMutations, checkTruncations } from '../testing/damage.ts';
import { decodeAgentMessage, foreignCorpusIsMissing, zipkinBodies, zipkinDecoder } from '../testing/foreign-corpus.ts';
import { parseSpans, plainZipkinSpan } from '../testing/plain-zipkin.ts';
import {
  type ThriftValue,
  bool,
  bytes,
  encodeMessage,
  encodeThrift,
  i32,
  i64,
  struct,
  structs,
  text,
} from '../testing/thrift-writer.ts';
import { type ZipkinForm, decodeZipkin } from './decode-zipkin.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const skip = foreignCorpusIsMissing;
const utf8 = new TextEncoder();

function decode(form: ZipkinForm, body: Uint8Array): readonly Span[] {
  const recorder = new SpanRecorder();
  zipkinDecoder(form)(body, recorder);
  assert.equal(recorder.openCount, 0);
  return recorder.spans;
}

function decodeJson(form: 'v1-json' | 'v2-json', spans: unknown): readonly Span[] {
  return decode(form, utf8.encode(JSON.stringify(spans)));
}

function v2(fields: Readonly<Record<string, unknown>>): Span {
  return decodeJson('v2-json', [{ traceId: 'a', id: 'b', timestamp: 1_000_000, ...fields }])[0];
}

function plain(attributes: Span['attributes']): unknown {
  return attributes.map(({ key, value }) => [key, 'value' in value ? value.value : undefined]);
}

function service({ resource }: Span): unknown {
  return (resource.attributes[0].value as { value: string }).value;
}

test('decodeZipkin: v2 JSON of real clients and systems means what it says', { skip }, () => {
  const bodies = zipkinBodies('v2-json');
  assert.ok(bodies.length >= 6);
  for (const { name, body } of bodies) {
    const expected = parseSpans(new TextDecoder().decode(body)).map(plainZipkinSpan);
    const spans = decode('v2-json', body);
    assert.equal(spans.length, expected.length, name);
    for (const [i, span] of spans.entries()) {
      if (expected[i].startTimeUnixNano !== 0n) assert.deepEqual(span, expected[i], name);
      else checkAbsentStart(span, spans, name);
    }
  }
});

/** As if it had begun with its trace, so that it does not draw it over half a century. */
function checkAbsentStart(span: Span, spans: readonly Span[], name: string): void {
  assert.equal(span.attributes[0].key, 'otel.zipkin.absentField.startTime', name);
  const starts = spans.filter(({ traceId }) => traceId === span.traceId).map((one) => one.startTimeUnixNano);
  assert.ok(
    starts.every((start) => start - span.startTimeUnixNano < 3_600_000_000_000n),
    name,
  );
}

test('decodeZipkin: v2 protobuf means what an independent decoder saw', { skip }, () => {
  for (const { name, body } of zipkinBodies('v2-protobuf')) {
    const spans = decode('v2-protobuf', body);
    assert.deepEqual(
      spans.map((span) => [span.name, span.kind, span.statusMessage, span.events.length]),
      [
        ['SELECT users', 3, '', 0],
        ['GET /api/users', 2, 'boom', 2],
      ],
      name,
    );
    // The same program by JSON: everything but ids and times is the same.
    const json = decode('v2-json', zipkinBodies('v2-json').find((one) => one.name.startsWith('python'))!.body);
    const timeless = (span: Span): unknown => ({
      ...span,
      traceId: '',
      spanId: '',
      parentSpanId: '',
      startTimeUnixNano: 0n,
      endTimeUnixNano: 0n,
      events: span.events.map((event) => ({ ...event, timeUnixNano: 0n })),
    });
    const sorted = (span: Span): Span => ({
      ...span,
      attributes: span.attributes.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    });
    assert.deepEqual(spans.map(sorted).map(timeless), json.map(sorted).map(timeless));
    assert.equal(hexFromBytes(Buffer.from('VOMDuk2rroitOygGTA2ygA==', 'base64')), spans[0].traceId);
    assert.equal(spans[0].startTimeUnixNano, 1_795_376_186_015_413_000n);
    assert.equal(spans[0].endTimeUnixNano - spans[0].startTimeUnixNano, 11_000n);
    assert.equal(spans[0].parentSpanId, spans[1].spanId);
  }
});

test('decodeZipkin: v1 JSON of real systems: both sides of a call, kinds, services', { skip }, () => {
  const bodies = zipkinBodies('v1-json');
  assert.equal(bodies.length, 3);
  for (const { name, body } of bodies) {
    const sent = JSON.parse(new TextDecoder().decode(body)) as readonly {
      readonly annotations?: readonly { readonly value: string; readonly endpoint: { readonly serviceName: string } }[];
    }[];
    const spans = decode('v1-json', body);
    const core = (one: (typeof sent)[number], ...values: readonly string[]): boolean =>
      one.annotations?.some(({ value }) => values.includes(value)) ?? false;
    const twoSided = sent.filter((one) => core(one, 'cs', 'cr') && core(one, 'sr', 'ss'));
    assert.equal(spans.length, sent.length + twoSided.length, name);
    const services = new Set(sent.flatMap((one) => one.annotations ?? []).map(({ endpoint }) => endpoint.serviceName));
    assert.deepEqual(new Set(spans.map(service)).difference(services), new Set(), name);
    for (const span of spans) assert.ok(span.endTimeUnixNano >= span.startTimeUnixNano && span.startTimeUnixNano > 0n);
  }
});

test('decodeZipkin: a v1 span with both sides of a call becomes two with one id', () => {
  const client = { serviceName: 'front', ipv4: '10.0.0.1', port: 80 };
  const server = { serviceName: 'back', ipv4: '10.0.0.2' };
  const annotation = (timestamp: number, value: string, endpoint: object): object => ({ timestamp, value, endpoint });
  const spans = decodeJson('v1-json', [
    {
      traceId: 'a',
      id: 'b',
      parentId: 'a',
      name: 'get',
      annotations: [
        annotation(100, 'cs', client),
        annotation(120, 'sr', server),
        annotation(130, 'query', server),
        annotation(140, 'ss', server),
        annotation(150, 'cr', client),
        annotation(110, 'wire', client),
      ],
      binaryAnnotations: [
        { key: 'sa', value: true, endpoint: server },
        { key: 'ca', value: true, endpoint: client },
        { key: 'rows', value: 7, endpoint: server },
        { key: 'ratio', value: 0.5, endpoint: server },
        { key: 'retry', value: false, endpoint: client },
        { key: 'path', value: '/', endpoint: client },
      ],
    },
  ]);
  const shown = spans.map((span) => [
    span.kind,
    service(span),
    span.spanId,
    [span.startTimeUnixNano / 1000n, span.endTimeUnixNano / 1000n],
    span.events.map(({ name }) => name),
    plain(span.attributes),
  ]);
  assert.deepEqual(shown, [
    [
      3,
      'front',
      '000000000000000b',
      [100n, 150n],
      ['wire'],
      [
        ['net.host.ip', '10.0.0.1'],
        ['net.host.port', 80],
        ['peer.service', 'back'],
        ['net.peer.ip', '10.0.0.2'],
        ['retry', false],
        ['path', '/'],
      ],
    ],
    [
      2,
      'back',
      '000000000000000b',
      [120n, 140n],
      ['query'],
      [
        ['net.host.ip', '10.0.0.2'],
        ['peer.service', 'front'],
        ['net.peer.ip', '10.0.0.1'],
        ['net.peer.port', 80],
        ['rows', 7],
        ['ratio', 0.5],
      ],
    ],
  ]);
});

test('decodeZipkin: v1 kinds, services and missing times', () => {
  const one = (fields: object): Span => decodeJson('v1-json', [{ traceId: 'a', id: 'b', ...fields }])[0];
  const core = (value: string): object => ({ annotations: [{ timestamp: 5, value, endpoint: { serviceName: 's' } }] });
  assert.deepEqual(
    ['cs', 'cr', 'sr', 'ss', 'ms', 'mr', 'xy'].map((value) => one(core(value)).kind),
    [3, 3, 2, 2, 4, 5, 0],
  );
  assert.equal(one({}).resource.attributes[0].key, 'service.name');
  assert.deepEqual([service(one({})), service(one(core('xy')))], ['unknown-service', 's']);
  assert.equal(service(one({ binaryAnnotations: [{ key: 'k', value: 'v', endpoint: { serviceName: 'b' } }] })), 'b');
  assert.equal(service(one({ binaryAnnotations: [{ key: 'lc', value: 'cache' }] })), 'cache');
  assert.equal(one(core('xy')).startTimeUnixNano, 5_000n);
  assert.equal(one({ timestamp: 7, duration: 2, ...core('sr') }).endTimeUnixNano, 9_000n);
});

const endpoint = struct({ 1: i32(0x7f000001), 2: { type: 'i16', value: -1 }, 3: text('shop') });
const v1Thrift: ThriftValue = structs(
  struct({
    1: i64(-1),
    3: text('get'),
    4: i64(2),
    5: i64(0),
    6: structs(
      struct({ 1: i64(10), 2: text('sr'), 3: endpoint }),
      struct({ 1: i64(12), 2: text('half'), 3: endpoint }),
    ),
    8: structs(
      ...[
        ['bool', bytes(1), 0],
        ['bytes', bytes(1, 2), 1],
        ['i16', bytes(0xff, 0xfe), 2],
        ['i32', bytes(0xff, 0xff, 0xff, 0xfd), 3],
        ['i64', bytes(0x7f, 0, 0, 0, 0, 0, 0, 0), 4],
        ['double', bytes(0x3f, 0xe0, 0, 0, 0, 0, 0, 0), 5],
        ['string', text('s'), 6],
        ['short', bytes(1), 4],
        ['error', text('bad'), 6],
      ].map(([key, value, type]) =>
        struct({ 1: text(key as string), 2: value as ThriftValue, 3: i32(type as number), 4: endpoint }),
      ),
    ),
    9: bool(true),
    10: i64(10),
    11: i64(-5),
    12: i64(3),
  }),
);

test('decodeZipkin: v1 Thrift, alone and in both kinds of agent message', () => {
  const [span] = decode('v1-thrift', encodeThrift('binary', v1Thrift));
  assert.deepEqual(
    [span.traceId, span.spanId, span.parentSpanId, span.kind, span.flags],
    ['0000000000000003ffffffffffffffff', '0000000000000002', '', 2, 1],
  );
  assert.deepEqual([span.statusCode, span.statusMessage, service(span)], [2, 'bad', 'shop']);
  assert.equal(span.endTimeUnixNano, span.startTimeUnixNano);
  assert.deepEqual(plain(span.attributes), [
    ['errNegativeDuration', '-5'],
    ['errZeroParentID', '0'],
    ['net.host.ip', '127.0.0.1'],
    ['net.host.port', 65_535],
    ['bool', true],
    ['bytes', Uint8Array.of(1, 2)],
    ['i16', -2],
    ['i32', -3],
    ['i64', 0x7f00_0000_0000_0000n],
    ['double', 0.5],
    ['string', 's'],
    ['short', Uint8Array.of(1)],
  ]);
  for (const protocol of ['binary', 'compact'] as const) {
    const recorder = new SpanRecorder();
    decodeAgentMessage(encodeMessage(protocol, 'emitZipkinBatch', struct({ 1: v1Thrift })), recorder);
    assert.deepEqual(recorder.spans, [span]);
  }
});

test('decodeZipkin: v2 status, kind, scope, links and resource tags', () => {
  const status = (tags: object): unknown => {
    const { statusCode, statusMessage, attributes } = v2({ tags });
    return [statusCode, statusMessage, attributes.map(({ key }) => key).join()];
  };
  assert.deepEqual(status({}), [0, '', '']);
  assert.deepEqual(status({ error: 'true' }), [2, '', '']);
  assert.deepEqual(status({ error: '' }), [2, '', '']);
  assert.deepEqual(status({ error: 'boom' }), [2, 'boom', '']);
  assert.deepEqual(status({ error: 'false' }), [0, '', 'error']);
  assert.deepEqual(status({ error: 'boom', 'otel.status_code': 'OK' }), [1, '', 'error']);
  assert.deepEqual(status({ 'otel.status_code': 'ERROR', 'otel.status_description': 'why', error: 'boom' }), [
    2,
    'why',
    '',
  ]);
  assert.equal(v2({ tags: { 'span.kind': 'internal' } }).kind, 1);
  assert.equal(v2({ kind: 'SERVER', tags: { 'span.kind': 'internal' } }).kind, 2);
  const link = `${'1'.repeat(32)}|${'2'.repeat(16)}|a=b|{"k":1,"o":{"p":[]}}|3`;
  const one = v2({
    tags: { 'otlp.link.0': link, 'otlp.link.1': 'no link', 'w3c.tracestate': 'x=y', 'host.name': 'h', hostess: 'i' },
  });
  assert.deepEqual(
    [one.traceState, plain(one.attributes)],
    [
      'x=y',
      [
        ['otlp.link.1', 'no link'],
        ['hostess', 'i'],
      ],
    ],
  );
  assert.deepEqual(plain(one.resource.attributes), [
    ['service.name', 'unknown-service'],
    ['host.name', 'h'],
  ]);
  assert.deepEqual(one.links, [
    {
      traceId: '1'.repeat(32),
      spanId: '2'.repeat(16),
      traceState: 'a=b',
      flags: 0,
      attributes: [
        { key: 'k', value: { type: 'int', value: 1 } },
        { key: 'o', value: { type: 'string', value: '{"p":[]}' } },
      ],
      droppedAttributesCount: 3,
    },
  ]);
});

test('decodeZipkin: v2 annotations that hold events; endpoints; escapes; loose values', () => {
  const values = ['plain', 'a|b', 'name|{"k":"v"}|2', 'bare||1', '{"n":{"x":1.5}}', '{"not": "nested"}', '{broken'];
  const events = v2({ annotations: values.map((value) => ({ timestamp: 3, value })) }).events;
  assert.deepEqual(
    events.map(({ name, attributes, droppedAttributesCount }) => [name, plain(attributes), droppedAttributesCount]),
    [
      ['plain', [], 0],
      ['a|b', [], 0],
      ['name', [['k', 'v']], 2],
      ['bare', [], 1],
      ['n', [['x', 1.5]], 0],
      ['{"not": "nested"}', [], 0],
      ['{broken', [], 0],
    ],
  );
  const body = String.raw`[{"traceId":"\u0061","id":"000000000000000B","parentId":"b","timestamp":"12","duration":1e3,"name":"a\"\u00e9\n","shared":true,"unknown":[{"deep":{}}],"tags":{"n":1,"t":true,"z":null,"\ud83d\ude80":"\\"},"kind":null,"localEndpoint":null,"remoteEndpoint":{"ipv6":"::1","port":null}}]`;
  const [loose] = decode('v2-json', utf8.encode(body));
  assert.deepEqual([loose.spanId, loose.parentSpanId, loose.name], ['000000000000000b', '', 'a"é\n']);
  assert.equal(loose.endTimeUnixNano, 1_012_000n);
  assert.deepEqual(plain(loose.attributes), [
    ['net.peer.ip', '::1'],
    ['n', '1'],
    ['t', 'true'],
    ['z', ''],
    ['🚀', '\\'],
  ]);
});

test('decodeZipkin: what it refuses says where', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['', /ends early/],
    ['{}', /not an array of spans but object/],
    ['[1]', /not a span but number/],
    ['[{"traceId":"x"}]', /^\[0\]\.traceId: an id is not hex digits/],
    ['[{"id":"12345678901234567"}]', /17 digits/],
    ['[{"timestamp":1.5}]', /not an integer/],
    ['[{"timestamp":99999999999999999999}]', /not an integer/],
    ['[{"tags":[]}]', /not an object but array/],
    ['[{}] ]', /should have the end/],
  ];
  for (const [body, message] of cases) {
    assert.throws(() => decode('v2-json', utf8.encode(body)), { name: 'WireError', message }, body);
  }
  const lie = Uint8Array.of(12, 0x7f, 0xff, 0xff, 0xff);
  assert.throws(() => decode('v1-thrift', lie), { code: 'WIRE_TRUNCATED' });
  assert.throws(() => decode('v2-protobuf', Uint8Array.of(0x0a, 3, 0x0a, 1, 1)), { message: /an id of 1 bytes/ });
});

test('decodeZipkin: spans without an id are left out alone; a start that is not said is the trace’s', () => {
  const recorder = new SpanRecorder();
  const body = utf8.encode(
    JSON.stringify([
      { traceId: 'a', id: '1' },
      { traceId: 'a', id: '2', timestamp: 77 },
      { traceId: 'c', id: '3' },
      { traceId: 'a' },
      { traceId: '0', id: '4' },
    ]),
  );
  const slices = decodeZipkin('v2-json', body, recorder, { receivedMilli: 5, spansPerSlice: 2 });
  let step = slices.next();
  let yields = 0;
  for (; step.done !== true; step = slices.next()) yields++;
  assert.deepEqual([yields, step.value.spanCount, step.value.rejectedSpanCount], [2, 3, 2]);
  assert.deepEqual(
    recorder.spans.map(({ startTimeUnixNano }) => startTimeUnixNano),
    [77_000n, 77_000n, 5_000_000n],
  );
});

test('decodeZipkin: addresses in bytes', () => {
  const address = (...groups: readonly number[]): unknown => {
    const writer = new ProtobufWriter();
    const span = writer.begin(1);
    writer.bytesField(1, new Uint8Array(8).fill(1));
    writer.bytesField(3, new Uint8Array(8).fill(1));
    const local = writer.begin(8);
    writer.bytesField(
      groups.length === 4 ? 2 : 3,
      groups.length === 4
        ? Uint8Array.from(groups)
        : Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255])),
    );
    writer.end(local);
    writer.end(span);
    const [one] = decode('v2-protobuf', writer.finish());
    return (one.attributes.find(({ key }) => key === 'net.host.ip')!.value as { value: string }).value;
  };
  assert.equal(address(192, 168, 0, 1), '192.168.0.1');
  assert.equal(address(0x2001, 0xdb8, 0, 0, 1, 0, 0, 0), '2001:db8:0:0:1::');
  assert.equal(address(0, 0, 0, 0, 0, 0, 0, 1), '::1');
  assert.equal(address(0, 0, 0, 0, 0, 0, 0, 0), '::');
  assert.equal(address(1, 2, 3, 4, 5, 0, 7, 8), '1:2:3:4:5:0:7:8');
});

test('decodeZipkin: damaged bodies give a WireError and nothing else', () => {
  const json = utf8.encode(
    JSON.stringify([
      {
        traceId: 'ab',
        id: 'c',
        parentId: 'd',
        name: 'n\n',
        kind: 'CLIENT',
        timestamp: 5,
        duration: 6,
        localEndpoint: { serviceName: 's', ipv4: '1.2.3.4', port: 8 },
        annotations: [{ timestamp: 5, value: 'a|{"k":1}|0' }],
        tags: { error: 'e', 'otlp.link.0': '1' },
      },
    ]),
  );
  const v1 = utf8.encode(
    JSON.stringify([
      {
        traceId: 'ab',
        id: 'c',
        annotations: [
          { timestamp: 5, value: 'cs', endpoint: { serviceName: 's' } },
          { timestamp: 6, value: 'sr' },
        ],
        binaryAnnotations: [
          { key: 'sa', value: true, endpoint: { ipv4: '1' } },
          { key: 'n', value: 1 },
        ],
      },
    ]),
  );
  const bodies = [
    ['v2-json', json],
    ['v1-json', v1],
    ['v1-thrift', encodeThrift('binary', v1Thrift)],
  ] as const;
  for (const [form, body] of bodies) {
    checkTruncations(zipkinDecoder(form), body, form);
    checkBitFlips(zipkinDecoder(form), body, form);
    checkMutations(zipkinDecoder(form), body, form, seed, 1_000);
  }
});

test('decodeZipkin: damaged captures give a WireError and nothing else', { skip }, () => {
  for (const form of ['v2-json', 'v2-protobuf', 'v1-json'] as const) {
    for (const { name, body, decode } of zipkinBodies(form).filter((one) => one.body.length < 2_000)) {
      checkTruncations(decode, body, name);
      checkMutations(decode, body, name, seed, 100);
    }
  }
});
