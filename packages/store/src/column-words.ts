import type { ByteReader, ByteWriter } from './column-bytes.ts';
import { compressed, decompressed } from './column-compress.ts';

/**
 * The codec under every column: a list of unsigned 32-bit words, whose count the reader knows from elsewhere.
 *
 *     constant   0  value:varint
 *     packed     1  min:varint  width:u8  bits          word i − min in bits [i·width, (i+1)·width), low bits first
 *     planes     2  min:varint  planes:u8  plane*       plane p = byte p of every word − min, p = 0 the lowest
 *       plane    = stored:varint (length·2 + isZstd)  bytes
 *
 * Planes are compressed one by one: with noise (the low bytes of times) and skew (the high ones) in one frame they
 * would share one Huffman table. Short lists are packed, because a call of zstd costs 5 µs and its header some bytes.
 */
const Kind = Object.freeze({ constant: 0, packed: 1, planes: 2 });

const PACKED_BYTES_MAX = 512;

export function encodeWords(out: ByteWriter, words: Uint32Array): void {
  let min = 0xffff_ffff;
  let max = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word < min) min = word;
    if (word > max) max = word;
  }
  if (words.length === 0 || min === max) {
    out.u8(Kind.constant);
    out.varint(words.length === 0 ? 0 : min);
    return;
  }
  const width = 32 - Math.clz32(max - min);
  const packedBytes = Math.ceil((words.length * width) / 8);
  if (packedBytes > PACKED_BYTES_MAX && encodePlanes(out, words, min, Math.ceil(width / 8), packedBytes)) return;
  out.u8(Kind.packed);
  out.varint(min);
  out.u8(width);
  pack(out.space(packedBytes), words, min, width);
}

/**
 * Words [from, to) of a list of `count`, all of which is passed over. Few of them cost no more than their planes' frames.
 * @throws {CorruptionError} from `input` when it does not hold `count` words
 */
export function decodeWords(input: ByteReader, count: number, from = 0, to = count): Uint32Array {
  const kind = input.u8();
  const min = input.varint();
  if (min > 0xffff_ffff) input.fail('a word is wider than 32 bits');
  const words = new Uint32Array(to - from);
  if (kind === Kind.constant) return min === 0 ? words : words.fill(min);
  if (kind === Kind.packed) {
    const width = input.u8();
    if (width === 0 || width > 32) input.fail(`words ${width} bits wide`);
    unpack(input.bytes(Math.ceil((count * width) / 8)), words, { from, min, width });
    return words;
  }
  if (kind !== Kind.planes) input.fail(`unknown word encoding ${kind}`);
  const planeCount = input.u8();
  if (planeCount === 0 || planeCount > 4) input.fail(`${planeCount} byte planes`);
  for (let p = 0; p < planeCount; p++) {
    const plane = decodePlane(input, count);
    addPlane(words, from === 0 ? plane : plane.subarray(from), 8 * p, p === 0 ? min : 0);
  }
  return words;
}

/** True when the words encoded from byte `at` on are all 0; such a list need not be stored. */
export function isZeroWords(out: ByteWriter, at: number): boolean {
  const bytes = out.since(at);
  return bytes[0] === Kind.constant && bytes[1] === 0;
}

/** @returns false, with nothing appended, when planes are no smaller than `packedBytes` */
function encodePlanes(
  out: ByteWriter,
  words: Uint32Array,
  min: number,
  planeCount: number,
  packedBytes: number,
): boolean {
  const start = out.length;
  const bytesMax = start + 6 + packedBytes;
  out.u8(Kind.planes);
  out.varint(min);
  out.u8(planeCount);
  const plane = words.length <= scratch.length ? scratch.subarray(0, words.length) : new Uint8Array(words.length);
  let noise = 0;
  for (let p = 0; p < planeCount; p++) {
    const shift = 8 * p;
    for (let i = 0; i < words.length; i++) plane[i] = (words[i] - min) >>> shift;
    const zstd = isNoise(plane) ? undefined : compressed(plane);
    if (zstd === undefined) noise++;
    out.varint((zstd ?? plane).length * 2 + (zstd === undefined ? 0 : 1));
    out.bytes(zstd ?? plane);
  }
  if (noise < planeCount && out.length < bytesMax) return true;
  out.truncate(start);
  return false;
}

/** For one plane at a time; few lists are longer. */
const scratch = new Uint8Array(16 * 1024);
const histogram = new Uint32Array(256);

/** The plane is sampled from its start. Of fewer bytes than the first size, or the second, the first test, or the second, is made. */
const SAMPLE_BYTES = 4096;
/** Bits per byte of a sample above which a plane is taken for noise. */
const NOISE_BITS = 7.8;
const BITS_OF_COUNT = Float64Array.from({ length: SAMPLE_BYTES + 1 }, (_, n) => (n === 0 ? 0 : n * Math.log2(n)));
/** How many times as many equal pairs as noise has make a short plane worth a try; a Huffman table costs it some 30 bytes. */
const PAIRS_OF_SHORT = 1.6;

/** Order-0 entropy near 8 bits a byte: zstd could only copy it. Of a short plane, entropy says little; equal pairs do. */
function isNoise(bytes: Uint8Array): boolean {
  const count = Math.min(SAMPLE_BYTES, bytes.length);
  histogram.fill(0);
  for (let i = 0; i < count; i++) histogram[bytes[i]]++;
  if (count < SAMPLE_BYTES) {
    let pairs = 0;
    for (let b = 0; b < 256; b++) pairs += histogram[b] * (histogram[b] - 1);
    return pairs * 256 < PAIRS_OF_SHORT * count * (count - 1);
  }
  let bits = BITS_OF_COUNT[SAMPLE_BYTES];
  for (let b = 0; b < 256; b++) bits -= BITS_OF_COUNT[histogram[b]];
  return bits > NOISE_BITS * SAMPLE_BYTES;
}

/** Borrowed: the next call overwrites it. */
function decodePlane(input: ByteReader, count: number): Uint8Array {
  const stored = input.varint();
  const bytes = input.bytes(Math.floor(stored / 2));
  if (stored % 2 === 1) return decompressed(bytes, count, scratch) ?? input.fail('a byte plane does not decompress');
  return bytes.length === count ? bytes : input.fail(`a byte plane of ${bytes.length} for ${count} words`);
}

/** `words[i] += plane[i] << shift`, plus `min` once; wraps nowhere since the sum was a word. */
function addPlane(words: Uint32Array, plane: Uint8Array, shift: number, min: number): void {
  const base = min | 0; // integers throughout, modulo 2^32
  for (let i = 0; i < words.length; i++) words[i] = (words[i] + base + (plane[i] << shift)) | 0;
}

/** Lowest bits first. A word wider than 16 bits goes in two parts, so that the bits in flight fit into 32. */
function pack(bytes: Uint8Array, words: Uint32Array, min: number, width: number): void {
  const lowWidth = Math.min(16, width);
  const highWidth = width - lowWidth;
  const lowMask = 2 ** lowWidth - 1;
  let bits = 0;
  let filled = 0;
  let at = 0;
  for (let i = 0; i < words.length; i++) {
    const value = words[i] - min;
    bits |= (value & lowMask) << filled;
    for (filled += lowWidth; filled >= 8; filled -= 8) {
      bytes[at++] = bits;
      bits >>>= 8;
    }
    if (highWidth === 0) continue;
    bits |= (value >>> 16) << filled;
    for (filled += highWidth; filled >= 8; filled -= 8) {
      bytes[at++] = bits;
      bits >>>= 8;
    }
  }
  if (filled > 0) bytes[at] = bits;
}

interface PackedList {
  /** word that `words` begins with */
  readonly from: number;
  readonly min: number;
  readonly width: number;
}

function unpack(bytes: Uint8Array, words: Uint32Array, { from, min, width }: PackedList): void {
  const count = words.length;
  let i = 0;
  let at = Math.floor((from * width) / 8);
  let shift = (from * width) % 8;
  const base = min | 0; // so that the sum is one of integers; a word takes it modulo 2^32
  const mask = (2 ** width - 1) | 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // A word and the bits before it lie in five bytes, except at the end.
  for (const end = bytes.length - 5; i < count && at <= end; i++) {
    const value = (view.getUint32(at, true) >>> shift) | ((bytes[at + 4] << 1) << (31 - shift));
    words[i] = ((value & mask) + base) | 0;
    shift += width;
    at += shift >>> 3;
    shift &= 7;
  }
  for (; i < count; i++) {
    let value = 0;
    for (let filled = 0; filled < width;) {
      const taken = Math.min(8 - shift, width - filled);
      value |= ((bytes[at] >>> shift) & (2 ** taken - 1)) << filled;
      filled += taken;
      shift += taken;
      at += shift >>> 3;
      shift &= 7;
    }
    words[i] = (value >>> 0) + min;
  }
}
