import assert from 'node:assert/strict';
import test from 'node:test';
import { ProtobufWriter, type Span, SpanRecorder, WireError, codeOf, limits } from '@spoor/model';
import { checkBitFlips, checkMutations, checkTruncations } from '../testing/damage.ts';
import {
  decodeAgentMessage,
  decodeBatch,
  decodePostSpans,
  foreignCorpusIsMissing,
  jaegerCaptures,
} from '../testing/foreign-corpus.ts';
import { parseExactly, plainPostSpans, plainThriftBatch } from '../testing/plain-jaeger.ts';
import {
  type MessageOptions,
  type ThriftProtocol,
  type ThriftValue,
  bool,
  bytes,
  double,
  encodeMessage,
  encodeThrift,
  i32,
  i64,
  struct,
  structInOrder,
  structs,
  text,
} from '../testing/thrift-writer.ts';
import { decodeJaegerAgentMessage } from './decode-jaeger.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const skip = foreignCorpusIsMissing;

type Fields = Readonly<Record<number, ThriftValue | undefined>>;

function span(fields: Fields = {}): ThriftValue {
  return struct({ 1: i64(0xabcdn), 2: i64(0), 3: i64(5), 5: text('work'), 8: i64(1_000_000), 9: i64(250), ...fields });
}

function batch(
  spans: readonly ThriftValue[],
  process: ThriftValue | undefined = struct({ 1: text('shop') }),
): ThriftValue {
  return struct({ 1: process, 2: structs(...spans) });
}

const tag = {
  string: (key: string, value: string): ThriftValue => struct({ 1: text(key), 2: i32(0), 3: text(value) }),
  double: (key: string, value: number): ThriftValue => struct({ 1: text(key), 2: i32(1), 4: double(value) }),
  bool: (key: string, value: boolean): ThriftValue => struct({ 1: text(key), 2: i32(2), 5: bool(value) }),
  long: (key: string, value: bigint | number): ThriftValue => struct({ 1: text(key), 2: i32(3), 6: i64(value) }),
  binary: (key: string, ...value: readonly number[]): ThriftValue =>
    struct({ 1: text(key), 2: i32(4), 7: bytes(...value) }),
};

/** The spans of a batch, which have to come out the same by every way in. */
function decoded(value: ThriftValue): readonly Span[] {
  const byHttp = new SpanRecorder();
  decodeBatch(encodeThrift('binary', value), byHttp);
  assert.equal(byHttp.openCount, 0);
  for (const protocol of ['binary', 'compact'] as const) {
    assert.deepEqual(byMessage(protocol, 'emitBatch', value), byHttp.spans);
  }
  return byHttp.spans;
}

function byMessage(
  protocol: ThriftProtocol,
  name: string,
  value: ThriftValue,
  options?: MessageOptions,
): readonly Span[] {
  const recorder = new SpanRecorder();
  decodeAgentMessage(encodeMessage(protocol, name, struct({ 1: value }), options), recorder);
  return recorder.spans;
}

function only(fields: Fields, process?: ThriftValue): Span {
  const spans = decoded(batch([span(fields)], process));
  assert.equal(spans.length, 1);
  return spans[0];
}

function plain(attributes: Span['attributes']): unknown {
  return attributes.map(({ key, value }) => [key, 'value' in value ? value.value : undefined]);
}

for (const folder of [
  'jaeger-thrift-http',
  'jaeger-thrift-udp-compact-6831',
  'jaeger-thrift-udp-binary-6832',
] as const) {
  test(`Jaeger: ${folder} captures mean what an independent decoder saw`, { skip }, () => {
    const captures = jaegerCaptures(folder);
    assert.ok(captures.length >= 3);
    for (const { name, body, decoded, decode } of captures) {
      const json = parseExactly(decoded);
      const recorder = new SpanRecorder();
      decode(body, recorder);
      const expected = plainThriftBatch((json['batch'] ?? json) as typeof json);
      assert.ok(expected.length > 0, name);
      assert.deepEqual(recorder.spans, expected, name);
    }
  });
}

test('decodeJaegerPostSpans: the capture means what an independent decoder saw', { skip }, () => {
  const captures = jaegerCaptures('jaeger-grpc-14250');
  assert.equal(captures.length, 1);
  for (const { name, body, decoded } of captures) {
    const recorder = new SpanRecorder();
    decodePostSpans(body, recorder);
    assert.deepEqual(recorder.spans, plainPostSpans(parseExactly(decoded)), name);
  }
});

test('Jaeger: ids are unsigned, times exact, values of every type', () => {
  const one = only({
    1: i64(-1),
    2: i64(-2),
    3: i64(-3),
    4: i64(-4),
    7: i32(3),
    8: i64(1_795_376_100_096_864n),
    9: i64(4_294_967_296_001n),
    10: structs(
      tag.string('s', 'naïve'),
      tag.double('d', 0.5),
      tag.bool('b', true),
      tag.long('n', -7),
      tag.long('big', 1n << 62n),
      tag.binary('x', 0, 255),
      // As Node's clients write a tag: every field, of which one counts.
      struct({ 1: text('all'), 2: i32(1), 3: text(''), 4: double(2), 5: bool(false), 6: i64(0), 7: bytes(0, 0) }),
    ),
  });
  assert.equal(one.traceId, 'fffffffffffffffeffffffffffffffff');
  assert.equal(one.spanId, 'fffffffffffffffd');
  assert.equal(one.parentSpanId, 'fffffffffffffffc');
  assert.equal(one.startTimeUnixNano, 1_795_376_100_096_864_000n);
  assert.equal(one.endTimeUnixNano - one.startTimeUnixNano, 4_294_967_296_001_000n);
  assert.equal(one.flags, 1);
  assert.deepEqual(plain(one.attributes), [
    ['s', 'naïve'],
    ['d', 0.5],
    ['b', true],
    ['n', -7],
    ['big', 1n << 62n],
    ['x', Uint8Array.of(0, 255)],
    ['all', 2],
  ]);
});

test('Jaeger: envelopes of both kinds and ages; methods; types', () => {
  const value = batch([span()]);
  const expected = decoded(value);
  for (const [protocol, options] of [
    ['compact', { type: 1 }],
    ['binary', { type: 1 }],
    ['binary', { isOld: true }],
    ['binary', { isOld: true, type: 1 }],
  ] as const) {
    assert.deepEqual(byMessage(protocol, 'emitBatch', value, options), expected);
  }
  assert.throws(() => byMessage('compact', 'emitOther', value), { message: /no method "emitOther"/ });
  assert.throws(() => byMessage('compact', 'emitBatch', value, { type: 2 }), { message: /type 2 is no call/ });
  const noArgument = encodeMessage('compact', 'emitBatch', struct({}));
  assert.throws(() => decodeAgentMessage(noArgument, new SpanRecorder()), { message: /without its argument/ });
  const trailing = Uint8Array.from([...encodeMessage('compact', 'emitBatch', struct({ 1: value })), 1]);
  assert.throws(() => decodeAgentMessage(trailing, new SpanRecorder()), { message: /1 bytes follow/ });
});

test('Jaeger: unknown fields of every type are skipped, and known ones come in any order', () => {
  const deep = struct({
    1: { type: 'list', of: 'bool', values: [bool(true), bool(false)] },
    2: { type: 'map', entries: [[text('k'), structs(struct({ 4: i64(1) }))]] },
    3: { type: 'set', of: 'i16', values: Array.from({ length: 20 }, (_, value) => ({ type: 'i16', value }) as const) },
    40: struct({ 1: bool(true), 2: { type: 'byte', value: -1 } }),
    41: { type: 'map', entries: [] },
  });
  const process = struct({ 1: text('shop'), 9: deep });
  const ordinary = batch([span({ 10: structs(tag.bool('b', true)) })], process);
  const strange = structInOrder(
    [30, deep],
    [
      2,
      structs(
        structInOrder(
          [10, structs(tag.bool('b', true))],
          [99, deep],
          [5, text('work')],
          [3, i64(5)],
          [8, i64(1_000_000)],
          [9, i64(250)],
          [1, i64(0xabcd)],
        ),
      ),
    ],
    [3, i64(7)],
    [1, process],
    [4, deep],
  );
  assert.deepEqual(decoded(strange), decoded(ordinary));
});

test('Jaeger: known fields of the wrong type, deep nesting and lying sizes are refused', () => {
  assert.throws(() => decoded(batch([span({ 5: i64(1) })])), {
    code: 'WIRE_MALFORMED',
    message: /field 5 has Thrift type 10/,
  });
  let nested: ThriftValue = struct({});
  for (let depth = 0; depth <= limits.thriftDepthMax; depth++) nested = struct({ 1: nested });
  assert.throws(() => decoded(batch([span({ 99: nested })])), { code: 'WIRE_LIMIT' });
  for (const lie of [
    [0x0f, 0, 2, 0x0c, 0x7f, 0xff, 0xff, 0xff],
    [0x0f, 0, 2, 0x0c, 0xff, 0xff, 0xff, 0xff],
    [0x0b, 0, 9, 0x7f, 0xff, 0xff, 0xff],
  ]) {
    assert.throws(() => decodeBatch(Uint8Array.from(lie), new SpanRecorder()), { code: 'WIRE_TRUNCATED' });
  }
});

test('Jaeger: the parent is the field, else a CHILD_OF, else a FOLLOWS_FROM of the same trace; other references are links', () => {
  const reference = (type: number, low: number, spanId: number): ThriftValue =>
    struct({ 1: i32(type), 2: i64(low), 3: i64(0), 4: i64(spanId) });
  const here = 0xabcd;
  const links = (one: Span): unknown =>
    one.links.map(({ traceId, spanId, attributes }) => [
      Number(`0x${traceId}`),
      Number(`0x${spanId}`),
      ...attributes.map(({ value }) => (value as { value: string }).value),
    ]);
  const field = only({ 4: i64(9), 6: structs(reference(0, here, 9), reference(1, here, 8), reference(0, 1, 9)) });
  assert.equal(field.parentSpanId, '0000000000000009');
  assert.deepEqual(links(field), [
    [here, 8, 'follows_from'],
    [1, 9, 'child_of'],
  ]);
  const child = only({ 6: structs(reference(1, here, 8), reference(0, 1, 7), reference(0, here, 9)) });
  assert.equal(child.parentSpanId, '0000000000000009');
  assert.deepEqual(links(child), [
    [here, 8, 'follows_from'],
    [1, 7, 'child_of'],
  ]);
  const follows = only({ 6: structs(reference(1, 1, 7), reference(1, here, 8)) });
  assert.equal(follows.parentSpanId, '0000000000000008');
  assert.equal(follows.links.length, 2);
  assert.equal(only({ 6: structs(reference(1, 1, 7)) }).parentSpanId, '');
});

test('Jaeger: status', () => {
  const status = (...tags: readonly ThriftValue[]): readonly unknown[] => {
    const { statusCode, statusMessage, attributes } = only({ 10: structs(...tags) });
    return [statusCode, statusMessage, attributes.map(({ key }) => key).join()];
  };
  const client = tag.string('span.kind', 'client');
  assert.deepEqual(status(), [0, '', '']);
  assert.deepEqual(status(tag.bool('error', true)), [2, '', '']);
  assert.deepEqual(status(tag.string('error', 'true')), [2, '', '']);
  assert.deepEqual(status(tag.bool('error', false)), [0, '', 'error']);
  assert.deepEqual(status(tag.bool('error', true), tag.string('otel.status_code', 'OK')), [2, '', '']);
  assert.deepEqual(status(tag.string('otel.status_code', 'ERROR'), tag.string('otel.status_description', 'boom')), [
    2,
    'boom',
    '',
  ]);
  assert.deepEqual(status(tag.bool('error', true), tag.string('http.status_message', 'gone')), [
    2,
    'gone',
    'http.status_message',
  ]);
  assert.deepEqual(status(tag.string('otel.status_code', 'OK'), tag.long('http.status_code', 500)), [
    1,
    '',
    'http.status_code',
  ]);
  assert.deepEqual(status(tag.long('http.status_code', 500)), [2, '', 'http.status_code']);
  assert.deepEqual(status(tag.double('http.status_code', 404)), [0, '', 'http.status_code']);
  assert.deepEqual(status(client, tag.string('http.status_code', '404')), [2, '', 'http.status_code']);
  assert.deepEqual(status(tag.string('otel.status_description', 'why')), [0, '', 'otel.status_description']);
});

test('Jaeger: kind, trace state and scope are lifted; logs are events named by event, else message', () => {
  const log = (...fields: readonly ThriftValue[]): ThriftValue => struct({ 1: i64(5), 2: structs(...fields) });
  const one = only({
    10: structs(
      tag.string('span.kind', 'producer'),
      tag.string('w3c.tracestate', 'a=b'),
      tag.string('otel.library.name', 'lib'),
      tag.string('otel.library.version', 'undefined'),
      tag.string('sampler.type', 'probabilistic'),
      tag.double('sampler.param', 0.25),
    ),
    11: structs(
      log(tag.string('event', 'retry'), tag.string('message', 'again'), tag.long('n', 1)),
      log(tag.string('message', 'said')),
      log(tag.long('event', 3)),
      log(),
    ),
  });
  assert.deepEqual([one.kind, one.traceState, one.scope.name, one.scope.version], [4, 'a=b', 'lib', '']);
  assert.equal(one.adjustedCount, 4);
  assert.deepEqual(
    one.events.map(({ name, attributes }) => [name, plain(attributes)]),
    [
      [
        'retry',
        [
          ['message', 'again'],
          ['n', 1],
        ],
      ],
      ['said', []],
      ['', [['event', 3]]],
      ['', []],
    ],
  );
  assert.equal(one.events[0].timeUnixNano, 5_000n);
});

test('Jaeger: sanitising', () => {
  const service = (process: ThriftValue | undefined): unknown => {
    const value = struct({ 1: process, 2: structs(span()) });
    return plain(decoded(value)[0].resource.attributes);
  };
  assert.deepEqual(service(undefined), [['service.name', 'null-process-and-service-name']]);
  assert.deepEqual(
    service(
      struct({ 2: structs(tag.string('hostname', 'h'), tag.string('ip', 'i'), tag.string('jaeger.version', 'Go-2')) }),
    ),
    [
      ['service.name', 'empty-service-name'],
      ['host.name', 'h'],
      ['opencensus.exporterversion', 'Jaeger-Go-2'],
      ['ip', 'i'],
    ],
  );
  assert.deepEqual(service(struct({ 1: bytes(0xff, 0x41) })), [
    ['service.name', 'InvalidServiceName'],
    ['InvalidServiceName', Uint8Array.of(0xff, 0x41)],
  ]);
  const broken = only({
    5: bytes(0xfe),
    9: i64(-5),
    10: structs(
      struct({ 1: bytes(0xff), 2: i32(0), 3: text('v') }),
      struct({ 1: text('k'), 2: i32(0), 3: bytes(0xff) }),
    ),
  });
  assert.equal(broken.name, 'InvalidOperationName');
  assert.equal(broken.endTimeUnixNano, broken.startTimeUnixNano);
  assert.deepEqual(plain(broken.attributes), [
    ['InvalidOperationName', Uint8Array.of(0xfe)],
    ['errNegativeDuration', true],
    ['InvalidTagKey', Uint8Array.of(0xff, 0x3a, 0x76)],
    ['k', Uint8Array.of(0xff)],
  ]);
});

test('Jaeger: a span with an id of zeros is left out alone; attributes past the limit are counted', () => {
  const tags = Array.from({ length: limits.attributesPerSetMax + 3 }, (_, i) => tag.long(`k${i}`, i));
  const packet = encodeMessage(
    'compact',
    'emitBatch',
    struct({ 1: batch([span({ 3: i64(0) }), span({ 1: i64(0) }), span({ 10: structs(...tags) })]) }),
  );
  const recorder = new SpanRecorder();
  const slices = decodeJaegerAgentMessage(packet, recorder, { receivedMilli: 0, spansPerSlice: 1 });
  let yields = 0;
  let step = slices.next();
  for (; step.done !== true; step = slices.next()) yields++;
  assert.deepEqual([yields, step.value.spanCount, step.value.rejectedSpanCount], [3, 1, 2]);
  assert.equal(step.value.rejectedReason, 'a span id of zeros');
  assert.equal(recorder.spans[0].droppedAttributesCount, 3);
});

test('Jaeger: many process tags that would be renamed cost no more than others', () => {
  const tags = Array.from({ length: 50_000 }, () => tag.string('hostname', 'h'));
  const [one] = decoded(batch([span()], struct({ 1: text('shop'), 2: structs(...tags) })));
  assert.equal(one.resource.attributes.length, limits.attributesPerSetMax + 2);
  assert.equal(one.resource.droppedAttributesCount, 50_000 - 1 - limits.attributesPerSetMax);
  assert.equal(one.resource.attributes[1].key, 'host.name');
});

test('Jaeger: a process is pushed once, however often a list of spans begins', () => {
  const value = structInOrder(
    [1, struct({ 1: text('shop') })],
    ...Array.from({ length: 10 }, () => [2, structs(span())] as const),
  );
  const spans = decoded(value);
  assert.deepEqual(new Set(spans.map(({ resource }) => resource)).size, 1);
  assert.equal(spans.length, 10);
});

test('decodeJaegerPostSpans: a span’s own process wins; ids of a wrong length are refused', () => {
  const request = (traceIdBytes: number): Uint8Array => {
    const writer = new ProtobufWriter();
    const message = writer.begin(1);
    const process = (field: number, name: string): void => {
      const start = writer.begin(field);
      writer.stringField(1, name);
      writer.end(start);
    };
    for (const own of ['own', undefined, 'own', 'own']) {
      const start = writer.begin(1);
      writer.bytesField(1, new Uint8Array(traceIdBytes).fill(7));
      writer.bytesField(2, new Uint8Array(8).fill(1));
      if (own !== undefined) process(10, own);
      writer.end(start);
    }
    process(2, 'shared');
    writer.end(message);
    return writer.finish();
  };
  const recorder = new SpanRecorder();
  decodePostSpans(request(16), recorder);
  assert.deepEqual(
    recorder.spans.map(({ resource }) => (resource.attributes[0].value as { value: string }).value),
    ['shared', 'own', 'own', 'own'],
  );
  assert.equal(recorder.spans[1].resource, recorder.spans[3].resource);
  assert.throws(() => decodePostSpans(request(8), new SpanRecorder()), {
    code: 'WIRE_MALFORMED',
    message: /id of 8 bytes/,
  });
});

test('Jaeger: damaged bodies give a WireError and nothing else', () => {
  const reference = struct({ 1: i32(1), 2: i64(1), 3: i64(2), 4: i64(3) });
  const log = struct({ 1: i64(5), 2: structs(tag.string('event', 'e'), tag.long('n', 1)) });
  const value = batch(
    [
      span({
        6: structs(reference),
        10: structs(tag.string('span.kind', 'client'), tag.binary('b', 1)),
        11: structs(log),
      }),
      span(),
    ],
    struct({ 1: text('shop'), 2: structs(tag.string('hostname', 'h')) }),
  );
  const bodies = [
    ['batch', decodeBatch, encodeThrift('binary', value)],
    ['binary', decodeAgentMessage, encodeMessage('binary', 'emitBatch', struct({ 1: value }))],
    ['compact', decodeAgentMessage, encodeMessage('compact', 'emitBatch', struct({ 1: value }))],
  ] as const;
  for (const [name, decode, body] of bodies) {
    checkTruncations(decode, body, name);
    checkBitFlips(decode, body, name);
    checkMutations(decode, body, name, seed, 1_000);
  }
});

test('Jaeger: damaged captures give a WireError and nothing else', { skip }, () => {
  for (const folder of [
    'jaeger-thrift-http',
    'jaeger-thrift-udp-compact-6831',
    'jaeger-thrift-udp-binary-6832',
    'jaeger-grpc-14250',
  ] as const) {
    for (const { name, body, decode } of jaegerCaptures(folder).filter((one) => one.body.length < 2_000)) {
      checkTruncations(decode, body, name);
      checkMutations(decode, body, name, seed, 100);
    }
  }
});

test('Jaeger: every prefix of a message is refused with its offset', () => {
  const packet = encodeMessage('compact', 'emitBatch', struct({ 1: batch([span()]) }));
  for (let length = 0; length < packet.length; length++) {
    try {
      decodeAgentMessage(packet.subarray(0, length), new SpanRecorder());
      assert.fail(`cut at ${length}`);
    } catch (error) {
      assert.ok(error instanceof WireError, String(error));
      assert.ok(codeOf(error) !== undefined && error.offset <= length);
    }
  }
});
