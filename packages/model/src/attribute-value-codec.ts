import type { Attribute, AttributeValue } from './attribute-value.ts';
import { WireError } from './errors.ts';
import { limits } from './limits.ts';
import { ProtobufReader, WireType } from './protobuf-reader.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

/*
 * `AttributeValue` to and from the bodies of OTLP's messages. Columns and files hold nested values in this form.
 *
 *    AnyValue:      1 string_value  string   2 bool_value   bool          3 int_value  int64   4 double_value  double
 *                   5 array_value   message  6 kvlist_value message       7 bytes_value bytes
 *    ArrayValue:    1 values  AnyValue[]
 *    KeyValueList:  1 values  KeyValue[]
 *    KeyValue:      1 key  string            2 value  AnyValue
 *
 * Recursion is bounded by `limits.attributeDepthMax`.
 * Source: opentelemetry-proto, common/v1/common.proto.
 */

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const EMPTY: AttributeValue = Object.freeze({ type: 'empty' });

/** Body of an `AnyValue`; empty for the value `empty`. */
export function encodeAnyValue(value: AttributeValue): Uint8Array {
  const writer = new ProtobufWriter();
  writeAnyValue(writer, value);
  return writer.finish();
}

/** Body of an `ArrayValue`. */
export function encodeArrayValue(values: readonly AttributeValue[]): Uint8Array {
  const writer = new ProtobufWriter();
  writeArrayValue(writer, values);
  return writer.finish();
}

/** Body of a `KeyValueList`. */
export function encodeKeyValueList(attributes: readonly Attribute[]): Uint8Array {
  const writer = new ProtobufWriter();
  for (const attribute of attributes) writeKeyValue(writer, 1, attribute);
  return writer.finish();
}

/** Appends the attribute as a `KeyValue` field. */
export function writeKeyValue(writer: ProtobufWriter, field: number, { key, value }: Attribute): void {
  const start = writer.begin(field);
  if (key !== '') writer.stringField(1, key);
  const valueStart = writer.begin(2);
  writeAnyValue(writer, value);
  writer.end(valueStart);
  writer.end(start);
}

/** Appends the one field of an `AnyValue`, or nothing for `empty`. A value of its type's default is written too. */
export function writeAnyValue(writer: ProtobufWriter, value: AttributeValue): void {
  switch (value.type) {
    case 'string':
      return writer.stringField(1, value.value);
    case 'bool':
      return writer.varintField(2, value.value ? 1 : 0);
    case 'int':
      return writer.intField(3, value.value);
    case 'double':
      return writer.doubleField(4, value.value);
    case 'array': {
      const start = writer.begin(5);
      writeArrayValue(writer, value.value);
      return writer.end(start);
    }
    case 'kvlist': {
      const start = writer.begin(6);
      for (const attribute of value.value) writeKeyValue(writer, 1, attribute);
      return writer.end(start);
    }
    case 'bytes':
      return writer.bytesField(7, value.value);
    case 'empty':
  }
}

function writeArrayValue(writer: ProtobufWriter, values: readonly AttributeValue[]): void {
  for (const value of values) {
    const start = writer.begin(1);
    writeAnyValue(writer, value);
    writer.end(start);
  }
}

/** @throws {WireError} `WIRE_TRUNCATED`, `WIRE_MALFORMED`; `WIRE_LIMIT` past `limits.attributeDepthMax` */
export function decodeAnyValue(bytes: Uint8Array): AttributeValue {
  return readAnyValue(new ProtobufReader(bytes), bytes.length, 0);
}

/** The values of an `ArrayValue` body. Throws as {@link decodeAnyValue}. */
export function decodeArrayValue(bytes: Uint8Array): AttributeValue[] {
  return readArrayValue(new ProtobufReader(bytes), bytes.length, 1);
}

/** The attributes of a `KeyValueList` body, in order, repeated keys kept. Throws as {@link decodeAnyValue}. */
export function decodeKeyValueList(bytes: Uint8Array): Attribute[] {
  return readKeyValueList(new ProtobufReader(bytes), bytes.length, 1);
}

/** Of the `oneof`, the last on the wire wins. */
function readAnyValue(reader: ProtobufReader, end: number, depth: number): AttributeValue {
  let value = EMPTY;
  while (reader.position < end) {
    const tag = reader.tag(end);
    const payload = readAnyValueField(reader, tag, end, depth);
    if (payload === undefined) reader.skip(tag, end);
    else value = payload;
  }
  return value;
}

/** `undefined` for an unknown field, of which nothing was read but the tag. */
function readAnyValueField(
  reader: ProtobufReader,
  tag: number,
  end: number,
  depth: number,
): AttributeValue | undefined {
  switch (tag >>> 3) {
    case 1:
      return { type: 'string', value: decoder.decode(readBytes(reader, tag, end)) };
    case 2:
      reader.expect(tag, WireType.varint);
      return { type: 'bool', value: reader.bool(end) };
    case 3:
      reader.expect(tag, WireType.varint);
      reader.varint64(end);
      return { type: 'int', value: integerFromWords(reader.low, reader.high) };
    case 4:
      reader.expect(tag, WireType.fixed64);
      return { type: 'double', value: reader.double(end) };
    case 5: {
      const bodyEnd = readBodyEnd(reader, tag, end, depth);
      return { type: 'array', value: readArrayValue(reader, bodyEnd, depth + 1) };
    }
    case 6: {
      const bodyEnd = readBodyEnd(reader, tag, end, depth);
      return { type: 'kvlist', value: readKeyValueList(reader, bodyEnd, depth + 1) };
    }
    case 7:
      return { type: 'bytes', value: readBytes(reader, tag, end).slice() };
    default:
      return undefined;
  }
}

function readArrayValue(reader: ProtobufReader, end: number, depth: number): AttributeValue[] {
  const values: AttributeValue[] = [];
  while (reader.position < end) {
    const tag = reader.tag(end);
    if (tag >>> 3 !== 1) {
      reader.skip(tag, end);
      continue;
    }
    reader.expect(tag, WireType.bytes);
    values.push(readAnyValue(reader, reader.payloadEnd(end), depth));
  }
  return values;
}

function readKeyValueList(reader: ProtobufReader, end: number, depth: number): Attribute[] {
  const attributes: Attribute[] = [];
  while (reader.position < end) {
    const tag = reader.tag(end);
    if (tag >>> 3 !== 1) {
      reader.skip(tag, end);
      continue;
    }
    reader.expect(tag, WireType.bytes);
    attributes.push(readKeyValue(reader, reader.payloadEnd(end), depth));
  }
  return attributes;
}

function readKeyValue(reader: ProtobufReader, end: number, depth: number): Attribute {
  let key = '';
  let value = EMPTY;
  while (reader.position < end) {
    const tag = reader.tag(end);
    if (tag >>> 3 === 1) key = decoder.decode(readBytes(reader, tag, end));
    else if (tag >>> 3 === 2) {
      reader.expect(tag, WireType.bytes);
      const last = readAnyValue(reader, reader.payloadEnd(end), depth);
      // A repeated message field merges, and an empty message adds nothing.
      if (last.type !== 'empty') value = last;
    } else reader.skip(tag, end);
  }
  return { key, value };
}

function readBytes(reader: ProtobufReader, tag: number, end: number): Uint8Array {
  reader.expect(tag, WireType.bytes);
  const payloadEnd = reader.payloadEnd(end);
  const payload = reader.bytes.subarray(reader.position, payloadEnd);
  reader.position = payloadEnd;
  return payload;
}

function readBodyEnd(reader: ProtobufReader, tag: number, end: number, depth: number): number {
  reader.expect(tag, WireType.bytes);
  if (depth >= limits.attributeDepthMax) {
    throw new WireError('WIRE_LIMIT', `a value nests deeper than ${limits.attributeDepthMax}`, reader.position);
  }
  return reader.payloadEnd(end);
}

/** A signed 64-bit integer from its unsigned halves: a `number` where it is safe, else a `bigint`. Exact. */
export function integerFromWords(low: number, high: number): number | bigint {
  const signedHigh = high | 0;
  // ±2^53 is ±2^21 in the high word; −2^53 itself is not safe.
  if (signedHigh < 0x20_0000 && (signedHigh > -0x20_0000 || (signedHigh === -0x20_0000 && low !== 0))) {
    return signedHigh * 2 ** 32 + low;
  }
  return (BigInt(signedHigh) << 32n) | BigInt(low);
}
