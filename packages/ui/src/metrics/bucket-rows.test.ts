import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketRows } from './bucket-rows.ts';

function uppers(...texts: readonly string[]): readonly number[] {
  const series = texts.map((text) => ({ labels: [{ name: '__bucket', text }], values: [1], exemplars: [] }));
  return bucketRows(series).map(({ upper }) => upper);
}

test('bucketRows: buckets between others are there too, without spans', () => {
  assert.deepEqual(uppers('0.001', '0.008'), [0.001, 0.002, 0.004, 0.008]);
});

test('bucketRows: zero is a bucket of its own, below the others', () => {
  assert.deepEqual(uppers('0.5', '0', '1'), [0, 0.5, 1]);
  assert.deepEqual(uppers('0'), [0]);
});
