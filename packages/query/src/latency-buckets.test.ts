import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgeLatencyBounds, LatencyBuckets, spanLatencyBounds } from './latency-buckets.ts';

test('LatencyBuckets: a duration is in the first bucket whose bound it does not pass', () => {
  for (const bounds of [spanLatencyBounds, edgeLatencyBounds]) {
    const buckets = new LatencyBuckets(bounds);
    const boundsNano = bounds.map((bound) => Math.round(bound * 1e9));
    const durations = boundsNano.flatMap((bound) => [bound - 1, bound, bound + 1, Math.floor(bound / 3)]);
    for (const duration of [0, 1, ...durations, 2 ** 40, 2 ** 52, 2 ** 53 - 1, 2 ** 64]) {
      const into = new Float64Array(buckets.width);
      buckets.add(into, 0, duration, 2);
      const found = boundsNano.findIndex((bound) => duration <= bound);
      const expected = new Float64Array(buckets.width);
      expected[found < 0 ? bounds.length : found] = 2;
      expected[bounds.length + 1] = (2 * duration) / 1e9;
      assert.deepEqual(into, expected, `${duration} ns`);
    }
  }
});
