import type { Attribute } from '@spoor/model';
import { attributeJson, doubleJson } from '../otlp/encode-traces-json.ts';
import { fieldValue, isDefault, type Field, type FieldType, type Schema, type SchemaOf } from './message-schema.ts';

/** Characters of a piece, more or less. */
const PIECE_LENGTH = 1 << 16;

/**
 * A message as Tempo writes JSON: 64-bit integers as strings, enums by name, defaults and empty lists left out, a
 * message that is there but empty as `{}`. In pieces, so that who writes a long one can do something else in between.
 *
 * @param list  the field that may be long
 */
export function* tempoJsonPieces<T extends object>(
  schema: SchemaOf<T>,
  message: T,
  list: keyof T & string,
): Generator<Uint8Array, void> {
  const texts = new PieceBuilder();
  let separator = '{';
  for (const name in schema) {
    const value = fieldValue(message, name);
    if (isLeftOut(schema[name], value)) continue;
    texts.push(`${separator}"${name}":`);
    separator = ',';
    if (name === list) yield* listPieces(texts, schema[name].type, value as readonly unknown[]);
    else pushField(texts, schema[name], value);
  }
  texts.push(separator === '{' ? '{}' : '}');
  yield texts.take();
}

function* listPieces(texts: PieceBuilder, type: Field['type'], list: readonly unknown[]): Generator<Uint8Array, void> {
  let separator = '[';
  for (const each of list) {
    texts.push(separator);
    separator = ',';
    pushValue(texts, type, each);
    if (texts.length >= PIECE_LENGTH) yield texts.take();
  }
  texts.push(']');
}

/** UTF-8 of what was pushed since the last time. */
class PieceBuilder {
  readonly #encoder = new TextEncoder();
  #texts: string[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(text: string): void {
    this.#texts.push(text);
    this.#length += text.length;
  }

  take(): Uint8Array {
    const bytes = this.#encoder.encode(this.#texts.join(''));
    this.#texts = [];
    this.#length = 0;
    return bytes;
  }
}

function pushMessage(texts: PieceBuilder, schema: Schema, message: object): void {
  let separator = '{';
  for (const name in schema) {
    const field = schema[name];
    const value = fieldValue(message, name);
    if (isLeftOut(field, value)) continue;
    texts.push(`${separator}"${name}":`);
    separator = ',';
    pushField(texts, field, value);
  }
  texts.push(separator === '{' ? '{}' : '}');
}

function isLeftOut({ type, form }: Field, value: unknown): boolean {
  if (value === undefined) return true;
  if (form === 'repeated') return (value as readonly unknown[]).length === 0;
  return form === 'map' ? Object.keys(value as object).length === 0 : isDefault(type, value);
}

function pushField(texts: PieceBuilder, { type, form }: Field, value: unknown): void {
  if (form === 'one') return pushValue(texts, type, value);
  if (form === 'repeated') {
    let separator = '[';
    for (const each of value as readonly unknown[]) {
      texts.push(separator);
      separator = ',';
      pushValue(texts, type, each);
    }
    return texts.push(']');
  }
  let separator = '{';
  for (const [key, each] of Object.entries(value as object).sort(([a], [b]) => (a < b ? -1 : 1))) {
    texts.push(`${separator}${JSON.stringify(key)}:`);
    separator = ',';
    pushValue(texts, type, each);
  }
  texts.push('}');
}

function pushValue(texts: PieceBuilder, type: FieldType | Schema, value: unknown): void {
  switch (type) {
    case 'uint64':
    case 'int64':
      return texts.push(`"${String(value)}"`);
    case 'double':
      return texts.push(doubleJson(value as number));
    case 'keyValue':
      return texts.push(attributeJson(value as Attribute));
    case 'string':
    case 'bool':
    case 'uint32':
    case 'partialStatus':
      return texts.push(JSON.stringify(value));
    default:
      return pushMessage(texts, type, value as object);
  }
}
