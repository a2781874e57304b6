import assert from 'node:assert/strict';
import test from 'node:test';
import { adjustedCountFromSampler, adjustedCountFromTraceState } from './adjusted-count.ts';

test('adjustedCountFromTraceState: 1 / probability of the threshold', () => {
  assert.equal(adjustedCountFromTraceState('ot=th:0'), 1);
  assert.equal(adjustedCountFromTraceState('ot=th:8'), 2);
  assert.equal(adjustedCountFromTraceState('ot=th:c'), 4);
  assert.equal(adjustedCountFromTraceState('rojo=1, ot=rv:8a8a8a8a8a8a8a;th:e ,x=y'), 8);
  assert.equal(adjustedCountFromTraceState('ot=th:ffffffffffffff'), 2 ** 56);
  assert.ok(Math.abs(adjustedCountFromTraceState('ot=th:fd70a4') - 100) < 0.001);
});

test('adjustedCountFromTraceState: 1 for none and for what is not valid', () => {
  for (const traceState of [
    '',
    'ot=',
    'ot=th:',
    'ot=th:G',
    'ot=th:FD',
    'ot=th:000000000000000',
    'ot=rv:0',
    'xot=th:8',
    'ot:th:8',
    'th:8',
  ]) {
    assert.equal(adjustedCountFromTraceState(traceState), 1, traceState);
  }
});

test('adjustedCountFromSampler: 1 / param of a probabilistic sampler', () => {
  assert.equal(adjustedCountFromSampler('probabilistic', 0.25), 4);
  assert.equal(adjustedCountFromSampler('probabilistic', 1), 1);
  for (const param of [0, -1, 1.5, Number.NaN, Infinity])
    assert.equal(adjustedCountFromSampler('probabilistic', param), 1);
  assert.equal(adjustedCountFromSampler('ratelimiting', 0.5), 1);
  assert.equal(adjustedCountFromSampler(undefined, 0.5), 1);
});
