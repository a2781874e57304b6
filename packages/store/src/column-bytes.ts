import { CorruptionError } from '@spoor/model';

/** Appends little-endian fields to a growing buffer. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;

  constructor(capacityBytes = 256) {
    this.#bytes = new Uint8Array(capacityBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  u32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  f64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** LEB128 of an integer 0 … 2^53−1. */
  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Bytes [from, to) of `source`: a loop, since a view costs more than most strings are long. */
  range(source: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from);
    const bytes = this.#bytes;
    let length = this.#length;
    for (let i = from; i < to; i++) bytes[length++] = source[i]!;
    this.#length = length;
  }

  /** length in bytes, then UTF-8 */
  text(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.varint(bytes.length);
    this.bytes(bytes);
  }

  /** Appends `count` zero bytes. @returns a view of them, valid until something is appended */
  space(count: number): Uint8Array {
    this.#reserve(count);
    const start = this.#length;
    this.#length += count;
    return this.#bytes.subarray(start, this.#length).fill(0);
  }

  /** Overwrites what was appended before. */
  setU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  /** Takes back what was appended past `length`. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** A view of what was written from `start` on, valid until something is appended. */
  since(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.#length);
  }

  /** What was written, in a buffer of its own. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/**
 * Reads what {@link ByteWriter} wrote. Every method throws a {@link CorruptionError} with the place in the file
 * when the bytes end too early or cannot be what was written.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #path: string;
  readonly #fileOffset: number;
  #position = 0;

  constructor(bytes: Uint8Array, path: string, fileOffset: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#path = path;
    this.#fileOffset = fileOffset;
  }

  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  /** A reader of the same bytes, from their start. */
  again(): ByteReader {
    return new ByteReader(this.#bytes, this.#path, this.#fileOffset);
  }

  u8(): number {
    return this.#bytes[this.#advance(1)];
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#advance(8), true);
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 8; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    return this.fail('a number is longer than 8 bytes');
  }

  /** A number of things that take at least `bytesEach` of the remaining bytes; bounds what a caller allocates. */
  count(max: number): number {
    const value = this.varint();
    return value <= max ? value : this.fail(`a count of ${value} where at most ${max} are possible`);
  }

  /** A view, not a copy. */
  bytes(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  text(): string {
    return Buffer.from(this.bytes(this.varint())).toString('utf8');
  }

  fail(message: string): never {
    throw new CorruptionError(this.#path, this.#fileOffset + this.#position, message);
  }

  #advance(count: number): number {
    if (count > this.remaining) this.fail(`${count} bytes wanted, ${this.remaining} are left`);
    const start = this.#position;
    this.#position += count;
    return start;
  }
}
