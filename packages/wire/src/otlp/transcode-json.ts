import { type ErrorCode, ProtobufReader, ProtobufWriter, WireError, limits } from '@spoor/model';
import { jsonPathAt } from '../json/json-path.ts';
import { CLOSE_ARRAY, CLOSE_OBJECT, type JsonKind, JsonReader } from '../json/json-reader.ts';
import { type JsonField, type JsonMessage, exportTraceServiceRequest } from './otlp-json-schema.ts';

const TWO_32 = 2 ** 32;

/**
 * Rewrites an OTLP/JSON `ExportTraceServiceRequest` as protobuf. JSON takes this one detour so that there is one
 * decoder to trust, to bound and to replay; bytes go to bytes without objects, strings or rounding in between.
 *
 * Keys are lowerCamelCase; ids hex of either case; enums numbers or names; 64-bit integers strings or numbers; doubles
 * also `"NaN"`, `"Infinity"`, `"-Infinity"`; bytes base64. Unknown keys are skipped, `null` is unset, the last of a
 * repeated key wins.
 *
 * @throws {WireError} `WIRE_TRUNCATED`, `WIRE_MALFORMED`, `WIRE_LIMIT`, with the path and byte offset
 * Source: OTLP specification 1.11, "JSON Protobuf Encoding".
 */
export function transcodeJsonToProtobuf(body: Uint8Array): Uint8Array {
  try {
    return new JsonTranscoder(body).run();
  } catch (error) {
    if (!(error instanceof WireError) || error.offset < 0) throw error;
    const path = jsonPathAt(body, error.offset);
    const text = error.message.replace(/ \(byte \d+\)$/, '');
    throw new WireError(error.code as WireCode, path === '' ? text : `${path}: ${text}`, error.offset, {
      cause: error,
    });
  }
}

type WireCode = Extract<ErrorCode, `WIRE_${string}`>;

class JsonTranscoder {
  readonly #reader: JsonReader;
  readonly #writer: ProtobufWriter;
  #repeatedKeys = 0;
  /** arrays and lists around the value being read */
  #valueDepth = 0;
  // Magnitude and sign of the last integer read.
  #low = 0;
  #high = 0;
  #isNegative = false;

  constructor(body: Uint8Array) {
    this.#reader = new JsonReader(body);
    // Protobuf takes a third to a half of the JSON text.
    this.#writer = new ProtobufWriter(Math.max(256, body.length >>> 1));
  }

  run(): Uint8Array {
    const reader = this.#reader;
    if (reader.kind() !== 'object')
      throw new WireError('WIRE_MALFORMED', 'the body is not a JSON object', reader.position);
    this.#message(exportTraceServiceRequest);
    reader.end();
    return this.#writer.view();
  }

  #message(fields: JsonMessage): void {
    const reader = this.#reader;
    const bodyStart = this.#writer.length;
    let seen = 0;
    let next = 0;
    reader.open();
    for (let isFirst = true; reader.more(isFirst, CLOSE_OBJECT); isFirst = false) {
      reader.key();
      const index = this.#findField(fields, next);
      if (index < 0) {
        reader.skip();
        continue;
      }
      const field = fields[index];
      const bit = 1 << field.number;
      if ((seen & bit) !== 0) this.#forget(bodyStart, field.number);
      seen |= bit;
      next = index + 1;
      this.#field(field);
    }
  }

  /** Index of the field with the key just read, −1 without one. Keys mostly come in order, so `next` is tried first. */
  #findField(fields: JsonMessage, next: number): number {
    const { bytes, textStart, textEnd, textIsEscaped } = this.#reader;
    if (textIsEscaped) {
      const name = this.#reader.textBytes();
      return fields.findIndex((field) => equals(field.name, name, 0, name.length));
    }
    for (let i = next; i < fields.length; i++) if (equals(fields[i].name, bytes, textStart, textEnd)) return i;
    for (let i = 0; i < next; i++) if (equals(fields[i].name, bytes, textStart, textEnd)) return i;
    return -1;
  }

  /** Takes back what an earlier occurrence of the key wrote. */
  #forget(bodyStart: number, fieldNumber: number): void {
    const writer = this.#writer;
    if (++this.#repeatedKeys > limits.jsonRepeatedKeysMax) {
      throw new WireError(
        'WIRE_LIMIT',
        `more than ${limits.jsonRepeatedKeysMax} keys are given twice`,
        this.#reader.position,
      );
    }
    const body = writer.view().slice(bodyStart);
    writer.truncate(bodyStart);
    const written = new ProtobufReader(body);
    while (written.position < body.length) {
      const start = written.position;
      const tag = written.tag(body.length);
      written.skip(tag, body.length);
      if (tag >>> 3 !== fieldNumber) writer.raw(body.subarray(start, written.position));
    }
  }

  #field(field: JsonField): void {
    const reader = this.#reader;
    const kind = reader.kind();
    if (kind === 'null') return reader.literal('null');
    if (!field.isRepeated) return this.#value(field, kind);
    if (kind !== 'array') throw this.#wrongKind(kind, 'an array');
    reader.open();
    for (let isFirst = true; reader.more(isFirst, CLOSE_ARRAY); isFirst = false) {
      const elementKind = reader.kind();
      if (elementKind === 'null' && field.kind === 'message') {
        // An element cannot be unset; an empty message keeps the places of the others.
        reader.literal('null');
        this.#writer.end(this.#writer.begin(field.number));
      } else this.#value(field, elementKind);
    }
  }

  #value(field: JsonField, kind: JsonKind): void {
    const writer = this.#writer;
    const { number } = field;
    switch (field.kind) {
      case 'message':
        return this.#messageField(field, kind);
      case 'string':
        return this.#textField(number, kind);
      case 'id':
        return this.#id(number, kind);
      case 'bytes':
        return this.#base64(number, kind);
      case 'bool':
        if (kind !== 'true' && kind !== 'false') throw this.#wrongKind(kind, 'true or false');
        this.#reader.literal(kind);
        return writer.varintField(number, kind === 'true' ? 1 : 0);
      case 'double':
        return writer.doubleField(number, this.#double(kind));
      case 'int64':
        this.#integer(kind, true, 64);
        return writer.varintWordsField(number, this.#low, this.#high);
      case 'fixed64':
        this.#integer(kind, false, 64);
        return writer.fixed64WordsField(number, this.#low, this.#high);
      case 'uint32':
        this.#integer(kind, false, 32);
        return writer.varintField(number, this.#low);
      case 'fixed32':
        this.#integer(kind, false, 32);
        return writer.fixed32Field(number, this.#low);
      case 'enum':
        return this.#enum(field, kind);
    }
  }

  #messageField(field: JsonField, kind: JsonKind): void {
    if (kind !== 'object') throw this.#wrongKind(kind, 'an object');
    if (field.isNesting && ++this.#valueDepth > limits.attributeDepthMax) {
      throw new WireError('WIRE_LIMIT', `a value nests deeper than ${limits.attributeDepthMax}`, this.#reader.position);
    }
    const start = this.#writer.begin(field.number);
    this.#message(field.message!());
    this.#writer.end(start);
    if (field.isNesting) this.#valueDepth--;
  }

  #enum(field: JsonField, kind: JsonKind): void {
    if (kind === 'string') {
      const start = this.#reader.position;
      this.#reader.string();
      const number = field.names![this.#reader.text()];
      if (number === undefined) throw new WireError('WIRE_MALFORMED', 'an unknown name of an enum', start);
      return this.#writer.varintField(field.number, number);
    }
    this.#integer(kind, true, 32);
    this.#writer.varintWordsField(field.number, this.#low, this.#high);
  }

  #string(kind: JsonKind, wanted: string): void {
    if (kind !== 'string') throw this.#wrongKind(kind, wanted);
    this.#reader.string();
  }

  #textField(number: number, kind: JsonKind): void {
    const reader = this.#reader;
    this.#string(kind, 'a string');
    if (reader.textIsEscaped) this.#writer.bytesField(number, reader.textBytes());
    else this.#writer.bytesRangeField(number, reader.bytes, reader.textStart, reader.textEnd);
  }

  /** Hex of either case. */
  #id(number: number, kind: JsonKind): void {
    const start = this.#reader.position;
    this.#string(kind, 'an id as hex digits');
    const text = this.#reader.textBytes();
    const id = new Uint8Array(text.length >>> 1);
    let isHex = text.length % 2 === 0;
    for (let i = 0; i < id.length && isHex; i++) {
      const digit = (HEX_DIGITS[text[2 * i]] << 4) | HEX_DIGITS[text[2 * i + 1]];
      isHex = digit >= 0;
      id[i] = digit;
    }
    if (!isHex) throw new WireError('WIRE_MALFORMED', 'an id is not hex; OTLP/JSON has no base64 ids', start);
    this.#writer.bytesField(number, id);
  }

  /** The standard or the URL-safe alphabet, with or without padding. */
  #base64(number: number, kind: JsonKind): void {
    const start = this.#reader.position;
    this.#string(kind, 'base64');
    const text = this.#reader.text();
    if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text) || text.replaceAll('=', '').length % 4 === 1) {
      throw new WireError('WIRE_MALFORMED', 'bytes are not base64', start);
    }
    this.#writer.bytesField(number, Buffer.from(text, 'base64'));
  }

  #double(kind: JsonKind): number {
    const reader = this.#reader;
    const start = reader.position;
    if (kind === 'string') reader.string();
    else if (kind === 'number') reader.number();
    else throw this.#wrongKind(kind, 'a number');
    const text = reader.text();
    if (kind === 'string' && NON_FINITE.has(text)) return Number(text);
    const value = Number(text);
    if (text.trim() !== text || text === '' || !Number.isFinite(value)) {
      throw new WireError('WIRE_MALFORMED', 'not a double', start);
    }
    return value;
  }

  /**
   * Reads an integer, as a number or a string of digits, without rounding, into two's complement halves.
   * `1e3` and `1.0` are integers too, where a `number` holds them exactly.
   */
  #integer(kind: JsonKind, isSigned: boolean, bits: 32 | 64): void {
    const reader = this.#reader;
    const start = reader.position;
    if (kind === 'number') reader.number();
    else if (kind === 'string') reader.string();
    else throw this.#wrongKind(kind, 'an integer');
    if (!this.#digits(reader.textBytes()) && !this.#exactNumber(reader.text())) {
      throw new WireError('WIRE_MALFORMED', 'not an integer of 64 bits', start);
    }
    if (!this.#fits(isSigned, bits)) throw new WireError('WIRE_MALFORMED', 'an integer out of range', start);
    if (this.#isNegative) this.#negate();
  }

  /** False when the text is not an optional minus and digits, or has more than 64 bits. */
  #digits(text: Uint8Array): boolean {
    this.#isNegative = text[0] === 0x2d;
    let low = 0;
    let high = 0;
    const first = this.#isNegative ? 1 : 0;
    for (let i = first; i < text.length; i++) {
      const digit = text[i] - 0x30;
      if (digit < 0 || digit > 9) return false;
      low = low * 10 + digit;
      const carry = Math.floor(low / TWO_32);
      low -= carry * TWO_32;
      high = high * 10 + carry;
      if (high >= TWO_32) return false;
    }
    this.#low = low;
    this.#high = high;
    return text.length > first;
  }

  #exactNumber(text: string): boolean {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value)) return false;
    const magnitude = Math.abs(value);
    this.#isNegative = value < 0;
    this.#high = Math.floor(magnitude / TWO_32);
    this.#low = magnitude - this.#high * TWO_32;
    return true;
  }

  #fits(isSigned: boolean, bits: 32 | 64): boolean {
    const top = bits === 64 ? this.#high : this.#low;
    const rest = bits === 64 ? this.#low : 0;
    if (bits === 32 && this.#high !== 0) return false;
    if (!isSigned) return !this.#isNegative || (top === 0 && rest === 0);
    return top < 0x8000_0000 || (this.#isNegative && top === 0x8000_0000 && rest === 0);
  }

  #negate(): void {
    this.#low = -this.#low >>> 0;
    this.#high = (~this.#high + (this.#low === 0 ? 1 : 0)) >>> 0;
  }

  #wrongKind(kind: JsonKind, wanted: string): WireError {
    return new WireError('WIRE_MALFORMED', `not ${wanted} but ${kind}`, this.#reader.position);
  }
}

const NON_FINITE = new Set(['NaN', 'Infinity', '-Infinity']);

/** Value of a hex digit by its character code; −1 for any other byte. */
const HEX_DIGITS = Int8Array.from({ length: 256 }, (_, code) =>
  '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase()),
);

function equals(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false;
  return true;
}
