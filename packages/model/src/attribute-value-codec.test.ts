import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import {
  decodeAnyValue,
  decodeArrayValue,
  decodeKeyValueList,
  encodeAnyValue,
  encodeArrayValue,
  encodeKeyValueList,
  integerFromWords,
} from './attribute-value-codec.ts';
import type { Attribute, AttributeValue } from './attribute-value.ts';
import { codeOf } from './errors.ts';
import { limits } from './limits.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true });
}
const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('', '\ufeffx', 'é'.repeat(50), 'x'.repeat(300)));
const integer = fc
  .oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.maxSafeInteger().map(BigInt))
  .map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value));
const { value: arbitraryValue } = fc.letrec<{ value: AttributeValue; attribute: Attribute }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    record({ type: fc.constant('string' as const), value: text }),
    record({ type: fc.constant('bool' as const), value: fc.boolean() }),
    record({ type: fc.constant('int' as const), value: integer }),
    record({ type: fc.constant('double' as const), value: fc.double() }),
    record({ type: fc.constant('bytes' as const), value: fc.uint8Array() }),
    fc.constant<AttributeValue>({ type: 'empty' }),
    record({ type: fc.constant('array' as const), value: fc.array(tie('value')) }),
    record({ type: fc.constant('kvlist' as const), value: fc.array(tie('attribute')) }),
  ),
  attribute: record({ key: text, value: tie('value') }),
}));

test('encodeAnyValue: writes the bytes that protobuf prescribes', () => {
  const cases: [AttributeValue, string][] = [
    [{ type: 'empty' }, ''],
    [{ type: 'string', value: '' }, '0a00'],
    [{ type: 'string', value: 'é' }, '0a02c3a9'],
    [{ type: 'bool', value: false }, '1000'],
    [{ type: 'int', value: 300 }, '18ac02'],
    [{ type: 'int', value: -1 }, '18ffffffffffffffffff01'],
    [{ type: 'int', value: Number.MAX_SAFE_INTEGER }, '18ffffffffffffff0f'],
    [{ type: 'int', value: -(2n ** 63n) }, '1880808080808080808001'],
    [{ type: 'double', value: 1 }, '21000000000000f03f'],
    [{ type: 'bytes', value: new Uint8Array([1, 2]) }, '3a020102'],
    [{ type: 'array', value: [{ type: 'bool', value: true }, { type: 'empty' }] }, '2a060a0210010a00'],
    [{ type: 'kvlist', value: [{ key: 'k', value: { type: 'empty' } }] }, '32070a050a016b1200'],
  ];
  for (const [value, expected] of cases) {
    assert.equal(hex(encodeAnyValue(value)), expected);
    assert.deepEqual(decodeAnyValue(encodeAnyValue(value)), value);
  }
});

test('decodeAnyValue: is the inverse of encodeAnyValue', () => {
  fc.assert(
    fc.property(arbitraryValue, (value) => {
      assert.deepEqual(decodeAnyValue(encodeAnyValue(value)), value);
    }),
    { seed, numRuns: 300 },
  );
});

test('decodeArrayValue, decodeKeyValueList: bodies of the two messages', () => {
  const values: AttributeValue[] = [{ type: 'int', value: 1 }, { type: 'empty' }];
  const attributes: Attribute[] = [
    { key: 'a', value: { type: 'array', value: values } },
    { key: 'a', value: { type: 'string', value: 'again' } },
  ];
  assert.deepEqual(decodeArrayValue(encodeArrayValue(values)), values);
  assert.deepEqual(decodeKeyValueList(encodeKeyValueList(attributes)), attributes);
});

test('decodeAnyValue: the last of the oneof wins, unknown fields are skipped', () => {
  assert.deepEqual(decodeAnyValue(Buffer.from('1001a20601ff0a0161', 'hex')), { type: 'string', value: 'a' });
});

test('decodeAnyValue: nesting past the limit is refused', () => {
  const nested = (depth: number): AttributeValue => {
    let value: AttributeValue = { type: 'empty' };
    for (let i = 0; i < depth; i++) value = { type: 'array', value: [value] };
    return value;
  };
  const deepest = nested(limits.attributeDepthMax);
  assert.deepEqual(decodeAnyValue(encodeAnyValue(deepest)), deepest);
  const body = encodeAnyValue(nested(limits.attributeDepthMax + 1));
  assert.throws(() => decodeAnyValue(body), { code: 'WIRE_LIMIT' });
  // The body of the outermost array counts as one level itself.
  assert.throws(() => decodeArrayValue(encodeArrayValue([nested(limits.attributeDepthMax)])), { code: 'WIRE_LIMIT' });
});

test('decodeAnyValue: cut at any byte or with any bit flipped, gives a value or a WireError', () => {
  const survives = (body: Uint8Array): void => {
    try {
      decodeAnyValue(body);
    } catch (error) {
      assert.ok(codeOf(error)?.startsWith('WIRE_'), `SEED=${seed}: ${String(error)}`);
    }
  };
  for (const value of fc.sample(arbitraryValue, { seed, numRuns: 20 })) {
    const body = encodeAnyValue(value).slice(0, 2_000);
    for (let i = 0; i < body.length; i++) {
      survives(body.subarray(0, i));
      body[i] ^= 1 << (i % 8);
      survives(body);
      body[i] ^= 1 << (i % 8);
    }
  }
});

test('integerFromWords: a number exactly where it is safe', () => {
  for (const value of [
    0n,
    1n,
    -1n,
    2n ** 53n - 1n,
    2n ** 53n,
    1n - 2n ** 53n,
    -(2n ** 53n),
    2n ** 63n - 1n,
    -(2n ** 63n),
    2n ** 32n,
    -(2n ** 32n),
  ]) {
    const words = BigInt.asUintN(64, value);
    const joined = integerFromWords(Number(words & 0xffff_ffffn), Number(words >> 32n));
    assert.equal(joined, Number.isSafeInteger(Number(value)) ? Number(value) : value);
  }
});
