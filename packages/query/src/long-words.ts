/** The unsigned 64-bit number of two halves as they lie in columns. Exact. */
export function joinWords(low: number, high: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

/** `a − b` of two 64-bit words. Exact while the difference is within ±2^53. */
export function differenceOfWords(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  return ((aHigh >>> 0) - (bHigh >>> 0)) * 2 ** 32 + ((aLow >>> 0) - (bLow >>> 0));
}

/** Below, equal to or above 0 as `a` is below, equal to or above `b`. */
export function compareWords(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  return (aHigh >>> 0) - (bHigh >>> 0) || (aLow >>> 0) - (bLow >>> 0);
}
