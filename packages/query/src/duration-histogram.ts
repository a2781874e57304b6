/** Eight buckets of equal width for each doubling: the middle of one is at most 6 % from any value in it. */
const bitsPerDoubling = 3;
/** 2^60 ns is 36 years. */
const doublingsMax = 60;
const bucketCount = (doublingsMax << bitsPerDoubling) + 1;
const exponentBias = 1023;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);

/**
 * The bucket of a duration: the exponent and the first bits of the mantissa as they lie in the number, which takes no
 * logarithm. Typed arrays are little-endian wherever this runs.
 */
export function durationBucket(durationNano: number): number {
  if (durationNano < 1) return 0;
  float[0] = durationNano;
  const bucket = 1 + (words[1] >>> (20 - bitsPerDoubling)) - (exponentBias << bitsPerDoubling);
  return bucket < bucketCount ? bucket : bucketCount - 1;
}

/** Durations in buckets, for quantiles in fixed memory. */
export class DurationHistogram {
  readonly #counts = new Float64Array(bucketCount);
  count = 0;

  /** @param bucket  of {@link durationBucket} */
  add(bucket: number, count: number): void {
    this.#counts[bucket] += count;
    this.count += count;
  }

  /** Nanoseconds at the middle of the bucket in which the quantile lies; 0 when nothing was added. */
  quantile(share: number): number {
    const rank = share * this.count;
    let seen = 0;
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      seen += this.#counts[bucket];
      if (seen >= rank && seen > 0) return bucketMiddle(bucket);
    }
    return 0;
  }
}

function bucketMiddle(bucket: number): number {
  if (bucket === 0) return 0;
  const perDoubling = 1 << bitsPerDoubling;
  const within = (bucket - 1) % perDoubling;
  return 2 ** Math.floor((bucket - 1) / perDoubling) * (1 + (within + 0.5) / perDoubling);
}
