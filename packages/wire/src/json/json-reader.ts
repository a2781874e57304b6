import { WireError, limits } from '@spoor/model';
import { unescapeText } from './unescape-text.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const ZERO = 0x30;

/** A JSON value by its first byte. */
export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null';

/**
 * A pull tokenizer over the bytes of a JSON text. It exists because `JSON.parse` rounds 64-bit integers, cannot be
 * bounded in depth, says no position in its errors and makes an object of every attribute; and because a text without
 * escapes can be copied as bytes without becoming a string.
 *
 * @throws {WireError} from every method, with the byte offset: `WIRE_TRUNCATED` when the text ends early,
 * `WIRE_MALFORMED` when it is not JSON.
 * Source: RFC 8259.
 */
export class JsonReader {
  readonly bytes: Uint8Array;
  position = 0;
  /** the text last read by {@link string}: `bytes[textStart, textEnd)`, still escaped when {@link textIsEscaped} */
  textStart = 0;
  textEnd = 0;
  textIsEscaped = false;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Kind of the next value; nothing is consumed but white space. */
  kind(): JsonKind {
    const byte = this.#peek();
    switch (byte) {
      case 0x7b:
        return 'object';
      case 0x5b:
        return 'array';
      case QUOTE:
        return 'string';
      case 0x74:
        return 'true';
      case 0x66:
        return 'false';
      case 0x6e:
        return 'null';
      default:
        if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) return 'number';
        throw this.#unexpected('a value');
    }
  }

  /** Consumes `{` or `[`. */
  open(): void {
    this.position++;
  }

  /** True when another member or element follows; consumes the comma, or the closing bracket `close`. */
  more(isFirst: boolean, close: number): boolean {
    const byte = this.#peek();
    if (byte === close) {
      this.position++;
      return false;
    }
    if (isFirst) return true;
    if (byte !== COMMA) throw this.#unexpected(`"," or "${String.fromCharCode(close)}"`);
    this.position++;
    if (this.#peek() === close) throw this.#unexpected('something after the comma');
    return true;
  }

  /** Reads a member's key and its colon. */
  key(): void {
    if (this.#peek() !== QUOTE) throw this.#unexpected('a key');
    this.string();
    if (this.#peek() !== COLON) throw this.#unexpected('":"');
    this.position++;
  }

  /** Reads a string from its opening quote; sets {@link textStart} and its neighbours. */
  string(): void {
    const { bytes } = this;
    const start = ++this.position;
    let isEscaped = false;
    for (let i = start; i < bytes.length; i++) {
      const byte = bytes[i];
      if (byte === QUOTE) {
        this.textStart = start;
        this.textEnd = i;
        this.textIsEscaped = isEscaped;
        this.position = i + 1;
        return;
      }
      if (byte === BACKSLASH) {
        isEscaped = true;
        i++;
      } else if (byte < 0x20) throw new WireError('WIRE_MALFORMED', 'a control character in a string', i);
    }
    throw new WireError('WIRE_TRUNCATED', 'a string has no end', start - 1);
  }

  /** Reads a number as text, since only the caller knows what it must hold exactly. Sets {@link textStart}, {@link textEnd}. */
  number(): void {
    const start = this.position;
    let at = start;
    if (this.bytes[at] === MINUS) at++;
    const integer = at;
    at = this.#digits(at);
    if (this.bytes[integer] === ZERO && at > integer + 1)
      throw new WireError('WIRE_MALFORMED', 'a number begins with 0', start);
    if (this.bytes[at] === 0x2e) at = this.#digits(at + 1);
    if ((this.bytes[at] | 0x20) === 0x65) {
      const sign = this.bytes[at + 1];
      at = this.#digits(sign === MINUS || sign === 0x2b ? at + 2 : at + 1);
    }
    this.textStart = start;
    this.textEnd = at;
    this.textIsEscaped = false;
    this.position = at;
  }

  /** Consumes `true`, `false` or `null`. */
  literal(word: 'true' | 'false' | 'null'): void {
    for (let i = 0; i < word.length; i++) {
      if (this.bytes[this.position + i] !== word.charCodeAt(i)) throw this.#unexpected(word);
    }
    this.position += word.length;
  }

  /** Skips a value of any kind, with a stack instead of recursion. */
  skip(): void {
    const closers: number[] = [];
    let isFirst = true;
    for (;;) {
      const close = closers.at(-1);
      if (close !== undefined) {
        if (!this.more(isFirst, close)) {
          closers.pop();
          if (closers.length === 0) return;
          isFirst = false;
          continue;
        }
        isFirst = false;
        if (close === CLOSE_OBJECT) this.key();
      }
      const kind = this.kind();
      if (kind === 'object' || kind === 'array') {
        if (closers.length >= limits.jsonDepthMax) throw this.#tooDeep();
        this.open();
        closers.push(kind === 'object' ? CLOSE_OBJECT : CLOSE_ARRAY);
        isFirst = true;
        continue;
      }
      if (kind === 'string') this.string();
      else if (kind === 'number') this.number();
      else this.literal(kind);
      if (closers.length === 0) return;
    }
  }

  /** The text of the last {@link string} as UTF-8 without escapes; a view when it had none. */
  textBytes(): Uint8Array {
    const text = this.bytes.subarray(this.textStart, this.textEnd);
    return this.textIsEscaped ? unescapeText(text, this.textStart) : text;
  }

  /** The text of the last {@link string} or {@link number}. */
  text(): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.textBytes());
  }

  /** @throws {WireError} when anything but white space is left */
  end(): void {
    this.#skipWhiteSpace();
    if (this.position < this.bytes.length) throw this.#unexpected('the end');
  }

  #tooDeep(): WireError {
    return new WireError('WIRE_LIMIT', `values nest deeper than ${limits.jsonDepthMax}`, this.position);
  }

  /** Offset after the digits at `from`, of which there must be one. */
  #digits(from: number): number {
    let at = from;
    while (this.bytes[at] >= ZERO && this.bytes[at] <= 0x39) at++;
    if (at > from) return at;
    const code = at < this.bytes.length ? 'WIRE_MALFORMED' : 'WIRE_TRUNCATED';
    throw new WireError(code, 'a number has no digits here', at);
  }

  #peek(): number {
    let byte = this.bytes[this.position];
    if (byte <= 0x20) {
      this.#skipWhiteSpace();
      byte = this.bytes[this.position];
    }
    if (byte === undefined) throw new WireError('WIRE_TRUNCATED', 'the JSON text ends early', this.position);
    return byte;
  }

  #skipWhiteSpace(): void {
    const { bytes } = this;
    let { position } = this;
    while (position < bytes.length) {
      const byte = bytes[position];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
      position++;
    }
    this.position = position;
  }

  #unexpected(wanted: string): WireError {
    return new WireError('WIRE_MALFORMED', `the JSON text should have ${wanted} here`, this.position);
  }
}

export const CLOSE_OBJECT = 0x7d;
export const CLOSE_ARRAY = 0x5d;
