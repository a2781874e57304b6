import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linearScale, logScale, timeTicks } from './chart-scale.ts';

test('linearScale: from zero to a round number', () => {
  const { ticks, heightOf } = linearScale([0.013, 0.042]);
  assert.deepEqual(ticks, [0, 0.01, 0.02, 0.03, 0.04, 0.05]);
  assert.equal(heightOf(0), 0);
  assert.equal(heightOf(0.05), 1);
  assert.equal(heightOf(null), undefined);
});

test('linearScale: below zero, and nothing at all', () => {
  assert.deepEqual(linearScale([-3, 6]).ticks, [-4, -2, 0, 2, 4, 6]);
  assert.deepEqual(linearScale([]).ticks, [0, 1]);
  assert.deepEqual(linearScale([0, 0]).ticks, [0, 1]);
});

test('linearScale, logScale: of very many values', () => {
  const values = Array.from({ length: 1_000_000 }, (_, i) => i + 1);
  assert.deepEqual(linearScale(values).ticks.at(-1), 1_000_000);
  assert.deepEqual(logScale(values).ticks.at(-1), 1_000_000);
});

test('logScale: powers of ten, with 2 and 5 where there is room; zero has no place', () => {
  const { ticks, heightOf } = logScale([0, 3, 40]);
  assert.deepEqual(ticks, [1, 2, 5, 10, 20, 50, 100]);
  assert.equal(heightOf(1), 0);
  assert.equal(heightOf(100), 1);
  assert.equal(heightOf(0), undefined);
  assert.deepEqual(logScale([0.001, 100]).ticks, [0.001, 0.01, 0.1, 1, 10, 100]);
  assert.deepEqual(logScale([0]).ticks, [0, 1]);
});

test('logScale: many powers are named in strides', () => {
  assert.ok(logScale([1e-9, 1e12]).ticks.length <= 9);
});

test('timeTicks: whole steps within the range, not more than asked for', () => {
  const start = Date.UTC(2026, 0, 5, 10, 0, 7);
  const ticks = timeTicks(start, start + 600_000, 6);
  assert.deepEqual(
    ticks.map((tick) => new Date(tick).getUTCMinutes()),
    [2, 4, 6, 8, 10],
  );
  assert.ok(ticks.every((tick) => tick % 120_000 === 0));
});
