const TWO_32 = 2 ** 32;

/**
 * A time in nanoseconds as two unsigned halves, from what foreign protocols send. One object is reused: the arithmetic is
 * exact without a bigint per span, since the low half times a thousand stays below 2^53.
 */
export class WireTime {
  low = 0;
  high = 0;

  /** From signed 64-bit microseconds. What is before 1970 or past the year 2554 becomes 0, which is “unknown”. */
  setMicro(low: number, high: number): void {
    const product = low * 1000;
    const carry = Math.floor(product / TWO_32);
    this.low = product - carry * TWO_32;
    this.high = high * 1000 + carry;
    if (high >= 0x8000_0000 || this.high >= TWO_32) this.low = this.high = 0;
  }

  /** From signed 64-bit seconds and nanoseconds, as protobuf's Timestamp and Duration have them. */
  setSeconds(low: number, high: number, nanos: number): void {
    const scaled = BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)) * 1_000_000_000n + BigInt(nanos);
    const value = scaled < 0n || scaled >= 1n << 64n ? 0n : scaled;
    this.low = Number(value & 0xffff_ffffn);
    this.high = Number(value >> 32n);
  }

  /** Adds; past 2^64 the sum stays at the top. */
  add(low: number, high: number): void {
    const sum = this.low + low;
    const carry = sum >= TWO_32 ? 1 : 0;
    this.low = sum - carry * TWO_32;
    this.high += high + carry;
    if (this.high >= TWO_32) this.low = this.high = TWO_32 - 1;
  }
}

/** True for the halves of a negative signed 64-bit integer. */
export function isNegative(high: number): boolean {
  return high >= 0x8000_0000;
}
