import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import test from 'node:test';
import { type Span, SpanRecorder, WireError, codeOf, limits } from '@spoor/model';
import * as fc from 'fast-check';
import { arbitraryTrace } from '../testing/arbitrary-traces.ts';
import { captures, corpusIsMissing, demoBodies, protoExample } from '../testing/corpus.ts';
import { decodeTracesJson } from './decode-traces-json.ts';
import { decodeTracesProtobuf } from './decode-traces-protobuf.ts';
import { encodeTracesJson } from './encode-traces-json.ts';
import { plainDecodeJson } from '../testing/plain-decoder.ts';
import { groupSpans } from './span-groups.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const encoder = new TextEncoder();

function decode(body: Uint8Array): SpanRecorder {
  const recorder = new SpanRecorder();
  decodeTracesJson(body, recorder);
  return recorder;
}

const IDS = '"traceId":"ABababababababababababababababAB","spanId":"cdCDcdcdcdcdcdcd"';

/** A request of one span with good ids and the given members. */
function request(members: string): Uint8Array {
  const comma = members === '' ? '' : ',';
  return encoder.encode(`{"resourceSpans":[{"scopeSpans":[{"spans":[{${IDS}${comma}${members}}]}]}]}`);
}

function valueOf(json: string): unknown {
  return decode(request(`"attributes":[{"key":"k","value":${json}}]`)).spans[0].attributes[0].value;
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

test('decodeTracesJson: captures and upstream examples equal the plain decoder', { skip: corpusIsMissing }, () => {
  const bodies = [...captures('otlp-http-json').map(({ body }) => body), protoExample('trace')];
  assert.equal(bodies.length, 5);
  for (const body of bodies) {
    const { spans } = decode(body);
    assert.ok(spans.length > 0);
    assert.deepEqual(spans, plainDecodeJson(body).spans);
  }
});

test('decodeTracesJson: the reference capture as JSON equals itself as protobuf', { skip: corpusIsMissing }, () => {
  for (const body of demoBodies()) {
    const recorder = new SpanRecorder();
    decodeTracesProtobuf(body, recorder);
    const [{ traceId }] = recorder.spans;
    const json = encodeTracesJson([{ traceId, spans: recorder.spans }]);
    const grouped = [...groupSpans([{ traceId, spans: recorder.spans }]).values()].flatMap((scopes) =>
      [...scopes.values()].flat(),
    );
    assert.deepEqual(decode(json).spans, grouped);
    assert.deepEqual(plainDecodeJson(json).spans, grouped);
  }
});

test('decodeTracesJson: is the inverse of encodeTracesJson', () => {
  fc.assert(
    fc.property(arbitraryTrace, (trace) => {
      const expected = [...groupSpans([trace]).values()].flatMap((scopes) => [...scopes.values()].flat());
      assert.deepEqual(decode(encodeTracesJson([trace])).spans, expected);
    }),
    { seed, numRuns: 200 },
  );
});

test('decodeTracesJson: 64-bit integers are exact as numbers and as strings', () => {
  const cases: [string, number | bigint][] = [
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['9007199254740993', 9007199254740993n],
    ['-9007199254740993', -9007199254740993n],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
    ['0', 0],
    ['-1', -1],
    ['-4294967296', -4294967296],
    ['1e3', 1000],
    ['1.0', 1],
  ];
  for (const [digits, value] of cases) {
    assert.deepEqual(valueOf(`{"intValue":${digits}}`), { type: 'int', value }, digits);
    assert.deepEqual(valueOf(`{"intValue":"${digits}"}`), { type: 'int', value }, `"${digits}"`);
  }
  const [span] = decode(
    request('"startTimeUnixNano":18446744073709551615,"endTimeUnixNano":"18446744073709551615"'),
  ).spans;
  assert.deepEqual([span.startTimeUnixNano, span.endTimeUnixNano], [2n ** 64n - 1n, 2n ** 64n - 1n]);
});

test('decodeTracesJson: doubles, bytes, empty and nested values', () => {
  assert.deepEqual(valueOf('{"doubleValue":"NaN"}'), { type: 'double', value: Number.NaN });
  assert.deepEqual(valueOf('{"doubleValue":"-Infinity"}'), { type: 'double', value: -Infinity });
  assert.deepEqual(valueOf('{"doubleValue":-0}'), { type: 'double', value: -0 });
  assert.deepEqual(valueOf('{"doubleValue":5}'), { type: 'double', value: 5 });
  assert.deepEqual(valueOf('{"doubleValue":"1.5e3"}'), { type: 'double', value: 1500 });
  for (const text of ['+/8=', '+/8', '-_8']) {
    assert.deepEqual(valueOf(`{"bytesValue":"${text}"}`), { type: 'bytes', value: new Uint8Array([0xfb, 0xff]) });
  }
  assert.deepEqual(valueOf('{}'), { type: 'empty' });
  assert.deepEqual(valueOf('null'), { type: 'empty' });
  assert.deepEqual(valueOf('{"arrayValue":{}}'), { type: 'array', value: [] });
  const mixed = valueOf('{"arrayValue":{"values":[{"intValue":1},{},null,{"kvlistValue":{"values":[{"key":"a"}]}}]}}');
  assert.deepEqual(mixed, {
    type: 'array',
    value: [
      { type: 'int', value: 1 },
      { type: 'empty' },
      { type: 'empty' },
      { type: 'kvlist', value: [{ key: 'a', value: { type: 'empty' } }] },
    ],
  });
});

test('decodeTracesJson: enums as numbers and names, ids of either case, null unset, unknown and snake_case skipped', () => {
  const members =
    '"kind":"SPAN_KIND_SERVER","status":{"code":"STATUS_CODE_ERROR"},"parentSpanId":null,"name":null,' +
    '"start_time_unix_nano":"7","nope":{"a":[1,{"b":[]}],"c":"\\"}"},"trace_id":5';
  const [span] = decode(request(members)).spans;
  assert.deepEqual([span.kind, span.statusCode, span.name, span.parentSpanId], [2, 2, '', '']);
  assert.equal(span.startTimeUnixNano, 0n);
  assert.deepEqual([span.traceId, span.spanId], ['ab'.repeat(16), 'cd'.repeat(8)]);
  assert.equal(decode(request('"kind":77,"status":{"code":-1}')).spans[0].kind, 77);
  assert.equal(decode(request('"kind":77,"status":{"code":-1}')).spans[0].statusCode, -1);
});

test('decodeTracesJson: the last of a repeated key wins, also of lists and messages', () => {
  const members =
    '"name":"old","name":"new","kind":3,"kind":null,"attributes":[{"key":"a"},{"key":"b"}],"events":[{}],' +
    '"attributes":[{"key":"c"}],"status":{"message":"m"},"status":{"code":1}';
  const [span] = decode(request(members)).spans;
  assert.deepEqual([span.name, span.kind, span.events.length], ['new', 0, 1]);
  assert.deepEqual(
    span.attributes.map(({ key }) => key),
    ['c'],
  );
  assert.deepEqual([span.statusCode, span.statusMessage], [1, '']);
  assert.equal(failure(request('"name":"x",'.repeat(100) + '"kind":1')).code, 'WIRE_LIMIT');
});

test('decodeTracesJson: escapes in texts and keys', () => {
  const [span] = decode(request('"n\\u0061me":"\\u00e9\\ud83d\\ude00\\n\\/\\ud800","traceState":"é😀"')).spans;
  assert.equal(span.name, 'é😀\n/\ufffd');
  assert.equal(span.traceState, 'é😀');
});

test('decodeTracesJson: errors name the path', () => {
  const cases: [string, string, RegExp][] = [
    [
      '"traceId":"W47/95gDgQPSabYzgT/GDA=="',
      'WIRE_MALFORMED',
      /resourceSpans\[0\]\.scopeSpans\[0\]\.spans\[0\]\.traceId: .*hex/,
    ],
    ['"parentSpanId":"abc"', 'WIRE_MALFORMED', /parentSpanId/],
    ['"links":[{},{"spanId":"7uGbfsPB+Q=="}]', 'WIRE_MALFORMED', /links\[1\]\.spanId/],
    ['"name":5', 'WIRE_MALFORMED', /name: not a string but number/],
    ['"kind":"SERVER"', 'WIRE_MALFORMED', /kind/],
    ['"kind":2147483648', 'WIRE_MALFORMED', /kind: an integer out of range/],
    ['"kind":1.5', 'WIRE_MALFORMED', /kind/],
    ['"startTimeUnixNano":"18446744073709551616"', 'WIRE_MALFORMED', /startTimeUnixNano/],
    ['"startTimeUnixNano":-1', 'WIRE_MALFORMED', /startTimeUnixNano/],
    ['"startTimeUnixNano":""', 'WIRE_MALFORMED', /startTimeUnixNano/],
    ['"attributes":{}', 'WIRE_MALFORMED', /attributes: not an array/],
    [
      '"attributes":[{"key":"k","value":{"intValue":9223372036854775808}}]',
      'WIRE_MALFORMED',
      /attributes\[0\]\.value\.intValue/,
    ],
    ['"attributes":[{"key":"k","value":{"doubleValue":NaN}}]', 'WIRE_MALFORMED', /doubleValue/],
    ['"attributes":[{"key":"k","value":{"doubleValue":1e999}}]', 'WIRE_MALFORMED', /doubleValue/],
    ['"attributes":[{"key":"k","value":{"bytesValue":"a"}}]', 'WIRE_MALFORMED', /bytesValue/],
    ['"attributes":[{"key":"k","value":{"boolValue":"true"}}]', 'WIRE_MALFORMED', /boolValue/],
    ['"name":"a\u0001"', 'WIRE_MALFORMED', /control/],
    ['"name":"\\q"', 'WIRE_MALFORMED', /escape/],
    ['"kind":01', 'WIRE_MALFORMED', /kind/],
    ['"kind":2,', 'WIRE_MALFORMED', /after the comma/],
    ['"kind" 2', 'WIRE_MALFORMED', /":"/],
  ];
  for (const [members, code, message] of cases) {
    const error = failure(request(members));
    assert.equal(error.code, code, members);
    assert.match(error.message, message, members);
  }
  assert.equal(failure(encoder.encode('[]')).code, 'WIRE_MALFORMED');
  assert.equal(failure(encoder.encode('')).code, 'WIRE_TRUNCATED');
  assert.equal(failure(encoder.encode('{} {}')).code, 'WIRE_MALFORMED');
});

test('decodeTracesJson: ids of the wrong length reject their span only', () => {
  const recorder = new SpanRecorder();
  const result = decodeTracesJson(
    encoder.encode(
      `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"ab","spanId":"cdcdcdcdcdcdcdcd"},{${IDS}},{}]}]}]}`,
    ),
    recorder,
  );
  assert.deepEqual([result.spanCount, result.rejectedSpanCount], [1, 2]);
});

test('decodeTracesJson: deep nesting is refused, in values and in what is skipped', () => {
  const nested = (depth: number): string => '{"arrayValue":{"values":['.repeat(depth) + ']}}'.repeat(depth);
  assert.equal(failure(request(`"attributes":[{"value":${nested(limits.attributeDepthMax + 1)}}]`)).code, 'WIRE_LIMIT');
  assert.equal(decode(request(`"attributes":[{"value":${nested(limits.attributeDepthMax)}}]`)).spans.length, 1);
  for (const opener of ['[', '{"a":']) {
    assert.equal(failure(encoder.encode(`{"unknown":${opener.repeat(10_000)}`)).code, 'WIRE_LIMIT');
  }
  assert.equal(failure(request(`"attributes":[{"value":${nested(10_000)}}]`)).code, 'WIRE_LIMIT');
});

test('decodeTracesJson: a body cut at any byte is a WireError', () => {
  const [trace] = fc.sample(arbitraryTrace, { seed, numRuns: 1 });
  const body = encodeTracesJson([trace]);
  for (let length = 0; length < body.length; length += length > 4_000 ? 7 : 1) {
    assert.ok(failure(body.slice(0, length)).offset <= length, `SEED=${seed}`);
  }
});

test('decodeTracesJson: random edits give spans or a WireError; what JSON.parse refuses is refused', () => {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  let compared = 0;
  const bodies = fc.sample(arbitraryTrace, { seed, numRuns: 20 }).map((trace) => encodeTracesJson([trace]));
  for (let round = 0; round < 3_000; round++) {
    const body = bodies[random(bodies.length)].slice();
    for (let edits = 1 + random(3); edits > 0; edits--) body[random(body.length)] ^= 1 << random(8);
    const what = `round ${round}, SEED=${seed}`;
    const spans = survives(body, what);
    if (spans === undefined) continue;
    const text = new TextDecoder().decode(body);
    // The escapes of texts that are skipped are the one thing not checked.
    if (!text.includes('\\')) assert.doesNotThrow(() => JSON.parse(text), what);
    // Bytes that are not UTF-8 are kept here and become U+FFFD there.
    if (!isUtf8(body)) continue;
    let plain: readonly Span[];
    try {
      plain = plainDecodeJson(body).spans;
    } catch {
      // It has no leniency at all, such as for `1e3` as an integer in a string.
      continue;
    }
    assert.deepEqual(spans, plain, what);
    compared++;
  }
  assert.ok(compared > 100, `only ${compared} edited bodies were still accepted`);
});

/** What was decoded, `undefined` after a WireError; anything else thrown is a failure. */
function survives(body: Uint8Array, what: string): SpanRecorder['spans'] | undefined {
  try {
    return decode(body).spans;
  } catch (error) {
    assert.ok(codeOf(error)?.startsWith('WIRE_'), `${what}: ${String(error)}`);
    return undefined;
  }
}
