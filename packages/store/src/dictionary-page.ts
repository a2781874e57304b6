import type { ByteReader } from './column-bytes.ts';
import { ByteWriter } from './column-bytes.ts';
import { compressed, decompressed } from './column-compress.ts';
import { decodeWords, encodeWords } from './column-words.ts';
import type { StringSpans } from './dictionary-sort.ts';

/**
 * A page of consecutive strings of a sorted dictionary. Ids are what a dictionary mostly consists of, and they are half
 * as long in binary, so each string has a *form*, and its *payload* is:
 *
 *     text  0   the bytes themselves
 *     hex   1   the bytes of a text of 2k ≥ 8 lower-case hex digits
 *     uuid  2   the 16 bytes of a lower-case 8-4-4-4-12 uuid
 *
 * A payload is stored less the bytes it shares with the payload before it of the same form (front coding).
 *
 *     count:varint  form:words  shared:words  rest:words  text  binary
 *     text    the rests of form 0, back to back:  length:varint  stored:varint (length·2 + isZstd)  bytes
 *     binary  the rests of the others, likewise
 */
const Form = Object.freeze({ text: 0, hex: 1, uuid: 2 });

/** A page is 16 KiB and one string, which is no longer than a request (64 MiB). */
const PAYLOAD_BYTES_MAX = 0x800_0000;
const UUID_BYTES = 16;

/** Encodes pages of the same strings, one after the other; its buffers serve all of them. */
export class PageEncoder {
  readonly #strings: StringSpans;
  readonly #text = new ByteWriter(1 << 15);
  readonly #binary = new ByteWriter(1 << 15);
  #forms = new Uint32Array(1024);
  #shared = new Uint32Array(1024);
  #rest = new Uint32Array(1024);

  constructor(strings: StringSpans) {
    this.#strings = strings;
  }

  /** Strings [first, last) of `order`. */
  encode(out: ByteWriter, order: Uint32Array, first: number, last: number): void {
    const count = last - first;
    if (count > this.#forms.length) {
      this.#forms = new Uint32Array(count);
      this.#shared = new Uint32Array(count);
      this.#rest = new Uint32Array(count);
    }
    this.#text.truncate(0);
    this.#binary.truncate(0);
    this.#split(order, first, count);
    out.varint(count);
    encodeWords(out, this.#forms.subarray(0, count));
    encodeWords(out, this.#shared.subarray(0, count));
    encodeWords(out, this.#rest.subarray(0, count));
    encodeBytes(out, this.#text.since(0));
    encodeBytes(out, this.#binary.since(0));
  }

  /** A payload is compared where it lies, as text: two digits that are alike are a byte that is. */
  #split(order: Uint32Array, first: number, count: number): void {
    const { bytes, start, end } = this.#strings;
    const previousOf = [-1, -1, -1];
    for (let i = 0; i < count; i++) {
      const index = order[first + i];
      const from = start[index];
      const length = end[index] - from;
      const form = formOf(bytes, from, length);
      const previous = previousOf[form];
      previousOf[form] = index;
      let common = 0;
      if (previous >= 0) {
        const before = start[previous];
        const max = Math.min(length, end[previous] - before);
        while (common < max && bytes[before + common] === bytes[from + common]) common++;
      }
      if (form === Form.text) {
        this.#text.range(bytes, from + common, from + length);
        this.#rest[i] = length - common;
      } else {
        common = form === Form.uuid ? uuidBytes(common) : common >>> 1;
        const payloadBytes = form === Form.uuid ? UUID_BYTES : length / 2;
        const at = from + (form === Form.uuid ? uuidPlace(common) : 2 * common);
        this.#rest[i] = payloadBytes - common;
        writeBinary(this.#binary, payloadBytes - common, bytes, at);
      }
      this.#forms[i] = form;
      this.#shared[i] = common;
    }
  }
}

/** Whole bytes that the first `count` characters of a uuid spell; dashes are at 8, 13, 18 and 23. */
function uuidBytes(count: number): number {
  const dashes = (count > 8 ? 1 : 0) + (count > 13 ? 1 : 0) + (count > 18 ? 1 : 0) + (count > 23 ? 1 : 0);
  return (count - dashes) >>> 1;
}

/** Where in a uuid byte `byte` is spelled; for a byte after a dash, the dash. */
function uuidPlace(byte: number): number {
  return 2 * byte + (byte > 4 ? 1 : 0) + (byte > 6 ? 1 : 0) + (byte > 8 ? 1 : 0) + (byte > 10 ? 1 : 0);
}

/** The strings of a page, back to back. */
export class DictionaryPage {
  readonly packed: Uint8Array;
  /** string i is bytes [offset[i], offset[i + 1]) of `packed` */
  readonly offset: Uint32Array;

  private constructor(packed: Uint8Array, offset: Uint32Array) {
    this.packed = packed;
    this.offset = offset;
  }

  /** @throws {CorruptionError} from `input`; `count` is what the footer says */
  static decode(input: ByteReader, count: number): DictionaryPage {
    if (input.varint() !== count) input.fail('the page holds another number of strings than the footer says');
    const forms = decodeWords(input, count);
    const shared = decodeWords(input, count);
    const rest = decodeWords(input, count);
    const offset = offsetsOf(input, forms, shared, rest);
    const text = decodeBytes(input);
    const binary = decodeBytes(input);
    const bytes = new Uint8Array(offset[count]);
    /** per form, the string before: where it begins, and how long its payload is */
    const before = new Uint32Array(3);
    const payloadBytes = new Uint32Array(3);
    let textAt = 0;
    let binaryAt = 0;
    for (let i = 0; i < count; i++) {
      const form = forms[i];
      const at = offset[i];
      if (
        shared[i] > payloadBytes[form] ||
        rest[i] > (form === Form.text ? text.length - textAt : binary.length - binaryAt)
      )
        input.fail('a string is longer than its page');
      const common = form === Form.text ? shared[i] : form === Form.hex ? 2 * shared[i] : uuidPlace(shared[i]);
      for (let k = 0; k < common; k++) bytes[at + k] = bytes[before[form] + k]!;
      if (form === Form.text) for (let k = 0; k < rest[i]; k++) bytes[at + common + k] = text[textAt++]!;
      else {
        writeHex(bytes, at, shared[i], binary, binaryAt, rest[i], form === Form.uuid);
        binaryAt += rest[i];
      }
      before[form] = at;
      payloadBytes[form] = shared[i] + rest[i];
    }
    return new DictionaryPage(bytes, offset);
  }

  get count(): number {
    return this.offset.length - 1;
  }
  get sizeBytes(): number {
    return this.packed.length + this.offset.byteLength;
  }

  /** A view into the page. */
  bytes(index: number): Uint8Array {
    return this.packed.subarray(this.offset[index], this.offset[index + 1]);
  }

  /** Position of a string in the page, or −1. */
  indexOf(string: Uint8Array): number {
    let low = 0;
    let high = this.count - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const order = Buffer.compare(this.bytes(middle), string);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}

function offsetsOf(input: ByteReader, forms: Uint32Array, shared: Uint32Array, rest: Uint32Array): Uint32Array {
  const offset = new Uint32Array(forms.length + 1);
  for (let i = 0; i < forms.length; i++) {
    const payload = shared[i] + rest[i];
    const form = forms[i];
    if (form > Form.uuid || (form === Form.uuid && payload !== UUID_BYTES))
      input.fail(`a string of unknown form ${form}`);
    const length = form === Form.text ? payload : form === Form.hex ? 2 * payload : 36;
    if (offset[i] + length > PAYLOAD_BYTES_MAX) input.fail('a page is larger than any that is written');
    offset[i + 1] = offset[i] + length;
  }
  return offset;
}

function encodeBytes(out: ByteWriter, bytes: Uint8Array): void {
  const zstd = compressed(bytes, 3);
  out.varint(bytes.length);
  out.varint((zstd ?? bytes).length * 2 + (zstd ? 1 : 0));
  out.bytes(zstd ?? bytes);
}

function decodeBytes(input: ByteReader): Uint8Array {
  const length = input.varint();
  const stored = input.varint();
  const bytes = input.bytes(Math.floor(stored / 2));
  if (stored % 2 === 0) return bytes.length === length ? bytes : input.fail('bytes of another length than stated');
  return decompressed(bytes, length) ?? input.fail('the strings of a page do not decompress');
}

/** Value of a lower-case hex digit, 255 for any other byte. */
const DIGIT = Uint8Array.from({ length: 256 }, (_, byte) => {
  const at = '0123456789abcdef'.indexOf(String.fromCharCode(byte));
  return at < 0 ? 255 : at;
});
const HEX = new TextEncoder().encode('0123456789abcdef');
const DASH = 0x2d;

function formOf(bytes: Uint8Array, from: number, length: number): number {
  if (length < 8 || DIGIT[bytes[from]] === 255 || DIGIT[bytes[from + 7]] === 255) return Form.text;
  const isUuid = length === 36 && bytes[from + 8] === DASH;
  if (!isUuid && length % 2 === 1) return Form.text;
  for (let i = 0; i < length; i++) {
    if (isUuid && (i === 8 || i === 13 || i === 18 || i === 23)) {
      if (bytes[from + i] !== DASH) return Form.text;
    } else if (DIGIT[bytes[from + i]] === 255) return Form.text;
  }
  return isUuid ? Form.uuid : Form.hex;
}

/** Appends `count` bytes spelled from `from` on, two digits each; the dashes of a uuid fall between bytes. */
function writeBinary(out: ByteWriter, count: number, text: Uint8Array, from: number): void {
  for (let i = 0, at = from; i < count; i++, at += 2) {
    if (text[at] === DASH) at++;
    out.u8((DIGIT[text[at]] << 4) | DIGIT[text[at + 1]]);
  }
}

/** Spells bytes `shared` … `shared + count − 1` of the payload of a string that begins at `start`. */
function writeHex(
  target: Uint8Array,
  start: number,
  shared: number,
  payload: Uint8Array,
  from: number,
  count: number,
  isUuid: boolean,
): void {
  let to = start + (isUuid ? uuidPlace(shared) : 2 * shared);
  for (let i = 0; i < count; i++) {
    const byte = shared + i;
    if (isUuid && (byte === 4 || byte === 6 || byte === 8 || byte === 10)) target[to++] = DASH;
    target[to++] = HEX[payload[from + i] >>> 4]!;
    target[to++] = HEX[payload[from + i] & 15]!;
  }
}
