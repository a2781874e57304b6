import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketBound, bucketOf, quantileOf } from './metric-buckets.ts';

test('bucketOf: the bound of a bucket is in it, what is above in the next', () => {
  for (const exponent of [-20, -1, 0, 1, 10, 52, 60]) {
    const bound = 2 ** exponent;
    assert.equal(bucketBound(bucketOf(bound)), bound);
    assert.equal(bucketBound(bucketOf(bound * (1 + 2 ** -52))), 2 * bound);
  }
  assert.equal(bucketBound(bucketOf(0)), 0);
  assert.equal(bucketBound(bucketOf(-5)), 0);
  assert.equal(bucketOf(Number.POSITIVE_INFINITY), bucketOf(2 ** 100));
});

test('quantileOf: lies between the bounds of its bucket by the exponent', () => {
  const of = (share: number, ...amounts: readonly number[]): number => {
    const counts = new Map<number, number>();
    for (const amount of amounts) counts.set(bucketOf(amount), 1 + (counts.get(bucketOf(amount)) ?? 0));
    return quantileOf(
      share,
      [...counts].sort(([a], [b]) => a - b),
    );
  };
  // The known trace's durations in milliseconds: half of them are within 2^27 ns.
  assert.equal(of(0.5, 500e6, 300e6, 200e6, 100e6, 50e6, 10e6), 2 ** 27);
  assert.equal(of(1, 3, 3, 3), 4);
  assert.equal(of(0.5, 3, 3), 2 * Math.SQRT2);
  assert.equal(of(0, 3, 3), 2 * Math.SQRT2);
  assert.equal(quantileOf(0.5, []), 0);
});
