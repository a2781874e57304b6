import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageAddress } from './page-name.ts';

const cases: readonly (readonly [string, string])[] = [
  ['/', 'home'],
  ['/search', 'search'],
  ['/search/', 'search'],
  ['/trace/5b8e', 'trace 5b8e'],
  ['/traces/5b8e/', 'trace 5b8e'],
  ['/zipkin/traces/5b8e', 'trace 5b8e'],
  ['/trace/5b8e/more', 'nothing'],
  ['/trace', 'nothing'],
  ['/service/a/b', 'service a/b'],
  ['/monitor', 'service'],
  ['/services', 'services'],
  ['/dependencies', 'map'],
  ['/map', 'map'],
  ['/status', 'status'],
  ['/sampling', 'sampling'],
  ['/mapper', 'nothing'],
];

for (const [path, expected] of cases) {
  test(`pageAddress: ${path}`, () => {
    const address = pageAddress(path);
    assert.equal(address === undefined ? 'nothing' : `${address.page} ${address.detail}`.trim(), expected);
  });
}
