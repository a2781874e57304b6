import { WireError } from '@spoor/model';
import { ThriftReader, ThriftType, truncated } from './thrift-reader.ts';

/** The compact protocol's types 0–13 as the binary protocol numbers them; true and false are both bool. */
const BINARY_TYPES = Uint8Array.of(
  0,
  ThriftType.bool,
  ThriftType.bool,
  ThriftType.byte,
  ThriftType.i16,
  ThriftType.i32,
  ThriftType.i64,
  ThriftType.double,
  ThriftType.binary,
  ThriftType.list,
  ThriftType.set,
  ThriftType.map,
  ThriftType.struct,
  ThriftType.uuid,
);
const COMPACT_TRUE = 1;
const COMPACT_BOOL_MAX = 2;

/**
 * Thrift's compact protocol: integers are zigzag varints, doubles little-endian.
 *
 *     field header = id delta (4 bits), type (4 bits); delta 0: the id follows as i16        stop = 0
 *     a field's bool is in its type; an element's is a byte, 1 for true
 *     binary       = length varint, bytes      list = count (4 bits; 15: varint follows), element type (4 bits)
 *     message      = 82, type << 5 | 1, sequence id varint, name
 */
export class ThriftCompactReader extends ThriftReader {
  #lastFieldId = 0;
  /** the compact type of the field whose bool has not been asked for yet; 0 without one */
  #pendingBool = 0;

  messageBegin(): void {
    const start = this.take(2);
    const version = this.bytes[start + 1] & 0x1f;
    if (this.bytes[start] !== 0x82 || version !== 1) {
      throw new WireError('WIRE_MALFORMED', 'not version 1 of the compact protocol', start);
    }
    this.messageType = this.bytes[start + 1] >>> 5;
    this.#varint32();
    this.binary();
  }

  fieldBegin(): boolean {
    const start = this.take(1);
    const byte = this.bytes[start];
    if (byte === 0) return false;
    const type = byte & 0x0f;
    if (type === 0 || type >= BINARY_TYPES.length) {
      throw new WireError('WIRE_MALFORMED', `there is no compact Thrift type ${type}`, start);
    }
    const delta = byte >>> 4;
    this.fieldId = this.#lastFieldId = delta === 0 ? this.i16() : this.#lastFieldId + delta;
    this.fieldType = BINARY_TYPES[type];
    this.#pendingBool = type <= COMPACT_BOOL_MAX ? type : 0;
    return true;
  }

  enterStruct(): number {
    const outer = this.#lastFieldId;
    this.#lastFieldId = 0;
    return outer;
  }

  leaveStruct(outer: number): void {
    this.#lastFieldId = outer;
  }

  bool(): boolean {
    const pending = this.#pendingBool;
    this.#pendingBool = 0;
    return (pending === 0 ? this.bytes[this.take(1)] : pending) === COMPACT_TRUE;
  }

  i16(): number {
    return (this.i32() << 16) >> 16;
  }

  i32(): number {
    const value = this.#varint32();
    return (value >>> 1) ^ -(value & 1);
  }

  i64(): void {
    this.#varint64();
    const { low, high } = this;
    const sign = -(low & 1);
    this.low = (((low >>> 1) | (high << 31)) ^ sign) >>> 0;
    this.high = ((high >>> 1) ^ sign) >>> 0;
  }

  double(): number {
    return this.view.getFloat64(this.take(8), true);
  }

  binary(): void {
    const start = this.position;
    this.takeText(this.#varint32(), start);
  }

  listBegin(): number {
    const start = this.take(1);
    const byte = this.bytes[start];
    const short = byte >>> 4;
    const count = short === 15 ? this.#varint32() : short;
    this.elementType = this.#elementType(byte & 0x0f, start);
    return this.checkedCount(count, start);
  }

  mapBegin(): number {
    const start = this.position;
    const count = this.#varint32();
    if (count === 0) return 0;
    const types = this.bytes[this.take(1)];
    this.keyType = this.#elementType(types >>> 4, start);
    this.elementType = this.#elementType(types & 0x0f, start);
    return this.checkedCount(count, start);
  }

  #elementType(type: number, offset: number): number {
    if (type === 0 || type >= BINARY_TYPES.length) {
      throw new WireError('WIRE_MALFORMED', `there is no compact Thrift type ${type}`, offset);
    }
    this.#pendingBool = 0;
    return BINARY_TYPES[type];
  }

  /** The low 32 bits of a varint; negative when the top one is set, which no length may have. */
  #varint32(): number {
    const { position } = this;
    if (position < this.bytes.length) {
      const byte = this.bytes[position];
      if (byte < 0x80) {
        this.position = position + 1;
        return byte;
      }
    }
    const { low, high } = this;
    this.#varint64();
    const value = this.low | 0;
    if (this.high !== 0) throw new WireError('WIRE_MALFORMED', 'an integer has more than 32 bits', position);
    this.low = low;
    this.high = high;
    return value;
  }

  #varint64(): void {
    const { bytes } = this;
    const start = this.position;
    let { position } = this;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (position >= bytes.length) throw truncated('a varint', start);
      const byte = bytes[position++];
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else if (shift < 64) high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.position = position;
        this.low = low >>> 0;
        this.high = high >>> 0;
        return;
      }
    }
    throw new WireError('WIRE_MALFORMED', 'a varint is longer than 10 bytes', start);
  }
}
