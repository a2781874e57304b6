import { type Attribute, ProtobufReader, ProtobufWriter, WireType, writeKeyValue } from '@spoor/model';
import { fieldValue, isDefault, type Field, type FieldType, type Schema, type SchemaOf } from './message-schema.ts';

/** A message as protobuf. Depth is that of the tables, which do not nest without end. */
export function encodeTempoMessage<T extends object>(schema: SchemaOf<T>, message: T): Uint8Array<ArrayBuffer> {
  const writer = new ProtobufWriter();
  writeFields(writer, schema, message);
  return new Uint8Array(writer.finish());
}

/**
 * A message in pieces of at most `bytesMax`, which joined are the message, since protobuf joins repeated fields. All
 * other fields are in each piece. An element that is larger by itself is a piece by itself.
 *
 * @param list  the repeated field that is divided
 */
export function* encodeTempoPackets<T extends object>(
  schema: SchemaOf<T>,
  message: T,
  list: keyof T & string,
  bytesMax: number,
): Generator<Uint8Array, void> {
  const frame = encodeTempoMessage<T>(schema, { ...message, [list]: [] });
  const { number, type } = schema[list];
  const writer = new ProtobufWriter();
  const finished = (): Uint8Array => {
    writer.raw(frame);
    const packet = writer.finish();
    writer.truncate(0);
    return packet;
  };
  for (const element of message[list] as readonly unknown[]) {
    const start = writer.length;
    writeValue(writer, number, type, element);
    if (start === 0 || writer.length + frame.length <= bytesMax) continue;
    writer.truncate(start);
    yield finished();
    writeValue(writer, number, type, element);
  }
  yield finished();
}

function writeFields(writer: ProtobufWriter, schema: Schema, message: object): void {
  for (const name in schema) writeField(writer, schema[name], fieldValue(message, name));
}

function writeField(writer: ProtobufWriter, { number, type, form }: Field, value: unknown): void {
  if (value === undefined) return;
  if (form === 'repeated') {
    for (const each of value as readonly unknown[]) writeValue(writer, number, type, each);
  } else if (form === 'map') {
    for (const [key, each] of Object.entries(value as object)) {
      const entry = writer.begin(number);
      writer.stringField(1, key);
      writeValue(writer, 2, type, each);
      writer.end(entry);
    }
  } else if (!isDefault(type, value)) writeValue(writer, number, type, value);
}

function writeValue(writer: ProtobufWriter, number: number, type: FieldType | Schema, value: unknown): void {
  switch (type) {
    case 'string':
      return writer.stringField(number, value as string);
    case 'bool':
    case 'uint32':
    case 'uint64':
    case 'int64':
      return writer.intField(number, typeof value === 'boolean' ? Number(value) : (value as number | bigint));
    case 'double':
      return writer.doubleField(number, value as number);
    case 'keyValue':
      return writeKeyValue(writer, number, value as Attribute);
    case 'partialStatus':
      return writer.varintField(number, value === 'PARTIAL' ? 1 : 0);
    default: {
      const start = writer.begin(number);
      writeFields(writer, type, value as object);
      return writer.end(start);
    }
  }
}

/**
 * Reads a message of scalars and maps of strings, as requests are. Fields that are missing have their default; unknown
 * ones are skipped; the last of a repeated one wins.
 *
 * @throws {WireError}
 */
export function decodeTempoMessage<T extends object>(schema: SchemaOf<T>, bytes: Uint8Array): T {
  const fields = Object.entries(schema as Schema);
  const message: Record<string, unknown> = {};
  for (const [name, { type, form }] of fields) {
    message[name] = form === 'map' ? Object.create(null) : defaultOf(type as FieldType);
  }
  const nameOf = new Map(fields.map(([name, field]) => [field.number, name]));
  const reader = new ProtobufReader(bytes);
  while (reader.position < bytes.length) {
    const tag = reader.tag(bytes.length);
    const name = nameOf.get(tag >>> 3);
    if (name === undefined) {
      reader.skip(tag, bytes.length);
      continue;
    }
    const { type, form } = (schema as Schema)[name];
    if (form === 'map') readEntry(reader, tag, bytes.length, message[name] as Record<string, string>);
    else message[name] = readScalar(reader, tag, bytes.length, type as FieldType);
  }
  return message as T;
}

function defaultOf(type: FieldType): unknown {
  if (type === 'string') return '';
  return type === 'uint64' || type === 'int64' ? 0n : 0;
}

function readScalar(reader: ProtobufReader, tag: number, end: number, type: FieldType): unknown {
  if (type === 'string') return readText(reader, tag, end);
  reader.expect(tag, WireType.varint);
  if (type === 'uint32') return reader.varint32(end);
  reader.varint64(end);
  return (BigInt(reader.high) << 32n) | BigInt(reader.low);
}

/** A `map<string, string>` entry: 1 key, 2 value. */
function readEntry(reader: ProtobufReader, tag: number, end: number, entries: Record<string, string>): void {
  reader.expect(tag, WireType.bytes);
  const entryEnd = reader.payloadEnd(end);
  const texts = ['', ''];
  while (reader.position < entryEnd) {
    const member = reader.tag(entryEnd);
    const number = member >>> 3;
    if (number === 1 || number === 2) texts[number - 1] = readText(reader, member, entryEnd);
    else reader.skip(member, entryEnd);
  }
  entries[texts[0]] = texts[1];
}

function readText(reader: ProtobufReader, tag: number, end: number): string {
  reader.expect(tag, WireType.bytes);
  const textEnd = reader.payloadEnd(end);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(reader.bytes.subarray(reader.position, textEnd));
  reader.position = textEnd;
  return text;
}
