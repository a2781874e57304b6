import assert from 'node:assert/strict';
import test from 'node:test';
import { ProtobufWriter, SpanRecorder, WireError, codeOf, limits } from '@spoor/model';
import * as fc from 'fast-check';
import { arbitraryTrace } from '../testing/arbitrary-traces.ts';
import { captures, corpusIsMissing, demoBodies } from '../testing/corpus.ts';
import { decodeTracesProtobuf, decodeTracesProtobufSliced } from './decode-traces-protobuf.ts';
import { encodeTracesProtobuf } from './encode-traces-protobuf.ts';
import { plainDecodeProtobuf, plainSpansFromJson } from '../testing/plain-decoder.ts';
import { parseTextproto } from '../testing/plain-textproto.ts';
import { groupSpans } from './span-groups.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

function decode(body: Uint8Array): SpanRecorder {
  const recorder = new SpanRecorder();
  decodeTracesProtobuf(body, recorder);
  return recorder;
}

/** A request of one resource, one scope and the spans whose fields the callbacks write. */
function request(...spans: ((writer: ProtobufWriter) => void)[]): Uint8Array {
  const writer = new ProtobufWriter();
  const resourceSpans = writer.begin(1);
  const scopeSpans = writer.begin(2);
  for (const writeFields of spans) {
    const span = writer.begin(2);
    writeFields(writer);
    writer.end(span);
  }
  writer.end(scopeSpans);
  writer.end(resourceSpans);
  return writer.finish();
}

const TRACE_ID = new Uint8Array(16).fill(0xab);
const SPAN_ID = new Uint8Array(8).fill(0xcd);

function ids(writer: ProtobufWriter, traceId: Uint8Array = TRACE_ID, spanId: Uint8Array = SPAN_ID): void {
  writer.bytesField(1, traceId);
  writer.bytesField(2, spanId);
}

function failure(body: Uint8Array): WireError {
  try {
    decode(body);
  } catch (error) {
    assert.ok(error instanceof WireError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: 'the body was accepted' });
}

test('decodeTracesProtobuf: the reference capture equals the plain decoder', { skip: corpusIsMissing }, () => {
  let spanCount = 0;
  for (const body of demoBodies()) {
    const { spans } = decode(body);
    assert.deepEqual(spans, plainDecodeProtobuf(body).spans);
    spanCount += spans.length;
  }
  assert.equal(spanCount, 4743);
});

for (const folder of ['otlp-grpc', 'otlp-http-proto'] as const) {
  test(`decodeTracesProtobuf: ${folder} captures equal what protoc saw`, { skip: corpusIsMissing }, () => {
    const traces = captures(folder).filter(({ name }) => !/-(logs|metrics)$/.test(name));
    assert.ok(traces.length >= 4);
    for (const { name, body, decoded } of traces) {
      const { spans } = decode(body);
      assert.ok(spans.length > 0, name);
      assert.deepEqual(spans, plainSpansFromJson(parseTextproto(decoded)).spans, name);
    }
  });
}

test('decodeTracesProtobuf: is the inverse of encodeTracesProtobuf', () => {
  fc.assert(
    fc.property(arbitraryTrace, (trace) => {
      const expected = [...groupSpans([trace]).values()].flatMap((scopes) => [...scopes.values()].flat());
      const recorder = decode(encodeTracesProtobuf([trace]));
      assert.deepEqual(recorder.spans, expected);
      assert.equal(recorder.openCount, 0);
    }),
    { seed, numRuns: 200 },
  );
});

test('decodeTracesProtobufSliced: yields between spans and pushes the same', () => {
  const body = request(...Array.from({ length: 10 }, () => (writer: ProtobufWriter) => ids(writer)));
  const recorder = new SpanRecorder();
  const slices = decodeTracesProtobufSliced(body, recorder, 3);
  const seen: number[] = [];
  let step = slices.next();
  while (step.done !== true) {
    seen.push(recorder.spans.length);
    step = slices.next();
  }
  assert.deepEqual(seen, [3, 6, 9, 10]);
  assert.equal(step.value.spanCount, 10);
  assert.deepEqual(recorder.spans, decode(body).spans);
});

test('decodeTracesProtobuf: fields come in any order, interleaved, the last of a repeated scalar wins', () => {
  const body = request((writer) => {
    writer.fixed32Field(16, 257);
    const event = writer.begin(11);
    writer.stringField(2, 'first');
    writer.end(event);
    const attribute = writer.begin(9);
    const value = writer.begin(2);
    writer.varintField(2, 1);
    writer.stringField(1, 'later wins');
    writer.end(value);
    writer.stringField(1, 'k');
    writer.end(attribute);
    writer.stringField(5, 'old name');
    ids(writer, new Uint8Array(15), new Uint8Array(8));
    const link = writer.begin(13);
    writer.end(link);
    const second = writer.begin(11);
    writer.stringField(2, 'second');
    writer.end(second);
    const status = writer.begin(15);
    writer.stringField(2, 'message');
    writer.end(status);
    const code = writer.begin(15);
    writer.varintField(3, 2);
    writer.end(code);
    writer.stringField(5, 'new name');
    const last = writer.begin(9);
    writer.stringField(1, 'empty');
    writer.end(last);
    ids(writer);
  });
  const [span] = decode(body).spans;
  assert.deepEqual(decode(body).spans, plainDecodeProtobuf(body).spans);
  assert.equal(span.name, 'new name');
  assert.deepEqual(
    span.events.map(({ name }) => name),
    ['first', 'second'],
  );
  assert.deepEqual(span.attributes, [
    { key: 'k', value: { type: 'string', value: 'later wins' } },
    { key: 'empty', value: { type: 'empty' } },
  ]);
  assert.deepEqual([span.statusCode, span.statusMessage, span.flags, span.links.length], [2, 'message', 257, 1]);
});

test('decodeTracesProtobuf: a resource that follows its spans belongs to them, and its parts merge', () => {
  const writer = new ProtobufWriter();
  const resourceSpans = writer.begin(1);
  const scopeSpans = writer.begin(2);
  const span = writer.begin(2);
  ids(writer);
  writer.end(span);
  writer.stringField(3, 'scope schema');
  const scope = writer.begin(1);
  writer.stringField(1, 'scope');
  writer.end(scope);
  writer.end(scopeSpans);
  for (const key of ['a', 'b']) {
    const resource = writer.begin(1);
    const attribute = writer.begin(1);
    writer.stringField(1, key);
    writer.end(attribute);
    writer.bytesField(3, new TextEncoder().encode(`\u0012\u0001${key}`));
    writer.end(resource);
  }
  writer.end(resourceSpans);
  const body = writer.finish();
  assert.deepEqual(decode(body).spans, plainDecodeProtobuf(body).spans);
  assert.deepEqual(
    decode(body).spans[0].resource.attributes.map(({ key }) => key),
    ['a', 'b'],
  );
  assert.equal(decode(body).spans[0].resource.entityRefs.length, 2);
  assert.equal(decode(body).spans[0].scope.name, 'scope');
});

test('decodeTracesProtobuf: spans with a bad id are rejected one by one and leave nothing behind', () => {
  const zeros = (length: number): Uint8Array => new Uint8Array(length);
  const bad: [Uint8Array, Uint8Array, Uint8Array | undefined, RegExp][] = [
    [zeros(0), SPAN_ID, undefined, /trace id of 0 bytes/],
    [zeros(16), SPAN_ID, undefined, /trace id of zeros/],
    [TRACE_ID.subarray(1), SPAN_ID, undefined, /trace id of 15 bytes/],
    [new Uint8Array(17).fill(1), SPAN_ID, undefined, /trace id of 17 bytes/],
    [TRACE_ID, zeros(0), undefined, /span id of 0 bytes/],
    [TRACE_ID, zeros(8), undefined, /span id of zeros/],
    [TRACE_ID, SPAN_ID.subarray(1), undefined, /span id of 7 bytes/],
    [TRACE_ID, SPAN_ID, zeros(7), /parent span id of 7 bytes/],
  ];
  for (const [traceId, spanId, parent, reason] of bad) {
    const recorder = new SpanRecorder();
    const body = request(
      (writer) => {
        ids(writer, traceId, spanId);
        if (parent !== undefined) writer.bytesField(4, parent);
        const attribute = writer.begin(9);
        writer.stringField(1, 'must not leak');
        writer.end(attribute);
      },
      (writer) => ids(writer),
    );
    const result = decodeTracesProtobuf(body, recorder);
    assert.deepEqual([result.spanCount, result.rejectedSpanCount], [1, 1]);
    assert.match(result.rejectedReason ?? '', reason);
    assert.deepEqual(recorder.spans, plainDecodeProtobuf(body).spans);
    assert.deepEqual(recorder.spans[0].attributes, []);
    assert.equal(recorder.openCount, 0);
  }
});

test('decodeTracesProtobuf: an empty or all-zero parent id is none', () => {
  for (const parent of [new Uint8Array(0), new Uint8Array(8)]) {
    const [span] = decode(request((writer) => (ids(writer), writer.bytesField(4, parent)))).spans;
    assert.equal(span.parentSpanId, '');
  }
});

test('decodeTracesProtobuf: attributes past the limit are dropped and counted', () => {
  const count = limits.attributesPerSetMax + 10;
  const body = request((writer) => {
    ids(writer);
    writer.varintField(10, 5);
    for (let i = 0; i < count; i++) {
      const attribute = writer.begin(9);
      writer.stringField(1, `k${i}`);
      writer.end(attribute);
    }
  });
  const [span] = decode(body).spans;
  assert.equal(span.attributes.length, limits.attributesPerSetMax);
  assert.equal(span.droppedAttributesCount, 15);
});

test('decodeTracesProtobuf: a long value is kept, a long key is refused', () => {
  const withAttribute = (key: string, value: string): Uint8Array =>
    request((writer) => {
      ids(writer);
      const attribute = writer.begin(9);
      writer.stringField(1, key);
      const any = writer.begin(2);
      writer.stringField(1, value);
      writer.end(any);
      writer.end(attribute);
    });
  const long = 'x'.repeat(1 << 20);
  const [span] = decode(withAttribute('k', long)).spans;
  assert.deepEqual(span.attributes[0].value, { type: 'string', value: long });
  assert.equal(failure(withAttribute(long, 'v')).code, 'WIRE_LIMIT');
});

test('decodeTracesProtobuf: values nest up to the limit', () => {
  const nested = (depth: number, field: number): Uint8Array =>
    request((writer) => {
      ids(writer);
      const attribute = writer.begin(9);
      const open = [writer.begin(2)];
      for (let i = 0; i < depth; i++) {
        open.push(writer.begin(field), writer.begin(1));
        if (field === 6) open.push(writer.begin(2));
      }
      for (const start of open.reverse()) writer.end(start);
      writer.end(attribute);
    });
  for (const field of [5, 6]) {
    const body = nested(limits.attributeDepthMax, field);
    assert.deepEqual(decode(body).spans, plainDecodeProtobuf(body).spans);
    assert.equal(failure(nested(limits.attributeDepthMax + 1, field)).code, 'WIRE_LIMIT');
    assert.equal(failure(nested(10_000, field)).code, 'WIRE_LIMIT');
  }
});

test('decodeTracesProtobuf: any time and any bytes are kept as they are', () => {
  const strings = new Map<number, string>();
  class ByteRecorder extends SpanRecorder {
    override intern(bytes: Uint8Array, start: number, end: number): number {
      const code = super.intern(bytes, start, end);
      strings.set(code, Buffer.from(bytes.subarray(start, end)).toString('hex'));
      return code;
    }
  }
  const recorder = new ByteRecorder();
  const body = request((writer) => {
    ids(writer);
    // An é cut in half.
    writer.bytesField(5, new Uint8Array([0x61, 0xc3]));
    writer.fixed64Field(7, 2n ** 64n - 1n);
    writer.fixed64Field(8, 0n);
  });
  decodeTracesProtobuf(body, recorder);
  const [span] = recorder.spans;
  assert.deepEqual([span.startTimeUnixNano, span.endTimeUnixNano], [2n ** 64n - 1n, 0n]);
  assert.ok([...strings.values()].includes('61c3'));
});

test('decodeTracesProtobuf: a body full of the smallest of everything takes linear time', () => {
  // 8 MiB of empty messages, at each place where one may be repeated.
  const count = 4 << 20;
  const places: [path: number[], field: number][] = [
    [[], 1],
    [[1], 2],
    [[1], 1],
    [[1, 1], 1],
    [[1, 1], 3],
    [[1, 2], 2],
    [[1, 2, 2], 9],
  ];
  for (const [path, field] of places) {
    const writer = new ProtobufWriter(2 * count + 64);
    const starts = path.map((step) => writer.begin(step));
    const pair = new Uint8Array(2 * count);
    for (let i = 0; i < pair.length; i += 2) pair[i] = (field << 3) | 2;
    writer.raw(pair);
    for (const start of starts.reverse()) writer.end(start);
    const counter = { intern: () => 0, attribute() {}, endResource() {}, endScope() {} };
    const sink = { ...counter, endAttributes() {}, endEvent() {}, endLink() {}, endSpan() {} };
    const result = decodeTracesProtobuf(writer.view(), sink);
    assert.equal(result.spanCount, 0);
    assert.equal(result.rejectedSpanCount, field === 2 && path.length === 2 ? count : path.length === 3 ? 1 : 0);
  }
});

test('decodeTracesProtobuf: unknown fields are skipped at every level, groups included', () => {
  const group = [0xa3, 0x06, 0x08, 0x01, 0xab, 0x06, 0xac, 0x06, 0xa4, 0x06];
  const unknown = new Uint8Array([...group, 0xa8, 0x06, 0x7f, 0xaa, 0x06, 0x02, 1, 2, 0xad, 0x06, 1, 2, 3, 4]);
  const writer = new ProtobufWriter();
  writer.raw(unknown);
  const path = [1, 2, 2];
  const starts = path.map((field) => {
    const start = writer.begin(field);
    writer.raw(unknown);
    return start;
  });
  ids(writer);
  for (const field of [9, 11, 13, 15]) {
    const start = writer.begin(field);
    writer.raw(unknown);
    writer.end(start);
  }
  for (const start of starts.reverse()) writer.end(start);
  const [span] = decode(writer.finish()).spans;
  assert.deepEqual([span.attributes.length, span.events.length, span.links.length], [1, 1, 1]);
});

test('decodeTracesProtobuf: malformed fields are refused with code and offset', () => {
  const inSpan = (...bytes: number[]): Uint8Array =>
    request((writer) => (ids(writer), writer.raw(new Uint8Array(bytes))));
  const cases: [string, Uint8Array, string][] = [
    ['a varint of 11 bytes', inSpan(0x30, ...Array<number>(10).fill(0x80), 1), 'WIRE_MALFORMED'],
    ['field number 0', inSpan(0x02, 0), 'WIRE_MALFORMED'],
    ['a stray end of group', inSpan(0xa4, 0x06), 'WIRE_MALFORMED'],
    ['a group ended by another', inSpan(0xa3, 0x06, 0xac, 0x06), 'WIRE_MALFORMED'],
    ['a group without end', inSpan(0xa3, 0x06), 'WIRE_TRUNCATED'],
    ['wire type 6', inSpan(0xa6, 0x06), 'WIRE_MALFORMED'],
    ['wire type 7', inSpan(0xa7, 0x06), 'WIRE_MALFORMED'],
    ['name as varint', inSpan(0x28, 1), 'WIRE_MALFORMED'],
    ['start time as varint', inSpan(0x38, 1), 'WIRE_MALFORMED'],
    ['attribute as fixed32', inSpan(0x4d, 1, 2, 3, 4), 'WIRE_MALFORMED'],
    ['flags as varint', inSpan(0x80, 0x01, 1), 'WIRE_MALFORMED'],
    ['a key as varint', inSpan(0x4a, 2, 0x08, 1), 'WIRE_MALFORMED'],
    ['a length past its message', inSpan(0x2a, 50), 'WIRE_TRUNCATED'],
    ['a length of 2^40', inSpan(0x2a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20), 'WIRE_TRUNCATED'],
    ['fixed64 cut', inSpan(0x39, 1, 2), 'WIRE_TRUNCATED'],
    ['resource spans as varint', new Uint8Array([0x08, 1]), 'WIRE_MALFORMED'],
    ['scope spans as varint', new Uint8Array([0x0a, 2, 0x10, 1]), 'WIRE_MALFORMED'],
    ['spans as varint', new Uint8Array([0x0a, 4, 0x12, 2, 0x10, 1]), 'WIRE_MALFORMED'],
    ['deep groups', inSpan(...Array<number>(10_000).fill(0x1b + 0x80)), 'WIRE_LIMIT'],
  ];
  for (const [name, body, code] of cases) {
    if (name === 'deep groups') continue;
    const error = failure(body);
    assert.equal(error.code, code, name);
    assert.ok(error.offset >= 0 && error.offset <= body.length, name);
  }
  const groups = new Uint8Array(20_000).map((_, i) => (i % 2 === 0 ? 0xa3 : 0x06));
  assert.equal(failure(groups).code, 'WIRE_LIMIT');
});

test('decodeTracesProtobuf: a body cut at any byte gives spans or a WireError, never another', () => {
  const [trace] = fc.sample(arbitraryTrace, { seed, numRuns: 1 });
  const body = encodeTracesProtobuf([trace]);
  for (let length = 0; length < body.length; length++) {
    if (length === 0) assert.equal(decode(body.subarray(0, 0)).spans.length, 0);
    else survives(body.slice(0, length), `cut at ${length}, SEED=${seed}`);
  }
});

test(
  'decodeTracesProtobuf: random edits give what the plain decoder gives, or a WireError',
  { skip: corpusIsMissing },
  () => {
    const bodies = demoBodies().filter(({ length }) => length < 12_000);
    let state = seed;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    let compared = 0;
    for (let round = 0; round < 1_500; round++) {
      const body = bodies[random(bodies.length)].slice();
      for (let edits = 1 + random(2); edits > 0; edits--) body[random(body.length)] ^= 1 << random(8);
      const recorder = survives(body, `round ${round}, SEED=${seed}`);
      if (recorder === undefined) continue;
      const plain = plainDecodeProtobuf(body);
      assert.deepEqual(recorder.spans, plain.spans, `round ${round}, SEED=${seed}`);
      assert.equal(recorder.openCount, 0);
      compared++;
    }
    assert.ok(compared > 100, `only ${compared} edited bodies were still accepted`);
  },
);

/** What was decoded, `undefined` after a WireError; anything else thrown is a failure. */
function survives(body: Uint8Array, what: string): SpanRecorder | undefined {
  try {
    return decode(body);
  } catch (error) {
    assert.ok(codeOf(error)?.startsWith('WIRE_'), `${what}: ${String(error)}`);
    return undefined;
  }
}
