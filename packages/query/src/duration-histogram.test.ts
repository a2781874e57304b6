import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationBucket, DurationHistogram } from './duration-histogram.ts';

test('DurationHistogram: quantiles are within a bucket of the exact ones', () => {
  const histogram = new DurationHistogram();
  assert.equal(histogram.quantile(0.5), 0);
  for (let i = 1; i <= 10_000; i++) histogram.add(durationBucket(i * 1e5), 1);
  for (const share of [0.5, 0.9, 0.99]) {
    const exact = share * 1e9;
    assert.ok(Math.abs(histogram.quantile(share) / exact - 1) < 0.07, `${share}: ${histogram.quantile(share)}`);
  }
});

test('DurationHistogram: counts weigh', () => {
  const histogram = new DurationHistogram();
  histogram.add(durationBucket(1e6), 99);
  histogram.add(durationBucket(1e9), 1);
  assert.ok(histogram.quantile(0.5) < 2e6);
  assert.ok(histogram.quantile(0.999) > 0.9e9);
  histogram.add(durationBucket(0), 1000);
  assert.equal(histogram.quantile(0.5), 0);
});
