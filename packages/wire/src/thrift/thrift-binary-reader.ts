import { WireError } from '@spoor/model';
import { ThriftReader } from './thrift-reader.ts';

/**
 * Thrift's binary protocol: everything big-endian and of fixed width.
 *
 *     field header = type u8, id i16        stop = 0
 *     binary       = length i32, bytes      list = element type u8, count i32
 *     message      = 80 01 00 type, name, sequence id i32            (strict)
 *                  | name, type u8, sequence id i32                  (as it was before)
 */
export class ThriftBinaryReader extends ThriftReader {
  messageBegin(): void {
    const start = this.position;
    const first = this.i32();
    if (first < 0) {
      if (first >>> 16 !== 0x8001) throw new WireError('WIRE_MALFORMED', 'not version 1 of the binary protocol', start);
      this.messageType = first & 0xff;
      this.binary();
    } else {
      this.takeText(first, start);
      this.messageType = this.bytes[this.take(1)];
    }
    this.i32();
  }

  fieldBegin(): boolean {
    const type = this.bytes[this.take(1)];
    if (type === 0) return false;
    this.fieldType = type;
    this.fieldId = this.i16();
    return true;
  }

  enterStruct(): number {
    return 0;
  }

  leaveStruct(_outer: number): void {}

  bool(): boolean {
    return this.bytes[this.take(1)] !== 0;
  }

  i16(): number {
    return this.view.getInt16(this.take(2));
  }

  i32(): number {
    return this.view.getInt32(this.take(4));
  }

  i64(): void {
    const at = this.take(8);
    this.high = this.view.getUint32(at);
    this.low = this.view.getUint32(at + 4);
  }

  double(): number {
    return this.view.getFloat64(this.take(8));
  }

  binary(): void {
    const start = this.position;
    this.takeText(this.i32(), start);
  }

  listBegin(): number {
    const start = this.position;
    this.elementType = this.bytes[this.take(1)];
    return this.checkedCount(this.i32(), start);
  }

  mapBegin(): number {
    this.keyType = this.bytes[this.take(1)];
    return this.listBegin();
  }
}
