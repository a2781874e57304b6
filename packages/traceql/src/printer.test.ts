import assert from 'node:assert/strict';
import { test } from 'node:test';
import process from 'node:process';
import * as fc from 'fast-check';
import { parseRoot } from './parse-query.ts';
import { printQuery } from './printer.ts';
import { arbitraryQuery } from './testing/arbitrary-queries.ts';
import { TokenCursor } from './token-cursor.ts';
import { allOf, attribute, compare, constant, type FieldExpression, type Query, searchFor } from './tree.ts';

/** Without the static checks, which most random trees fail. */
function parse(text: string): Query {
  return parseRoot(new TokenCursor(text)).query;
}

const seed = process.env['SEED'] === undefined ? {} : { seed: Number(process.env['SEED']) };

test('printQuery: what is printed is read as the same tree', () => {
  fc.assert(
    fc.property(arbitraryQuery, (query) => {
      const text = printQuery(query);
      assert.deepEqual(parse(text), query, text);
      assert.equal(printQuery(parse(text)), text);
    }),
    { numRuns: 3000, ...seed },
  );
});

const rows: readonly (readonly [text: string, printed: string])[] = [
  ['{}', '{ }'],
  ['{((.a))}', '{ .a }'],
  ['{ .a = 1 && (.b = 2 || .c = 3) }', '{ .a = 1 && (.b = 2 || .c = 3) }'],
  ['{ (.a = 1 && .b = 2) || .c = 3 }', '{ .a = 1 && .b = 2 || .c = 3 }'],
  ['{ (-.a) * 2 = .b }', '{ (-.a) * 2 = .b }'],
  ['{ -(.a * 2) = .b }', '{ -.a * 2 = .b }'],
  ['{ 2 ^ 3 ^ .a = .b }', '{ 2 ^ 3 ^ .a = .b }'],
  ['{ (2 ^ 3) ^ .a = .b }', '{ (2 ^ 3) ^ .a = .b }'],
  ['{ span:name = `a"b` }', String.raw`{ name = "a\"b" }`],
  ['{ span."a b".c }', '{ span."a b.c" }'],
  ['{ .d > 90m && .e < 1500us }', '{ .d > 1h30m && .e < 1ms500us }'],
  ['{ .n = -9223372036854775807 || .n = minInt }', '{ .n = -9223372036854775807 || .n = minInt }'],
  ['{ .f = 5. || .f = 1e21 }', '{ .f = 5.0 || .f = 1e+21 }'],
  ['({.a})>(({.b}))', '{ .a } > { .b }'],
  ['{.a} > ({.b} > {.c})', '{ .a } > ({ .b } > { .c })'],
  ['({.a} | count() > 1) && {.b}', '({ .a } | count() > 1) && { .b }'],
  ['{}|by(name)|coalesce()|select(.a,name)', '{ } | by(name) | coalesce() | select(.a, name)'],
  ['{}|avg(duration)>1+2*3', '{ } | avg(duration) > 7'],
  ['{}|rate()by(name)>5|topk(3)with(a=1)with(b="x")', '{ } | rate() by(name) > 5 | topk(3) with (a=1, b="x")'],
  ['({}|rate())/(2*({}|rate())>3)', '({ } | rate()) / (2 * ({ } | rate()) > 3)'],
  ['{}|compare({.a},10)', '{ } | compare({ .a })'],
  ['{}|compare({.a},5,1,2)', '{ } | compare({ .a }, 5, 1, 2)'],
];

test('printQuery: by example', () => {
  for (const [text, printed] of rows) assert.equal(printQuery(parse(text)), printed, text);
});

test('printQuery: chains as long as programs build them', () => {
  const conditions = Array.from({ length: 50_000 }, (_, n) =>
    compare(attribute('span', 'n'), '=', constant({ type: 'int', value: n })),
  );
  const query = searchFor(allOf(conditions));
  const printed = printQuery(query);
  let length = 1;
  const [filter] = (parse(printed) as Query & { kind: 'search' }).pipeline;
  let at: FieldExpression = filter.kind === 'filter' ? filter.condition! : assert.fail('a filter');
  for (; at.kind === 'binary' && at.op === '&&'; at = at.left) length++;
  assert.equal(length, conditions.length);
});
