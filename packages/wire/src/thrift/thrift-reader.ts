import { WireError, limits } from '@spoor/model';

/** Types as the binary protocol numbers them; the compact reader translates its own. */
export const ThriftType = Object.freeze({
  bool: 2,
  byte: 3,
  double: 4,
  i16: 6,
  i32: 8,
  i64: 10,
  binary: 11,
  struct: 12,
  map: 13,
  set: 14,
  list: 15,
  uuid: 16,
});

/** What a message asks for. Clients of Jaeger send either of the first two where nothing is answered. */
export const ThriftMessageType = Object.freeze({ call: 1, reply: 2, exception: 3, oneway: 4 });

/**
 * A cursor over Thrift bytes that makes no objects: a value is read into the reader's own fields. The two protocols are
 * its two subclasses; what reads a struct does not know which it has.
 *
 *     message = name, type, sequence id, then a struct of arguments
 *     struct  = (field header, value)*, stop
 *
 * @throws {WireError} from every method, with the absolute offset: `WIRE_TRUNCATED` when a value runs past the end,
 * `WIRE_MALFORMED` when it is not as the protocol says, `WIRE_LIMIT` past `limits.thriftDepthMax`.
 * Source: Apache Thrift, doc/specs/thrift-{binary,compact}-protocol.md.
 */
export abstract class ThriftReader {
  readonly bytes: Uint8Array;
  position: number;
  /** of the field whose header was last read */
  fieldId = 0;
  /** {@link ThriftType} of that field */
  fieldType = 0;
  /** {@link ThriftType} of the elements of the list whose header was last read; of a map's values */
  elementType = 0;
  /** of a map's keys */
  keyType = 0;
  /** unsigned halves of the last {@link i64} */
  low = 0;
  high = 0;
  /** the text or bytes last read by {@link binary}: `bytes[textStart, textEnd)` */
  textStart = 0;
  textEnd = 0;
  /** {@link ThriftMessageType} of the message last begun */
  messageType = 0;
  protected readonly view: DataView;

  constructor(bytes: Uint8Array, position = 0) {
    this.bytes = bytes;
    this.position = position;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Reads a message's envelope; the name is then the text last read, and a struct follows. */
  abstract messageBegin(): void;
  /** Reads a field header; false at the end of the struct. */
  abstract fieldBegin(): boolean;
  /**
   * Before the fields of a struct inside another. Compact field ids are relative to the field before.
   * @returns what {@link leaveStruct} takes
   */
  abstract enterStruct(): number;
  abstract leaveStruct(outer: number): void;
  abstract bool(): boolean;
  abstract i16(): number;
  abstract i32(): number;
  /** Sets {@link low} and {@link high}. */
  abstract i64(): void;
  abstract double(): number;
  /** Sets {@link textStart} and {@link textEnd}. */
  abstract binary(): void;
  /** Reads the header of a list or set and sets {@link elementType}. The answer is not more than bytes are left. */
  abstract listBegin(): number;
  /** As {@link listBegin}, also for {@link keyType}. */
  abstract mapBegin(): number;
  /** The text of the bytes, for messages and names. */
  text(): string {
    return new TextDecoder().decode(this.bytes.subarray(this.textStart, Math.min(this.textEnd, this.textStart + 80)));
  }

  /** Refuses a known field of another type than its definition has: skipping it would lose data silently. */
  expect(type: number): void {
    if (this.fieldType !== type) {
      throw new WireError(
        'WIRE_MALFORMED',
        `field ${this.fieldId} has Thrift type ${this.fieldType}, not ${type}`,
        this.position,
      );
    }
  }

  /** Reads the header of a list of structs. */
  structList(): number {
    this.expect(ThriftType.list);
    const count = this.listBegin();
    if (count > 0 && this.elementType !== ThriftType.struct) {
      throw new WireError(
        'WIRE_MALFORMED',
        `a list has elements of type ${this.elementType}, not structs`,
        this.position,
      );
    }
    return count;
  }

  /** Skips the value of a field whose header was just read, with a stack instead of recursion. */
  skip(): void {
    const type = this.fieldType;
    if (this.#skipScalar(type)) return;
    const open: OpenValue[] = [this.#openValue(type)];
    while (open.length > 0) {
      const top = open[open.length - 1];
      const next = this.#nextType(top);
      if (next === undefined) {
        if (top.keyType === STRUCT) this.leaveStruct(top.outer);
        open.pop();
      } else if (!this.#skipScalar(next)) {
        if (open.length >= limits.thriftDepthMax) {
          throw new WireError('WIRE_LIMIT', `values nest deeper than ${limits.thriftDepthMax}`, this.position);
        }
        open.push(this.#openValue(next));
      }
    }
  }

  /** Type of the next value inside `top`; `undefined` at its end. */
  #nextType(top: OpenValue): number | undefined {
    if (top.keyType === STRUCT) return this.fieldBegin() ? this.fieldType : undefined;
    if (top.remaining === 0) return undefined;
    top.remaining--;
    // A map's keys and values take turns; its count is of both.
    return top.keyType !== LIST && top.remaining % 2 === 1 ? top.keyType : top.elementType;
  }

  #openValue(type: number): OpenValue {
    switch (type) {
      case ThriftType.struct:
        return { keyType: STRUCT, elementType: 0, remaining: 0, outer: this.enterStruct() };
      case ThriftType.list:
      case ThriftType.set: {
        const remaining = this.listBegin();
        return { keyType: LIST, elementType: this.elementType, remaining, outer: 0 };
      }
      case ThriftType.map: {
        const remaining = 2 * this.mapBegin();
        return { keyType: this.keyType, elementType: this.elementType, remaining, outer: 0 };
      }
      default:
        throw new WireError('WIRE_MALFORMED', `there is no Thrift type ${type}`, this.position);
    }
  }

  /** False when the value is not a scalar; nothing is read then. */
  #skipScalar(type: number): boolean {
    switch (type) {
      case ThriftType.bool:
        this.bool();
        return true;
      case ThriftType.byte:
        this.take(1);
        return true;
      case ThriftType.double:
        this.take(8);
        return true;
      case ThriftType.uuid:
        this.take(16);
        return true;
      case ThriftType.i16:
        this.i16();
        return true;
      case ThriftType.i32:
        this.i32();
        return true;
      case ThriftType.i64:
        this.i64();
        return true;
      case ThriftType.binary:
        this.binary();
        return true;
      default:
        return false;
    }
  }

  /** Advances over `count` bytes. @returns where they begin */
  protected take(count: number): number {
    const { position } = this;
    if (position + count > this.bytes.length) throw truncated(`a value of ${count} bytes`, position);
    this.position = position + count;
    return position;
  }

  /** Every element takes a byte at least, so that no count makes a loop longer than the message. */
  protected checkedCount(count: number, start: number): number {
    if (count < 0 || count > this.bytes.length - this.position) {
      throw truncated(`a collection of ${count >>> 0} elements`, start);
    }
    return count;
  }

  protected takeText(length: number, start: number): void {
    if (length < 0 || length > this.bytes.length - this.position) {
      throw truncated(`a text of ${length >>> 0} bytes`, start);
    }
    this.textStart = this.position;
    this.position = this.textEnd = this.position + length;
  }
}

/** A collection or struct that {@link ThriftReader.skip} is inside of. */
interface OpenValue {
  /** type of a map's keys, or {@link STRUCT} or {@link LIST} */
  readonly keyType: number;
  readonly elementType: number;
  remaining: number;
  /** for {@link ThriftReader.leaveStruct} */
  readonly outer: number;
}

const STRUCT = -1;
const LIST = -2;

export function truncated(what: string, offset: number): WireError {
  return new WireError('WIRE_TRUNCATED', `${what} runs past the end of the message`, offset);
}
