import { ProtobufReader, WireType } from '@spoor/model';

/**
 * Walks the fields of one small protobuf message, such as a question. A field that nobody reads is skipped, so a message
 * of a newer definition is understood as far as it is known.
 *
 * @throws {WireError} from every method, with the byte offset, when the message is damaged or a field has another type
 */
export class MessageFields {
  readonly #reader: ProtobufReader;
  readonly #end: number;
  #tag = 0;
  #isUnread = false;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.#reader = new ProtobufReader(bytes, start);
    this.#end = end;
  }

  /** Steps to the next field. @returns its number, 0 past the last */
  next(): number {
    if (this.#isUnread) this.#reader.skip(this.#tag, this.#end);
    this.#isUnread = this.#reader.position < this.#end;
    if (!this.#isUnread) return 0;
    this.#tag = this.#reader.tag(this.#end);
    return this.#tag >>> 3;
  }

  /** `string`; what is not UTF-8 is shown with U+FFFD */
  text(): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.bytes());
  }

  /** `bytes`. Borrowed: a view of the message */
  bytes(): Uint8Array {
    const end = this.#payload();
    const view = this.#reader.bytes.subarray(this.#reader.position, end);
    this.#reader.position = end;
    return view;
  }

  message(): MessageFields {
    const end = this.#payload();
    const fields = new MessageFields(this.#reader.bytes, this.#reader.position, end);
    this.#reader.position = end;
    return fields;
  }

  /** `int32` and `int64` */
  integer(): bigint {
    this.#read(WireType.varint);
    this.#reader.varint64(this.#end);
    return BigInt.asIntN(64, (BigInt(this.#reader.high) << 32n) | BigInt(this.#reader.low));
  }

  bool(): boolean {
    return this.integer() !== 0n;
  }

  double(): number {
    this.#read(WireType.fixed64);
    return this.#reader.double(this.#end);
  }

  /**
   * `google.protobuf.Timestamp` and `Duration`, in nanoseconds; may be negative.
   *
   *    1 seconds  int64   2 nanos  int32
   */
  nanoseconds(): bigint {
    const fields = this.message();
    let seconds = 0n;
    let nanos = 0n;
    for (let field = fields.next(); field !== 0; field = fields.next()) {
      if (field === 1) seconds = fields.integer();
      else if (field === 2) nanos = fields.integer();
    }
    return seconds * 1_000_000_000n + nanos;
  }

  #payload(): number {
    this.#read(WireType.bytes);
    return this.#reader.payloadEnd(this.#end);
  }

  #read(wireType: number): void {
    this.#reader.expect(this.#tag, wireType);
    this.#isUnread = false;
  }
}
