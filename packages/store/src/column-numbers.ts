import type { ByteReader, ByteWriter } from './column-bytes.ts';
import { decodeWords, encodeWords } from './column-words.ts';

/**
 * 64-bit numbers of attribute columns, exact to the bit but for NaN payloads.
 *
 *     integers    0  min:f64  low:words  high:words      value = min + low + high·2^32
 *     dictionary  1  size:varint  f64 × size  index:words
 *     bits        2  low:words  high:words               the halves of IEEE 754 binary64
 */
const Kind = Object.freeze({ integers: 0, dictionary: 1, bits: 2 });

const DICTIONARY_SIZE_MAX = 4096;

export function encodeNumbers(out: ByteWriter, values: Float64Array): void {
  if (encodeIntegers(out, values) || encodeDictionary(out, values)) return;
  const halves = new Uint32Array(values.slice().buffer);
  out.u8(Kind.bits);
  encodeWords(out, everySecond(halves, 0));
  encodeWords(out, everySecond(halves, 1));
}

/**
 * Numbers [from, to) of a list of `count`, all of which is passed over.
 * @throws {CorruptionError} from `input` when it does not hold `count` numbers
 */
export function decodeNumbers(input: ByteReader, count: number, from = 0, to = count): Float64Array {
  const kind = input.u8();
  const values = new Float64Array(to - from);
  if (kind === Kind.integers) {
    const min = input.f64();
    const low = decodeWords(input, count, from, to);
    const high = decodeWords(input, count, from, to);
    for (let i = 0; i < values.length; i++) values[i] = min + (low[i] + high[i] * 0x1_0000_0000);
  } else if (kind === Kind.dictionary) {
    const size = input.count(input.remaining / 8);
    const dictionary = Float64Array.from({ length: size }, () => input.f64());
    const index = decodeWords(input, count, from, to);
    for (let i = 0; i < values.length; i++) {
      if (index[i] >= size) input.fail(`number ${index[i]} of a dictionary of ${size}`);
      values[i] = dictionary[index[i]]!;
    }
  } else if (kind === Kind.bits) {
    const halves = new Uint32Array(values.buffer);
    const low = decodeWords(input, count, from, to);
    const high = decodeWords(input, count, from, to);
    for (let i = 0; i < values.length; i++) {
      halves[2 * i] = low[i]!;
      halves[2 * i + 1] = high[i]!;
    }
  } else {
    input.fail(`unknown number encoding ${kind}`);
  }
  return values;
}

function encodeIntegers(out: ByteWriter, values: Float64Array): boolean {
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!Number.isSafeInteger(value) || (value === 0 && 1 / value < 0)) return false;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (values.length === 0) min = max = 0;
  if (min >= 0 && max <= 0xffff_ffff) min = 0; // `encodeWords` subtracts its own minimum
  if (max - min > Number.MAX_SAFE_INTEGER) return false;
  const low = new Uint32Array(values.length);
  const high = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const offset = values[i] - min;
    low[i] = offset % 0x1_0000_0000;
    high[i] = offset / 0x1_0000_0000;
  }
  out.u8(Kind.integers);
  out.f64(min);
  encodeWords(out, low);
  encodeWords(out, high);
  return true;
}

function encodeDictionary(out: ByteWriter, values: Float64Array): boolean {
  const sizeMax = Math.min(DICTIONARY_SIZE_MAX, values.length >>> 2);
  const indexOf = new Map<number, number>();
  const index = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === 0 && 1 / value < 0) return false; // a Map takes −0 for 0
    let at = indexOf.get(value);
    if (at === undefined) {
      if (indexOf.size >= sizeMax) return false;
      indexOf.set(value, (at = indexOf.size));
    }
    index[i] = at;
  }
  out.u8(Kind.dictionary);
  out.varint(indexOf.size);
  for (const value of indexOf.keys()) out.f64(value);
  encodeWords(out, index);
  return true;
}

function everySecond(words: Uint32Array, first: number): Uint32Array {
  const half = new Uint32Array(words.length / 2);
  for (let i = 0; i < half.length; i++) half[i] = words[2 * i + first]!;
  return half;
}
