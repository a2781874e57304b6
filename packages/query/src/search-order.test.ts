import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from '@spoor/model';
import { decodeCursor, encodeCursor, nthLargest } from './search-order.ts';
import { traceIdOf } from './testing/random-traces.ts';
import { SeededRandom, testSeed } from './testing/seeded-random.ts';

test('nthLargest: agrees with sorting', () => {
  const seed = testSeed();
  const random = new SeededRandom(seed);
  for (let round = 0; round < 500; round++) {
    const numbers = random.list(40, () => random.below(20));
    const count = 1 + random.below(12);
    const sorted = numbers.toSorted((a, b) => b - a);
    assert.equal(nthLargest(numbers, count), sorted[count - 1] ?? Number.NEGATIVE_INFINITY, `SEED=${seed}`);
  }
});

test('decodeCursor: gives back what was encoded, to the nanosecond', () => {
  const place = { key: 2n ** 64n - 1n, traceId: traceIdOf(7) };
  assert.deepEqual(decodeCursor('newest', encodeCursor('newest', place)), place);
});

test('decodeCursor: a damaged cursor is refused with its code', () => {
  const cursor = encodeCursor('newest', { key: 5n, traceId: traceIdOf(7) });
  for (let end = 0; end < cursor.length - 1; end++) {
    assert.throws(
      () => decodeCursor('newest', cursor.slice(0, end)),
      (error) => codeOf(error) === 'QUERY_INVALID',
    );
  }
});
