import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axisStepNano, formatDuration, formatTick } from './duration.ts';

const durations: readonly (readonly [nano: number, text: string])[] = [
  [0, '0 ns'],
  [999, '999 ns'],
  [999.7, '1.00 µs'],
  [4_120_000, '4.12 ms'],
  [9_996_000, '10.0 ms'],
  [99_960_000, '100 ms'],
  [999_600_000, '1.00 s'],
  [59.94e9, '59.9 s'],
  [59.97e9, '1 m'],
  [119.6e9, '2 m'],
  [125e9, '2 m 5 s'],
  [3599.7e9, '1 h'],
  [7199.7e9, '2 h'],
  [7260e9, '2 h 1 m'],
  [90_000e9, '25 h'],
];
for (const [nano, text] of durations) test(`formatDuration: ${nano}`, () => assert.equal(formatDuration(nano), text));

test('formatDuration: never a unit that is full', () => {
  for (let nano = 1; nano < 1e15; nano *= 1.0007)
    assert.doesNotMatch(formatDuration(nano), /^(1000 |60(\.0)? [sm]$)| 60 [sm]$/);
});

test('formatTick: what clocks have, from a minute', () => {
  const ticks = (spanNano: number, countMax: number): readonly string[] => {
    const step = axisStepNano(spanNano, countMax);
    return [1, 2, 3].map((i) => formatTick(i * step, step));
  };
  assert.deepEqual(ticks(100e6, 7), ['20 ms', '40 ms', '60 ms']);
  assert.deepEqual(ticks(100e9, 7), ['20 s', '40 s', '1 m']);
  assert.deepEqual(ticks(600e9, 7), ['2 m', '4 m', '6 m']);
  assert.deepEqual(ticks(36_000e9, 7), ['2 h', '4 h', '6 h']);
  assert.deepEqual(ticks(20 * 86_400e9, 7).length, 3);
});
