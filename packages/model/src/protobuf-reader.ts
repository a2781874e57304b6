import { WireError } from './errors.ts';
import { limits } from './limits.ts';

/** How a field's payload is delimited: the low three bits of its tag. */
export const WireType = Object.freeze({ varint: 0, fixed64: 1, bytes: 2, groupStart: 3, groupEnd: 4, fixed32: 5 });

/**
 * A cursor over protobuf bytes. Every method takes `end`, the absolute offset one past the message being read, and
 * never reads at or beyond it; the caller guarantees `end <= bytes.length`.
 *
 * @throws {WireError} from every method: `WIRE_TRUNCATED` when a field crosses `end`, `WIRE_MALFORMED` when it is
 * not encoded as protobuf says. `offset` is absolute within `bytes`.
 * Source: protobuf.dev, Encoding.
 */
export class ProtobufReader {
  readonly bytes: Uint8Array;
  /** absolute offset of the next byte */
  position: number;
  /** unsigned halves of the last {@link varint64} or {@link fixed64} */
  low = 0;
  high = 0;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, position = 0) {
    this.bytes = bytes;
    this.position = position;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** `fieldNumber << 3 | wireType`. */
  tag(end: number): number {
    const position = this.position;
    if (position < end) {
      const byte = this.bytes[position];
      if (byte < 0x80 && byte > 7) {
        this.position = position + 1;
        return byte;
      }
    }
    return this.#longTag(end);
  }

  /** Reads the length of a length-delimited field; the payload is `[position, answer)`. */
  payloadEnd(end: number): number {
    const position = this.position;
    if (position < end) {
      const byte = this.bytes[position];
      const payloadEnd = position + 1 + byte;
      if (byte < 0x80 && payloadEnd <= end) {
        this.position = position + 1;
        return payloadEnd;
      }
    }
    return this.#longPayloadEnd(end);
  }

  /** Sets {@link low} and {@link high}. Bits past the 64th are dropped, as other decoders do. */
  varint64(end: number): void {
    const { bytes } = this;
    const start = this.position;
    let position = start;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (position >= end) throw truncated('a varint', start);
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

  /** The low 32 bits of a varint, unsigned: what `uint32`, `int32` (after `| 0`) and enums mean. */
  varint32(end: number): number {
    const position = this.position;
    if (position < end) {
      const byte = this.bytes[position];
      if (byte < 0x80) {
        this.position = position + 1;
        return byte;
      }
    }
    this.varint64(end);
    return this.low;
  }

  bool(end: number): boolean {
    this.varint64(end);
    return (this.low | this.high) !== 0;
  }

  fixed32(end: number): number {
    return this.#view.getUint32(this.#take(4, end), true);
  }

  /** Sets {@link low} and {@link high}. */
  fixed64(end: number): void {
    const position = this.#take(8, end);
    this.low = this.#view.getUint32(position, true);
    this.high = this.#view.getUint32(position + 4, true);
  }

  double(end: number): number {
    return this.#view.getFloat64(this.#take(8, end), true);
  }

  /**
   * Refuses a known field that came with another wire type than its definition has. Protobuf lets a decoder skip
   * such a field; refusing tells the sender, where skipping would lose data silently.
   */
  expect(tag: number, wireType: number): void {
    if ((tag & 7) !== wireType) {
      throw new WireError(
        'WIRE_MALFORMED',
        `field ${tag >>> 3} has wire type ${tag & 7}, not ${wireType}`,
        this.position - 1,
      );
    }
  }

  /** Skips the payload of an unknown field whose tag was just read. */
  skip(tag: number, end: number): void {
    switch (tag & 7) {
      case WireType.varint:
        return this.varint64(end);
      case WireType.fixed64:
        return void this.#take(8, end);
      case WireType.bytes:
        this.position = this.payloadEnd(end);
        return;
      case WireType.groupStart:
        return this.#skipGroup(tag, end);
      case WireType.fixed32:
        return void this.#take(4, end);
      default:
        throw new WireError('WIRE_MALFORMED', `wire type ${tag & 7} is not possible here`, this.position - 1);
    }
  }

  #skipGroup(startTag: number, end: number): void {
    const open = [startTag >>> 3];
    while (open.length > 0) {
      const tag = this.tag(end);
      if ((tag & 7) === WireType.groupStart) {
        if (open.length === limits.groupDepthMax) {
          throw new WireError('WIRE_LIMIT', `groups nest deeper than ${limits.groupDepthMax}`, this.position);
        }
        open.push(tag >>> 3);
      } else if ((tag & 7) !== WireType.groupEnd) {
        this.skip(tag, end);
      } else if (open.pop() !== tag >>> 3) {
        throw new WireError('WIRE_MALFORMED', 'a group ends with another field number', this.position - 1);
      }
    }
  }

  #take(count: number, end: number): number {
    const position = this.position;
    if (position + count > end) throw truncated(`a field of ${count} bytes`, position);
    this.position = position + count;
    return position;
  }

  #longTag(end: number): number {
    const start = this.position;
    this.varint64(end);
    // A tag is a uint32 and its field number at least 1.
    if (this.high !== 0 || this.low < 8)
      throw new WireError('WIRE_MALFORMED', 'a field has an impossible number', start);
    return this.low;
  }

  #longPayloadEnd(end: number): number {
    const start = this.position;
    this.varint64(end);
    if (this.high !== 0 || this.low > end - this.position) throw truncated('a length-delimited field', start);
    return this.position + this.low;
  }
}

function truncated(what: string, offset: number): WireError {
  return new WireError('WIRE_TRUNCATED', `${what} runs past the end of its message`, offset);
}
