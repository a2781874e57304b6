import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationText } from './metric-label.ts';
import { attributeValueOf } from './value-attribute.ts';

test('durationText: as Go writes durations', () => {
  const texts: readonly (readonly [number, string])[] = [
    [0, '0s'],
    [1, '1ns'],
    [1_500, '1.5µs'],
    [20_000_000, '20ms'],
    [1_000_000_000, '1s'],
    [1_000_000_001, '1.000000001s'],
    [60_000_000_000, '1m0s'],
    [90_500_000_000, '1m30.5s'],
    [3_600_000_000_000, '1h0m0s'],
    [90_061_000_000_000, '25h1m1s'],
    [-3_000_000, '-3ms'],
    [0.4, '0s'],
  ];
  for (const [nano, text] of texts) assert.equal(durationText(nano), text);
});

test('attributeValueOf: words for statuses and kinds, empty for what cannot be shown', () => {
  assert.deepEqual(attributeValueOf({ type: 'status', value: 2 }), { type: 'string', value: 'error' });
  assert.deepEqual(attributeValueOf({ type: 'kind', value: 3 }), { type: 'string', value: 'client' });
  assert.deepEqual(attributeValueOf({ type: 'kind', value: 77 }), { type: 'string', value: '77' });
  assert.deepEqual(attributeValueOf(undefined), { type: 'empty' });
  assert.deepEqual(attributeValueOf({ type: 'bytes', value: new Uint8Array(1) }), { type: 'empty' });
  assert.deepEqual(attributeValueOf({ type: 'int', value: 5 }), { type: 'int', value: 5 });
});
