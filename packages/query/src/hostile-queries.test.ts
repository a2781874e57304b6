import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from '@spoor/model';
import { parseQuery } from '@spoor/traceql';
import { searchTraces } from './search-traces.ts';
import { headSource, sourcesOf } from './testing/partition.ts';
import { plainSpan } from './testing/plain-span.ts';
import type { SearchAnswer } from './trace-store.ts';

/*
 * Queries that nobody writes by hand: each is answered, or refused by a limit, and none runs out of stack, memory or time.
 */

const spans = Array.from({ length: 400 }, (_, i) =>
  plainSpan({
    trace: 1 + (i % 20),
    id: i + 1,
    parent: i < 20 ? 0 : i - 19,
    name: `n${i % 7}`,
    attributes: { a: i, s: 'a'.repeat(i) },
    events: [{ e: i }, { e: i + 1 }],
    links: [{ l: i }, { l: i + 1 }],
  }),
);
const parts = [spans.slice(0, 200), spans.slice(200)];
const sources = sourcesOf(
  parts.map((part, i) => headSource(`part ${i}`, part)),
  parts,
);

function many(count: number, text: (i: number) => string, joint: string): string {
  return Array.from({ length: count }, (_, i) => text(i)).join(joint);
}

async function answerOf(text: string): Promise<SearchAnswer | string> {
  try {
    const query = parseQuery(text);
    return await searchTraces(sources, { query, range: {}, limit: 5, order: 'newest', spansPerSetMax: 3 });
  } catch (error) {
    const code = codeOf(error);
    assert.ok(code !== undefined, `${text.slice(0, 60)}: ${String(error)}`);
    return code;
  }
}

const answered: readonly (readonly [what: string, text: string, total: number])[] = [
  ['alternatives of a condition', `{ ${many(1_000, (i) => `.a = ${i + 395}`, ' || ')} }`, 5],
  ['conditions that all hold', `{ ${many(1_000, (i) => `.a != ${i + 400}`, ' && ')} }`, 20],
  ['alternatives of filters', many(1_500, (i) => `{ .a = ${i + 395} }`, ' || '), 5],
  ['filters that all hold', many(1_000, () => '{ .a < 400 }', ' && '), 20],
  ['filters one after the other', many(3_000, () => '{ .a < 400 }', ' | '), 20],
  ['groups', `{ } | ${many(300, () => 'by(name)', ' | ')}`, 20],
  ['aggregates', `{ } | ${many(300, () => 'count() > 0', ' | ')}`, 20],
  ['selected fields', `{ } | select(${many(256, (i) => `span.x${i}`, ', ')})`, 20],
  ['a sum of aggregates', `{ } | ${many(200, () => 'count()', ' + ')} = 4000`, 20],
  ['a regular expression of alternatives', `{ .s =~ "${many(5_000, (i) => `x${i}`, '|')}|a" }`, 1],
  ['a regular expression that backtracks elsewhere', '{ .s =~ "(a+)+b" }', 0],
  ['a regular expression of nested repetitions', '{ .s =~ "((a*)*)*b" }', 0],
  ['events and links together', `{ ${many(300, (i) => `event.e != ${i} || link.l = -1`, ' || ')} }`, 20],
  ['powers', '{ .a ^ 999 ^ 999 > 0 || .a = 1 }', 1],
];

for (const [what, text, total] of answered) {
  test(`hostile: ${what}`, async () => {
    const answer = await answerOf(text);
    if (typeof answer === 'string') assert.fail(`${what}: ${answer}`);
    assert.equal(answer.total, total);
  });
}

const bounded: readonly (readonly [what: string, text: string])[] = [
  ['selected fields', `{ } | select(${many(5_000, (i) => `span.x${i}`, ', ')})`],
  ['structure of structure', many(5_000, () => '{ }', ' >> ')],
  ['brackets', `${'('.repeat(5_000)}{ }${')'.repeat(5_000)}`],
  ['negations', `{ ${'!'.repeat(5_000)}span.a }`],
  ['a sum', `{ ${many(5_000, () => '.a', ' + ')} > 1 }`],
  ['a repetition of repetitions', `{ .s =~ "((a{1000}){1000}){1000}" }`],
  ['a regular expression that is too long', `{ .s =~ "${'(a|b)?'.repeat(3_000)}" }`],
  ['pipelines in pipelines', `${'('.repeat(200)}{ }${' | count() > 0)'.repeat(200)} && { }`],
  ['scalars of scalars', `${'('.repeat(200)}{ } | count()${')'.repeat(200)} > 0`],
];

for (const [what, text] of bounded) {
  test(`hostile: ${what} is answered or refused by its code`, async () => {
    const answer = await answerOf(text);
    if (typeof answer === 'string') assert.match(answer, /^QUERY_(LIMIT|INVALID)$/);
    else assert.ok(answer.total <= 20);
  });
}

test('hostile: a regular expression that takes long is ended by its deadline', async () => {
  const query = parseQuery(`{ .s =~ "${'(a|b)?'.repeat(2_500)}c" }`);
  const answer = await searchTraces(sources, { query, range: {}, limit: 5, order: 'newest', timeMilliMax: 1 });
  assert.match(answer.incomplete!, /time was over/);
});

test('hostile: a query of many alternatives is ended by its deadline', async () => {
  const query = parseQuery(`{ ${many(20_000, (i) => `.a = ${i + 1_000}`, ' || ')} }`);
  const answer = await searchTraces(sources, { query, range: {}, limit: 5, order: 'newest', timeMilliMax: 1 });
  assert.match(answer.incomplete!, /time was over/);
});
