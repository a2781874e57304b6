declare const nano: unique symbol;

/** Nanoseconds since the Unix epoch, 0 … 2^64−1, exact. Used at the edges; columns hold 64-bit words. */
export type UnixNano = bigint & { readonly [nano]: true };

/** Brands an integer as a time. Values outside 0 … 2^64−1 wrap, as an unsigned 64-bit field would. */
export function unixNano(value: bigint): UnixNano {
  return BigInt.asUintN(64, value) as UnixNano;
}

/** Joins the two halves of a 64-bit word as they lie in a column. Exact. */
export function unixNanoFromWords(low: number, high: number): UnixNano {
  return ((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)) as UnixNano;
}

/** Milliseconds since the epoch, as `Date.now()` gives them. Exact for integers. */
export function unixNanoFromMilli(milli: number): UnixNano {
  return unixNano(BigInt(Math.trunc(milli)) * 1_000_000n);
}

/** Lossy: sub-millisecond digits are cut. */
export function milliFromUnixNano(time: UnixNano): number {
  return Number(time / 1_000_000n);
}
