import { WireType } from './protobuf-reader.ts';

const TWO_32 = 2 ** 32;
/** Below this, a loop over ASCII beats `TextEncoder.encodeInto`, which costs about 60 ns a call. */
const SHORT_TEXT_LENGTH_MAX = 48;

/** Below this, a copying loop beats making a view and `set`, which cost about 70 ns together. */
const COPY_LOOP_BYTES_MAX = 64;

/** A growing buffer of protobuf fields. Source: protobuf.dev, Encoding. */
export class ProtobufWriter {
  #bytes: Uint8Array;
  #position = 0;
  readonly #encoder = new TextEncoder();

  constructor(sizeBytes = 256) {
    this.#bytes = new Uint8Array(sizeBytes);
  }

  /** bytes written so far */
  get length(): number {
    return this.#position;
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#position);
  }

  /** A view of what was written, valid until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#position);
  }

  /** Forgets everything from byte `length` on and keeps the memory. */
  truncate(length: number): void {
    this.#position = length;
  }

  /**
   * Begins a message field. Its length is filled in by {@link end}, which takes the answer; nested pairs are fine.
   * One byte is reserved for the length and the body moves when it needs more.
   */
  begin(field: number): number {
    this.varint((field << 3) | WireType.bytes);
    this.#reserve(1);
    return ++this.#position;
  }

  end(bodyStart: number): void {
    const length = this.#position - bodyStart;
    const extra = varintBytes(length) - 1;
    if (extra > 0) {
      this.#reserve(extra);
      this.#bytes.copyWithin(bodyStart + extra, bodyStart, this.#position);
    }
    this.#position = bodyStart - 1;
    // Not `varint`: growing now would copy only what lies before the length.
    this.#varint32(length);
    this.#position += length;
  }

  /** A varint without tag: an integer from 0 to 2^53−1. */
  varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest >= TWO_32) {
      this.#bytes[this.#position++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#varint32(rest);
  }

  varintField(field: number, value: number): void {
    this.varint((field << 3) | WireType.varint);
    this.varint(value);
  }

  /** An `int64`, `int32` or enum; bits past the 64th are dropped. */
  intField(field: number, value: number | bigint): void {
    if (typeof value === 'number' && value >= 0) return this.varintField(field, value);
    this.varint((field << 3) | WireType.varint);
    this.#reserve(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest >= 128n) {
      this.#bytes[this.#position++] = Number(rest & 127n) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#position++] = Number(rest);
  }

  doubleField(field: number, value: number): void {
    this.varint((field << 3) | WireType.fixed64);
    this.#reserve(8);
    new DataView(this.#bytes.buffer).setFloat64(this.#position, value, true);
    this.#position += 8;
  }

  /** A 64-bit varint from its unsigned halves. */
  varintWordsField(field: number, low: number, high: number): void {
    this.varint((field << 3) | WireType.varint);
    this.#reserve(10);
    let lowRest = low;
    let highRest = high;
    while (highRest !== 0) {
      this.#bytes[this.#position++] = (lowRest & 0x7f) | 0x80;
      lowRest = ((lowRest >>> 7) | (highRest << 25)) >>> 0;
      highRest >>>= 7;
    }
    this.#varint32(lowRest);
  }

  fixed64WordsField(field: number, low: number, high: number): void {
    this.varint((field << 3) | WireType.fixed64);
    this.#fixed32(low);
    this.#fixed32(high);
  }

  fixed64Field(field: number, value: bigint): void {
    this.fixed64WordsField(field, Number(value & 0xffff_ffffn), Number((value >> 32n) & 0xffff_ffffn));
  }

  fixed32Field(field: number, value: number): void {
    this.varint((field << 3) | WireType.fixed32);
    this.#fixed32(value);
  }

  bytesField(field: number, value: Uint8Array): void {
    this.varint((field << 3) | WireType.bytes);
    this.varint(value.length);
    this.raw(value);
  }

  /** As {@link bytesField} of `source.subarray(start, end)`, without making that view. */
  bytesRangeField(field: number, source: Uint8Array, start: number, end: number): void {
    this.varint((field << 3) | WireType.bytes);
    this.varint(end - start);
    this.rawRange(source, start, end);
  }

  /** A bytes field from its hex digits of either case. Writes nothing when `hex` is empty or not hex. */
  hexField(field: number, hex: string): void {
    const length = hex.length >>> 1;
    if (length === 0 || hex.length % 2 !== 0) return;
    const start = this.#position;
    this.varint((field << 3) | WireType.bytes);
    this.varint(length);
    this.#reserve(length);
    let digits = 0;
    for (let i = 0; i < length; i++) {
      const byte = (hexDigit(hex.charCodeAt(2 * i)) << 4) | hexDigit(hex.charCodeAt(2 * i + 1));
      digits |= byte;
      this.#bytes[this.#position++] = byte;
    }
    if (digits < 0) this.#position = start;
  }

  /** UTF-8; a lone surrogate becomes U+FFFD. */
  stringField(field: number, value: string): void {
    const start = this.begin(field);
    this.#text(value);
    this.end(start);
  }

  /** Bytes that are fields already. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#position);
    this.#position += value.length;
  }

  /** As {@link raw} of `source.subarray(start, end)`, without making that view. */
  rawRange(source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length > COPY_LOOP_BYTES_MAX) return this.raw(source.subarray(start, end));
    this.#reserve(length);
    const bytes = this.#bytes;
    const position = this.#position;
    for (let i = 0; i < length; i++) bytes[position + i] = source[start + i];
    this.#position = position + length;
  }

  #text(value: string): void {
    const { length } = value;
    this.#reserve(3 * length);
    if (length <= SHORT_TEXT_LENGTH_MAX) {
      const bytes = this.#bytes;
      const position = this.#position;
      let i = 0;
      for (; i < length; i++) {
        const unit = value.charCodeAt(i);
        if (unit > 0x7f) break;
        bytes[position + i] = unit;
      }
      if (i === length) {
        this.#position += length;
        return;
      }
    }
    this.#position += this.#encoder.encodeInto(value, this.#bytes.subarray(this.#position)).written;
  }

  #fixed32(value: number): void {
    this.#reserve(4);
    const bytes = this.#bytes;
    bytes[this.#position++] = value;
    bytes[this.#position++] = value >>> 8;
    bytes[this.#position++] = value >>> 16;
    bytes[this.#position++] = value >>> 24;
  }

  /** `value` below 2^32; room is reserved. */
  #varint32(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#position++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#position++] = rest;
  }

  #reserve(count: number): void {
    const needed = this.#position + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#position));
    this.#bytes = grown;
  }
}

function varintBytes(value: number): number {
  let count = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) count++;
  return count;
}

/** −1 for what is not a hex digit. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
