import { type ProtobufReader, WireError, WireType, limits } from '@spoor/model';

/*
 * Nested values are kept as the bytes received. These walks see to it that whoever decodes such bytes later meets
 * neither malformed fields nor endless nesting; recursion is bounded by `limits.attributeDepthMax`.
 * `depth` is the number of arrays and lists around the values in question, the message itself included.
 */

/** Wire type of each field of `AnyValue`, by field number. */
const ANY_VALUE_WIRE_TYPES = [0, 2, 0, 0, 1, 2, 2, 2];

/**
 * Checks an `ArrayValue` body from the reader's position, which it leaves where it found it.
 * @throws {WireError} `WIRE_TRUNCATED`, `WIRE_MALFORMED`, `WIRE_LIMIT`
 */
export function checkArrayValue(reader: ProtobufReader, end: number, depth: number): void {
  const start = reader.position;
  while (reader.position < end) {
    const tag = reader.tag(end);
    if (tag >>> 3 === 1) {
      reader.expect(tag, WireType.bytes);
      checkAnyValue(reader, reader.payloadEnd(end), depth);
    } else reader.skip(tag, end);
  }
  reader.position = start;
}

/** As {@link checkArrayValue}, for a `KeyValueList` body. */
export function checkKeyValueList(reader: ProtobufReader, end: number, depth: number): void {
  const start = reader.position;
  while (reader.position < end) {
    const tag = reader.tag(end);
    if (tag >>> 3 === 1) {
      reader.expect(tag, WireType.bytes);
      checkKeyValue(reader, reader.payloadEnd(end), depth);
    } else reader.skip(tag, end);
  }
  reader.position = start;
}

function checkKeyValue(reader: ProtobufReader, end: number, depth: number): void {
  while (reader.position < end) {
    const tag = reader.tag(end);
    const field = tag >>> 3;
    if (field === 1 || field === 2) reader.expect(tag, WireType.bytes);
    if (field === 2) checkAnyValue(reader, reader.payloadEnd(end), depth);
    else reader.skip(tag, end);
  }
}

function checkAnyValue(reader: ProtobufReader, end: number, depth: number): void {
  while (reader.position < end) {
    const tag = reader.tag(end);
    const field = tag >>> 3;
    if (field < ANY_VALUE_WIRE_TYPES.length) reader.expect(tag, ANY_VALUE_WIRE_TYPES[field]);
    if (field === 5 || field === 6) {
      if (depth >= limits.attributeDepthMax) {
        throw new WireError('WIRE_LIMIT', `a value nests deeper than ${limits.attributeDepthMax}`, reader.position);
      }
      const bodyEnd = reader.payloadEnd(end);
      if (field === 5) checkArrayValue(reader, bodyEnd, depth + 1);
      else checkKeyValueList(reader, bodyEnd, depth + 1);
      reader.position = bodyEnd;
    } else reader.skip(tag, end);
  }
}
