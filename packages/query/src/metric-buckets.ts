/*
 * Buckets of `histogram_over_time` and `quantile_over_time`: bucket b > 0 holds (2^(b − 1 − BIAS), 2^(b − BIAS)], bucket
 * 0 what is zero or less. The unit is nanoseconds for durations, else the number's own.
 */

const BIAS = 32;
const BUCKET_MAX = 127;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);

/** The bucket of a number, from its exponent: no logarithm. Typed arrays are little-endian wherever this runs. */
export function bucketOf(amount: number): number {
  if (!(amount > 0)) return 0;
  float[0] = amount;
  const exponent = (words[1] >>> 20) - 1023;
  const isPower = (words[1] & 0xf_ffff) === 0 && words[0] === 0;
  const bucket = exponent + BIAS + (isPower ? 0 : 1);
  return bucket < 1 ? 1 : bucket > BUCKET_MAX ? BUCKET_MAX : bucket;
}

/** The largest number in the bucket. */
export function bucketBound(bucket: number): number {
  return bucket === 0 ? 0 : 2 ** (bucket - BIAS);
}

/**
 * The quantile of counts by bucket, between a bucket's bounds by the exponent: half way between 2 and 4 is 2.83. 0 of
 * nothing.
 * @param counts  (bucket, count) in ascending order of buckets
 */
export function quantileOf(share: number, counts: readonly (readonly [bucket: number, count: number])[]): number {
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const wanted = Math.max(1, Math.ceil(share * total));
  let seen = 0;
  for (const [i, [bucket, count]] of counts.entries()) {
    const isLast = i === counts.length - 1;
    if (count > 0 && (seen + count >= wanted || isLast)) {
      const part = Math.min(1, (wanted - seen) / count);
      return bucket === 0 ? 0 : bucketBound(bucket) * 2 ** (part - 1);
    }
    seen += count;
  }
  return 0;
}
