import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseQuery } from '@spoor/traceql';
import type { QuerySources } from './query-sources.ts';
import { searchTraces } from './search-traces.ts';
import { attributeText } from './testing/attribute-text.ts';
import { knownSpans } from './testing/known-trace.ts';
import { headSource, sourcesOf } from './testing/partition.ts';
import type { SpanSet } from './trace-store.ts';

/*
 * Searches over one known trace, with the spans that a reference implementation answered, each named by the first digit
 * of its id:
 *
 *     1 GET /  (server) ── 2 HTTP GET (client) ── 3 /api (server) ── 5 SELECT (client)
 *                       └─ 4 sib (internal)                          6 orphan
 */
const corpus = join(import.meta.dirname, '../../../../shared/data/traceql');
const skip = existsSync(corpus) ? false : 'the shared corpus ../shared/data/traceql is not there';

/** Where we answer otherwise; the reasons are in docs/traceql.md. */
const deviations: Readonly<Record<string, string>> = {
  // ! is true of what is missing
  '{ !(.foo = "spanfoo") }': '2 3 4 5 6',
  '{ !span.b }': '2 3 4 5 6',
  // the resource has it
  '{ .foo = nil }': '',
  // without events or links the attribute is missing too
  '{ event.zzz = nil }': '1 2 3 4 5 6',
  '{ link.zzz = nil }': '1 2 3 4 5 6',
  // numbers compare by value
  '{ span.n = 5.0 }': '1',
  '{ span.f = 5 }': '1',
  '{ span.lat > 1s }': '1',
  '{ span.http.status_code >= 499.5 }': '2',
  '{ span.http.status_code = 500.0 }': '2',
  // one element is equal
  '{ span.iarr != 2 }': '',
  // they are there
  '{ span.mixed != nil }': '1',
  '{ span.kv != nil }': '1',
  // the arguments of ^ are not swapped
  '{ 2 ^ 3 = 8 }': '1 2 3 4 5 6',
  '{ 2 ^ 3 = 9 }': '',
  '{ 2 * 3 ^ 2 = 18 }': '1 2 3 4 5 6',
};

/** Where its span sets are others. */
const setDeviations: Readonly<Record<string, string>> = {
  // each span keeps its own group
  '{} | by(resource.service.name) | { kind = server } > { kind = client }':
    '[by(resource.service.name)=backend 5] [by(resource.service.name)=frontend 2]',
};

/** As the corpus writes them: values of groups and aggregates, then spans by the first digit of their id. */
async function answerOf(qs: QuerySources, text: string): Promise<string> {
  const answer = await searchTraces(qs, {
    query: parseQuery(text),
    range: {},
    limit: 10,
    order: 'newest',
    spansPerSetMax: 100,
  });
  const sets = answer.traces.flatMap(({ spanSets }) => spanSets!);
  assert.ok(sets.every(({ matchedCount, spans }) => matchedCount === spans.length));
  return sets.length === 0 ? '-' : sortedSets(sets.map(textOfSet));
}

function textOfSet({ attributes, spans }: SpanSet): string {
  const values = attributes.map(attributeText);
  const digits = spans.map(({ spanId }) => spanId[0]).sort();
  return `[${[...values, ...digits].join(' ')}]`;
}

function sortedSets(sets: readonly string[]): string {
  return sets.toSorted().join(' ');
}

test('searches over the known trace find what the reference found, but for what is listed', { skip }, async () => {
  const spans = knownSpans(readFileSync(join(corpus, 'trace.json'), 'utf8'), 2n ** 60n);
  const source = await headSource('known', spans).ordered();
  const qs = sourcesOf([source], [spans]);
  const lines = readFileSync(join(corpus, 'searches.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  let checked = 0;
  for (const line of lines) {
    const [, text, answer] = /^(.*?)(?: {2,}| (?=\[))(\[.*|-|400 .*)$/.exec(line)!;
    if (answer.startsWith('400 ')) continue;
    const deviation = deviations[text];
    const otherwise = deviation === undefined ? undefined : deviation === '' ? '-' : `[${deviation}]`;
    const expected = otherwise ?? setDeviations[text] ?? sortedSets(answer.match(/\[[^\]]*\]|-/g)!);
    assert.equal(await answerOf(qs, text), expected, text);
    checked++;
  }
  assert.ok(checked > 90, `${checked} searches`);
});
