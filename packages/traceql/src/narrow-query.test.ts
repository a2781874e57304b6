import assert from 'node:assert/strict';
import { test } from 'node:test';
import { narrowQuery } from './narrow-query.ts';
import { parseQuery } from './parse-query.ts';
import { printQuery } from './printer.ts';
import { compare, constant, intrinsic } from './tree.ts';

const failed = compare(intrinsic('span:status'), '=', constant({ type: 'status', value: 'error' }));

const cases: readonly (readonly [text: string, narrowed: string])[] = [
  ['{ }', '{ status = error }'],
  ['{ .a = 1 || .b = 2 } | by(name)', '{ status = error && (.a = 1 || .b = 2) } | by(name)'],
  ['{ } | rate() by(name) with (exemplars=true)', '{ status = error } | rate() by(name) with (exemplars=true)'],
  ['{ name = "a" } | compare({ kind = server })', '{ status = error && name = "a" } | compare({ kind = server })'],
];

for (const [text, narrowed] of cases) {
  test(`narrowQuery: ${text}`, () => assert.equal(printQuery(narrowQuery(parseQuery(text), failed)!), narrowed));
}

test('narrowQuery: nothing where there is no first filter', () => {
  for (const text of ['{ } >> { }', 'count() > 1', '({ } | rate()) / ({ } | rate())']) {
    assert.equal(narrowQuery(parseQuery(text), failed), undefined, text);
  }
});
