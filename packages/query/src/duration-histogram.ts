/** Eight buckets for each doubling: a quantile is right to about 4.5 %. */
const bucketsPerDoubling = 8;
/** 2^60 ns is 36 years. */
const bucketCount = 60 * bucketsPerDoubling + 2;

/** Durations in logarithmic buckets, for quantiles in fixed memory. */
export class DurationHistogram {
  readonly #counts = new Float64Array(bucketCount);
  count = 0;

  add(durationNano: number, count: number): void {
    const bucket = durationNano < 1 ? 0 : 1 + Math.floor(Math.log2(durationNano) * bucketsPerDoubling);
    this.#counts[Math.min(bucketCount - 1, bucket)] += count;
    this.count += count;
  }

  /** Nanoseconds at the middle of the bucket in which the quantile lies; 0 when nothing was added. */
  quantile(share: number): number {
    const rank = share * this.count;
    let seen = 0;
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      seen += this.#counts[bucket];
      if (seen >= rank && seen > 0) return bucket === 0 ? 0 : 2 ** ((bucket - 0.5) / bucketsPerDoubling);
    }
    return 0;
  }
}
