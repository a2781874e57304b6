import { equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { ByteBudget } from './byte-budget.ts';

test('ByteBudget: shared by all holds, given back by disposing', () => {
  const budget = new ByteBudget(100);
  {
    using first = budget.open();
    using second = budget.open();
    first.take(60);
    second.take(40);
    throws(() => first.take(1), { code: 'STORE_BUSY' });
    equal(budget.takenBytes, 100);
  }
  equal(budget.takenBytes, 0);
});
