import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { usersOf } from './demo-users.ts';
import { userRequest } from './user-load.ts';

test('userRequest: both faults come within the first seconds and stay rare', () => {
  const requests = Array.from({ length: 1000 }, (_, n) => userRequest(n));
  const isUnindexed = ({ tenant, path }: (typeof requests)[number]): boolean =>
    tenant === 'globex' && path === '/orders';
  ok(requests.slice(0, 10).some(({ isExpired }) => isExpired));
  ok(requests.slice(0, 10).some(isUnindexed));
  const share = (count: number): boolean => count > 60 && count < 120;
  ok(share(requests.filter(({ isExpired }) => isExpired).length));
  ok(share(requests.filter(isUnindexed).length));
  equal(requests.filter((request) => request.isExpired && isUnindexed(request)).length, 0, 'never both at once');
});

test('userRequest: every user comes, with either page, and the same sequence each time', () => {
  const requests = Array.from({ length: 1000 }, (_, n) => userRequest(n));
  for (const tenant of ['acme', 'initech', 'globex'] as const) {
    const seen = new Set(requests.filter((request) => request.tenant === tenant).map(({ user }) => user));
    deepEqual([...seen].toSorted(), usersOf(tenant));
  }
  deepEqual(new Set(requests.map(({ path }) => path)), new Set(['/orders', '/profile']));
  deepEqual(userRequest(7), userRequest(7));
});
