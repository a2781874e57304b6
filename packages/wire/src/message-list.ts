import { ProtobufReader, WireType } from '@spoor/model';

/*
 * The messages of a streamed answer in one piece of bytes, which crosses threads as it is: field 1, repeated, each a
 * whole message. Encoders write it (`encodeTraceChunks`, `encodeJaegerChunks`); whoever sends takes it apart.
 */

/** The field that messages lie in. */
export const MESSAGE_FIELD = 1;

/** The messages, in order. Borrowed: views of `list`. @throws {WireError} when it is not such a list */
export function* messagesOf(list: Uint8Array): Generator<Uint8Array> {
  const reader = new ProtobufReader(list);
  while (reader.position < list.length) {
    const tag = reader.tag(list.length);
    reader.expect(tag, WireType.bytes);
    const end = reader.payloadEnd(list.length);
    yield list.subarray(reader.position, end);
    reader.position = end;
  }
}
