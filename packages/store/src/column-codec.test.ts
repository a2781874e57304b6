import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codeOf } from '@spoor/model';
import { ByteReader, ByteWriter } from './column-bytes.ts';
import { decodeNumbers, encodeNumbers } from './column-numbers.ts';
import { decodeWords, encodeWords } from './column-words.ts';
import { DictionaryPage, PageEncoder } from './dictionary-page.ts';
import { type StringSpans, sortStrings } from './dictionary-sort.ts';
import { seededRandom, testSeed } from './testing/seeded-random.ts';

const seed = testSeed();
console.log(`SEED=${seed}`);
const random = seededRandom(seed);
const below = (count: number): number => Math.floor(random() * count);

function encoded(write: (out: ByteWriter) => void): Uint8Array {
  const out = new ByteWriter();
  write(out);
  return out.finish();
}

/** Decoders get checksummed bytes only; if they were damaged nevertheless, nothing but a `CorruptionError` may come of it. */
function assertBounded(bytes: Uint8Array, decode: (input: ByteReader) => unknown): void {
  for (let round = 0; round < 60; round++) {
    const damaged = bytes.slice(0, round % 2 === 0 ? bytes.length : below(bytes.length));
    if (damaged.length > 0) damaged[below(damaged.length)] ^= 1 << below(8);
    try {
      decode(new ByteReader(damaged, 'test', 0));
    } catch (error) {
      if (codeOf(error) !== 'STORE_CORRUPT') throw error;
    }
  }
}

/** [from, to) of a list: empty, at either end, and anywhere. */
function somePartsOf(count: number): readonly (readonly [number, number])[] {
  const from = below(count + 1);
  return [
    [0, 0],
    [count, count],
    [0, from],
    [from, count],
    [from, from + below(count - from + 1)],
  ];
}

describe('words', () => {
  const lists: [string, (i: number) => number][] = [
    ['constant', () => 7],
    ['zero', () => 0],
    ['largest', (i) => (i % 2 === 0 ? 0xffff_ffff : 0)],
    ['bits', () => below(2)],
    ['skewed', () => Math.floor(random() ** 9 * 70_000)],
    ['noise', () => below(2 ** 32)],
    ['high and narrow', () => 0xffff_fff0 + below(16)],
    ['ascending', (i) => i * 1_000_003],
  ];
  for (const [name, value] of lists) {
    it(`come back: ${name}`, () => {
      for (const count of [0, 1, 2, 63, 500, 9000]) {
        const words = Uint32Array.from({ length: count }, (_, i) => value(i));
        const bytes = encoded((out) => encodeWords(out, words));
        assert.deepEqual(decodeWords(new ByteReader(bytes, 'test', 0), count), words);
        for (const [from, to] of somePartsOf(count)) {
          const input = new ByteReader(bytes, 'test', 0);
          assert.deepEqual(decodeWords(input, count, from, to), words.slice(from, to));
          assert.equal(input.remaining, 0);
        }
        assert.ok(bytes.length <= 4 * count + 16, `${bytes.length} bytes for ${count} words`);
        assertBounded(bytes, (input) => decodeWords(input, count));
        assertBounded(bytes, (input) => decodeWords(input, count, count >>> 1, count));
      }
    });
  }
});

describe('numbers', () => {
  const lists: [string, (i: number) => number][] = [
    ['integers', () => below(1000) - 500],
    ['extremes', (i) => [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 0][i % 3]],
    ['nanoseconds', () => 1.79e18 / 1000 + below(1e9)],
    ['few doubles', (i) => [0.5, 1.25, -3.75][i % 3]],
    ['many doubles', () => random()],
    ['negative zero', (i) => (i % 2 === 0 ? -0 : 0)],
    ['odd ones', (i) => [NaN, Infinity, -Infinity, -0, 5e-324, 2 ** 53, -(2 ** 60)][i % 7]],
  ];
  for (const [name, value] of lists) {
    it(`come back to the bit: ${name}`, () => {
      for (const count of [0, 1, 5, 700, 9000]) {
        const numbers = Float64Array.from({ length: count }, (_, i) => value(i));
        const bytes = encoded((out) => encodeNumbers(out, numbers));
        const decoded = decodeNumbers(new ByteReader(bytes, 'test', 0), count);
        assert.ok(numbers.every((number, i) => Object.is(number, decoded[i])));
        for (const [from, to] of somePartsOf(count)) {
          const part = decodeNumbers(new ByteReader(bytes, 'test', 0), count, from, to);
          assert.equal(part.length, to - from);
          assert.ok(part.every((number, i) => Object.is(number, numbers[from + i])));
        }
        assertBounded(bytes, (input) => decodeNumbers(input, count));
      }
    });
  }
});

describe('dictionary', () => {
  it('sorts as a comparison does, and its pages give the strings back', () => {
    for (const count of [1, 2, 30, 700, 12_000]) {
      const strings = [...new Set(Array.from({ length: count }, (_, i) => someString(i)))].map((text) =>
        Buffer.from(text, 'latin1'),
      );
      const spans = joined(strings);
      const order = Uint32Array.from(strings.keys());
      sortStrings(spans, order);
      const sorted = strings.toSorted((a, b) => Buffer.compare(a, b));
      assert.deepEqual(
        Array.from(order, (index) => strings[index].toString('hex')),
        sorted.map((bytes) => bytes.toString('hex')),
      );
      const bytes = encoded((out) => new PageEncoder(spans).encode(out, order, 0, order.length));
      const page = DictionaryPage.decode(new ByteReader(bytes, 'test', 0), order.length);
      for (const [i, string] of sorted.entries()) {
        assert.equal(Buffer.compare(page.bytes(i), string), 0);
        assert.equal(page.indexOf(string), i);
      }
      assert.equal(page.indexOf(Buffer.from('not in it')), -1);
      if (count < 1000) assertBounded(bytes, (input) => DictionaryPage.decode(input, order.length));
    }
  });
});

/** Strings of every form of a page, and those that nearly are. */
function someString(i: number): string {
  const hex = (digits: number): string => Array.from({ length: digits }, () => below(16).toString(16)).join('');
  const uuid = `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`;
  const texts = [
    uuid,
    hex(32),
    hex(16),
    hex(15),
    hex(8),
    uuid.toUpperCase(),
    `${uuid.slice(0, 35)}g`,
    `${hex(8)}-${hex(27)}`,
  ];
  const others = [
    '',
    '\0',
    '\0\0',
    'a',
    'a\0',
    'a\0\0\0\0',
    'a\0\0\0\0b',
    '\xff'.repeat(below(9)),
    `/api/products/${i}`,
    `${'x'.repeat(40)}${i % 50}`,
  ];
  return i % 2 === 0 ? texts[below(texts.length)] : others[below(others.length)];
}

function joined(strings: readonly Uint8Array[]): StringSpans {
  const end = Uint32Array.from(strings, (string) => string.length);
  for (let i = 1; i < end.length; i++) end[i] += end[i - 1];
  return { bytes: Buffer.concat(strings), start: end.map((at, i) => at - strings[i].length), end };
}
