import type { Attribute } from '@spoor/model';
import { attributeJson, doubleJson } from '../otlp/encode-traces-json.ts';
import { TextChunks } from '../otlp/text-chunks.ts';
import { fieldValue, isDefault, type Field, type FieldType, type Schema, type SchemaOf } from './message-schema.ts';

/**
 * A message as Tempo writes JSON: 64-bit integers as strings, enums by name, defaults and empty lists left out, a
 * message that is there but empty as `{}`.
 */
export function tempoJson<T extends object>(schema: SchemaOf<T>, message: T): Uint8Array {
  const chunks = new TextChunks();
  pushMessage(chunks, schema, message);
  return chunks.finish();
}

function pushMessage(chunks: TextChunks, schema: Schema, message: object): void {
  let separator = '{';
  for (const name in schema) {
    const field = schema[name];
    const value = fieldValue(message, name);
    if (isLeftOut(field, value)) continue;
    chunks.push(`${separator}"${name}":`);
    separator = ',';
    pushField(chunks, field, value);
  }
  chunks.push(separator === '{' ? '{}' : '}');
}

function isLeftOut({ type, form }: Field, value: unknown): boolean {
  if (value === undefined) return true;
  if (form === 'repeated') return (value as readonly unknown[]).length === 0;
  return form === 'map' ? Object.keys(value as object).length === 0 : isDefault(type, value);
}

function pushField(chunks: TextChunks, { type, form }: Field, value: unknown): void {
  if (form === 'one') return pushValue(chunks, type, value);
  if (form === 'repeated') {
    let separator = '[';
    for (const each of value as readonly unknown[]) {
      chunks.push(separator);
      separator = ',';
      pushValue(chunks, type, each);
    }
    return chunks.push(']');
  }
  let separator = '{';
  for (const [key, each] of Object.entries(value as object).sort(([a], [b]) => (a < b ? -1 : 1))) {
    chunks.push(`${separator}${JSON.stringify(key)}:`);
    separator = ',';
    pushValue(chunks, type, each);
  }
  chunks.push('}');
}

function pushValue(chunks: TextChunks, type: FieldType | Schema, value: unknown): void {
  switch (type) {
    case 'uint64':
    case 'int64':
      return chunks.push(`"${String(value)}"`);
    case 'double':
      return chunks.push(doubleJson(value as number));
    case 'keyValue':
      return chunks.push(attributeJson(value as Attribute));
    case 'string':
    case 'bool':
    case 'uint32':
    case 'partialStatus':
      return chunks.push(JSON.stringify(value));
    default:
      return pushMessage(chunks, type, value as object);
  }
}
