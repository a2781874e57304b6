import { WireError } from '@spoor/model';
import { CLOSE_ARRAY, CLOSE_OBJECT, type JsonKind, JsonReader } from '../json/json-reader.ts';
import type { ZipkinEndpoint } from './zipkin-span.ts';
import { KnownWords } from '../known-words.ts';

const BACKSLASH = 0x5c;
const TWO_32 = 2 ** 32;
const endpointKeys = new KnownWords(['serviceName', 'ipv4', 'ipv6', 'port']);

/**
 * Values as Zipkin's JSON has them, as ranges of one byte array. A text without its escapes is never longer than with
 * them, so it is written over itself: in a copy of the body, made only when there is a backslash in it.
 */
export class ZipkinJsonReader {
  readonly json: JsonReader;
  readonly bytes: Uint8Array;
  /** the text last read by {@link text} or {@link scalarText}: `bytes[textStart, textEnd)` */
  textStart = 0;
  textEnd = 0;
  /** unsigned halves of the last {@link integer}, in two's complement */
  low = 0;
  high = 0;
  /** the id last read by {@link id}, as words from the right */
  readonly words = [0, 0, 0, 0];

  constructor(body: Uint8Array) {
    // Not `slice`, which on a Buffer is a view.
    const hasEscape = Buffer.from(body.buffer, body.byteOffset, body.length).includes(BACKSLASH);
    this.bytes = hasEscape ? new Uint8Array(body) : body;
    this.json = new JsonReader(this.bytes);
  }

  /** Opens an array or object, if the next value is one; `null` is an empty one. */
  openIf(kind: 'array' | 'object'): boolean {
    const found = this.json.kind();
    if (found === 'null') {
      this.json.literal('null');
      return false;
    }
    if (found !== kind) throw this.wrong(found, `an ${kind}`);
    this.json.open();
    return true;
  }

  /** Reads a string; `null` is an empty one. */
  text(): void {
    const kind = this.json.kind();
    if (kind === 'null') {
      this.json.literal('null');
      this.textStart = this.textEnd = 0;
    } else if (kind === 'string') this.#string();
    else throw this.wrong(kind, 'a string');
  }

  /** Reads a string, number or boolean by its text; of anything else, the JSON text. */
  scalarText(): void {
    const kind = this.json.kind();
    if (kind === 'string') return this.#string();
    this.textStart = this.json.position;
    this.json.skip();
    this.textEnd = kind === 'null' ? this.textStart : this.json.position;
  }

  bool(): boolean {
    const kind = this.json.kind();
    if (kind !== 'true' && kind !== 'false' && kind !== 'null') throw this.wrong(kind, 'a boolean');
    this.json.literal(kind);
    return kind === 'true';
  }

  /** Reads an integer, as a number or a string of digits, into {@link low} and {@link high}; `null` is 0. */
  integer(): void {
    const { json } = this;
    const kind = json.kind();
    const start = json.position;
    this.low = this.high = 0;
    if (kind === 'null') return json.literal('null');
    if (kind === 'number') json.number();
    else if (kind === 'string') json.string();
    else throw this.wrong(kind, 'an integer');
    this.#takeText();
    if (!this.#digits(this.textStart, this.textEnd)) this.#number(this.#decoded(), start);
  }

  /**
   * Reads an id of 1 to `digitsMax` hex digits into {@link words}; what is missing on the left is zeros.
   *
   * @returns false for `null`
   */
  id(digitsMax: 16 | 32): boolean {
    const { json, words, bytes } = this;
    const kind = json.kind();
    if (kind === 'null') {
      json.literal('null');
      return false;
    }
    if (kind !== 'string') throw this.wrong(kind, 'an id of hex digits');
    this.#string();
    const { textStart, textEnd } = this;
    const digits = textEnd - textStart;
    if (digits === 0 || digits > digitsMax) {
      throw new WireError('WIRE_MALFORMED', `an id of ${digits} digits in the place of ${digitsMax}`, textStart);
    }
    words[0] = words[1] = words[2] = words[3] = 0;
    for (let i = textStart; i < textEnd; i++) {
      const digit = hexDigit(bytes[i]);
      if (digit < 0) throw new WireError('WIRE_MALFORMED', 'an id is not hex digits', textStart);
      const word = 3 - ((textEnd - 1 - i) >>> 3);
      words[word] = ((words[word] << 4) | digit) >>> 0;
    }
    return true;
  }

  /** Reads an `Endpoint` object. */
  endpoint(endpoint: ZipkinEndpoint): void {
    const { json } = this;
    endpoint.clear();
    if (!this.openIf('object')) return;
    endpoint.isPresent = true;
    for (let isFirst = true; json.more(isFirst, CLOSE_OBJECT); isFirst = false) {
      switch (this.key(endpointKeys)) {
        case 'serviceName':
          this.text();
          endpoint.serviceStart = this.textStart;
          endpoint.serviceEnd = this.textEnd;
          break;
        case 'ipv4':
          this.text();
          endpoint.ipv4Form = this.textStart === this.textEnd ? 'none' : 'text';
          endpoint.ipv4Start = this.textStart;
          endpoint.ipv4End = this.textEnd;
          break;
        case 'ipv6':
          this.text();
          endpoint.ipv6Form = this.textStart === this.textEnd ? 'none' : 'text';
          endpoint.ipv6Start = this.textStart;
          endpoint.ipv6End = this.textEnd;
          break;
        case 'port':
          this.integer();
          endpoint.port = this.high === 0 && this.low <= 0xffff ? this.low : 0;
          break;
        default:
          json.skip();
      }
    }
  }

  /** Reads a key. @returns which of `words` it is */
  key<W extends string>(words: KnownWords<W>): W | undefined {
    this.anyKey();
    return words.find(this.bytes, this.textStart, this.textEnd);
  }

  /** Reads a key of any text into {@link textStart} and {@link textEnd}. */
  anyKey(): void {
    this.json.key();
    this.#takeText();
  }

  wrong(kind: JsonKind, wanted: string): WireError {
    return new WireError('WIRE_MALFORMED', `not ${wanted} but ${kind}`, this.json.position);
  }

  #string(): void {
    this.json.string();
    this.#takeText();
  }

  #takeText(): void {
    const { json } = this;
    this.textStart = json.textStart;
    this.textEnd = json.textEnd;
    if (!json.textIsEscaped) return;
    const text = json.textBytes();
    this.bytes.set(text, this.textStart);
    this.textEnd = this.textStart + text.length;
  }

  #decoded(): string {
    return new TextDecoder().decode(this.bytes.subarray(this.textStart, this.textEnd));
  }

  /** False when the text is not an optional minus and digits of at most 63 bits. */
  #digits(start: number, end: number): boolean {
    const { bytes } = this;
    const isMinus = bytes[start] === 0x2d;
    const first = isMinus ? start + 1 : start;
    let low = 0;
    let high = 0;
    for (let i = first; i < end; i++) {
      const digit = bytes[i] - 0x30;
      if (digit < 0 || digit > 9) return false;
      low = low * 10 + digit;
      const carry = Math.floor(low / TWO_32);
      low -= carry * TWO_32;
      high = high * 10 + carry;
      if (high >= 0x8000_0000) return false;
    }
    this.low = low;
    this.high = high;
    if (isMinus && (low | high) !== 0) {
      this.low = -low >>> 0;
      this.high = (~high + (this.low === 0 ? 1 : 0)) >>> 0;
    }
    return end > first;
  }

  /** `1.5e15` is an integer too, where a number holds it exactly. */
  #number(text: string, offset: number): void {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value)) {
      throw new WireError('WIRE_MALFORMED', 'not an integer of 64 bits', offset);
    }
    const word = BigInt.asUintN(64, BigInt(value));
    this.low = Number(word & 0xffff_ffffn);
    this.high = Number(word >> 32n);
  }
}

/** Steps into a JSON array of objects, one at a time. */
export class JsonObjectList {
  readonly #reader: ZipkinJsonReader;
  #isFirst = true;
  #isOpen: boolean;

  constructor(reader: ZipkinJsonReader) {
    this.#reader = reader;
    const kind = reader.json.kind();
    if (kind !== 'array') throw reader.wrong(kind, 'an array of spans');
    reader.json.open();
    this.#isOpen = true;
  }

  /** Opens the next object; false after the last, when the text must end too. */
  next(): boolean {
    const { json } = this.#reader;
    if (!this.#isOpen) return false;
    if (json.more(this.#isFirst, CLOSE_ARRAY)) {
      this.#isFirst = false;
      const kind = json.kind();
      if (kind !== 'object') throw this.#reader.wrong(kind, 'a span');
      json.open();
      return true;
    }
    this.#isOpen = false;
    json.end();
    return false;
  }
}

/** −1 for what is not a hex digit. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
