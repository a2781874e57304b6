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
/** Bits per byte above which a plane is taken for noise and not tried. */
const NOISE_BITS = 7.8;

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
  if (packedBytes > PACKED_BYTES_MAX) {
    const planes = encodePlanes(words, min, Math.ceil(width / 8));
    if (planes.reduce((sum, plane) => sum + plane.bytes.length + 3, 0) < packedBytes) {
      out.u8(Kind.planes);
      out.varint(min);
      out.u8(planes.length);
      for (const { bytes, isZstd } of planes) {
        out.varint(bytes.length * 2 + (isZstd ? 1 : 0));
        out.bytes(bytes);
      }
      return;
    }
  }
  out.u8(Kind.packed);
  out.varint(min);
  out.u8(width);
  out.bytes(pack(words, min, width, packedBytes));
}

/** @throws {CorruptionError} from `input` when it does not hold `count` words */
export function decodeWords(input: ByteReader, count: number): Uint32Array {
  const kind = input.u8();
  const min = input.varint();
  if (min > 0xffff_ffff) input.fail('a word is wider than 32 bits');
  if (kind === Kind.constant) return min === 0 ? new Uint32Array(count) : new Uint32Array(count).fill(min);
  if (kind === Kind.packed) {
    const width = input.u8();
    if (width === 0 || width > 32) input.fail(`words ${width} bits wide`);
    return unpack(input.bytes(Math.ceil((count * width) / 8)), count, min, width);
  }
  if (kind !== Kind.planes) input.fail(`unknown word encoding ${kind}`);
  const planeCount = input.u8();
  if (planeCount === 0 || planeCount > 4) input.fail(`${planeCount} byte planes`);
  const words = new Uint32Array(count);
  for (let p = 0; p < planeCount; p++) addPlane(words, decodePlane(input, count), 8 * p, p === 0 ? min : 0);
  return words;
}

/** True when the words encoded at the start of `bytes` are all 0; such a list need not be stored. */
export function isZeroWords(bytes: Uint8Array): boolean {
  return bytes[0] === Kind.constant && bytes[1] === 0;
}

interface Plane {
  readonly bytes: Uint8Array;
  readonly isZstd: boolean;
}

function encodePlanes(words: Uint32Array, min: number, planeCount: number): Plane[] {
  const planes: Plane[] = [];
  for (let p = 0; p < planeCount; p++) {
    const plane = new Uint8Array(words.length);
    const shift = 8 * p;
    for (let i = 0; i < words.length; i++) plane[i] = (words[i] - min) >>> shift;
    const zstd = isNoise(plane) ? undefined : compressed(plane);
    planes.push({ bytes: zstd ?? plane, isZstd: zstd !== undefined });
  }
  return planes;
}

const histogram = new Uint32Array(256);
const SAMPLE_BYTES = 4096;

/** Order-0 entropy near 8 bits a byte: zstd could only copy it. A sample of 4 KiB tells. */
function isNoise(plane: Uint8Array): boolean {
  if (plane.length < SAMPLE_BYTES) return false;
  histogram.fill(0);
  for (let i = 0; i < SAMPLE_BYTES; i++) histogram[plane[i]]++;
  let bits = 0;
  for (let b = 0; b < 256; b++) if (histogram[b] > 0) bits -= histogram[b] * Math.log2(histogram[b] / SAMPLE_BYTES);
  return bits > NOISE_BITS * SAMPLE_BYTES;
}

function decodePlane(input: ByteReader, count: number): Uint8Array {
  const stored = input.varint();
  const bytes = input.bytes(Math.floor(stored / 2));
  if (stored % 2 === 1) return decompressed(bytes, count) ?? input.fail('a byte plane does not decompress');
  return bytes.length === count ? bytes : input.fail(`a byte plane of ${bytes.length} for ${count} words`);
}

/** `words[i] += plane[i] << shift`, plus `min` once; wraps nowhere since the sum was a word. */
function addPlane(words: Uint32Array, plane: Uint8Array, shift: number, min: number): void {
  for (let i = 0; i < words.length; i++) words[i] = words[i] + min + ((plane[i] << shift) >>> 0);
}

function pack(words: Uint32Array, min: number, width: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let bit = 0;
  for (let i = 0; i < words.length; i++) {
    let value = words[i] - min;
    let left = width;
    while (left > 0) {
      const free = 8 - (bit & 7);
      bytes[bit >>> 3] |= (value << (bit & 7)) & 0xff;
      const taken = Math.min(free, left);
      value = taken === 32 ? 0 : value >>> taken;
      bit += taken;
      left -= taken;
    }
  }
  return bytes;
}

function unpack(bytes: Uint8Array, count: number, min: number, width: number): Uint32Array {
  const words = new Uint32Array(count);
  let bit = 0;
  for (let i = 0; i < count; i++) {
    let value = 0;
    let filled = 0;
    while (filled < width) {
      const shift = bit & 7;
      const taken = Math.min(8 - shift, width - filled);
      value |= ((bytes[bit >>> 3] >>> shift) & ((1 << taken) - 1)) << filled;
      filled += taken;
      bit += taken;
    }
    words[i] = (value >>> 0) + min;
  }
  return words;
}
