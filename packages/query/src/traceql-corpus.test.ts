import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Span, SpanRecorder } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import { parseQuery } from '@spoor/traceql';
import { decodeTracesJson } from '@spoor/wire';
import { matchPlan } from './plan-matches.ts';
import { compileSearch } from './search-plan.ts';
import { rowsOfMatches } from './source-rows.ts';
import { headSource } from './testing/partition.ts';
import { TurnTaker } from './turn-taker.ts';

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

/** The trace, at the moment 2^60 ns. */
function knownSpans(): readonly Span[] {
  const request = readFileSync(join(corpus, 'trace.json'), 'utf8');
  const shifted = request.replaceAll(
    /("(?:startTimeUnixNano|endTimeUnixNano|timeUnixNano)": *)"(\d+)"/g,
    (_, name: string, nano: string) => `${name}"${2n ** 60n + BigInt(nano)}"`,
  );
  const recorder = new SpanRecorder();
  decodeTracesJson(new TextEncoder().encode(shifted), recorder);
  return recorder.spans;
}

async function matchedSpans(source: ColumnSource, text: string): Promise<string> {
  const matches = await matchPlan(source, compileSearch(parseQuery(text)).spans, {}, new TurnTaker());
  const rows = rowsOfMatches(matches);
  const spans = await source.spans(Uint32Array.from(rows.keys()).filter((row) => rows[row] === 1));
  return spans
    .map(({ spanId }) => spanId[0])
    .sort()
    .join(' ');
}

/** The spans of all the answer's span sets. */
function expectedSpans(answer: string): string {
  const digits = [...answer.matchAll(/\[([^\]]*)\]/g)].flatMap(
    ([, set]) => /(?:^| )(\d(?: \d)*)$/.exec(set)?.[1].split(' ') ?? [],
  );
  return digits.sort().join(' ');
}

test('searches over the known trace find what the reference found, but for what is listed', { skip }, async () => {
  const source = await headSource('known', knownSpans()).ordered();
  const lines = readFileSync(join(corpus, 'searches.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  let checked = 0;
  for (const line of lines) {
    const [, text, answer] = /^(.*?)(?: {2,}| (?=\[))(\[.*|-|400 .*)$/.exec(line)!;
    if (answer.startsWith('400 ')) continue;
    assert.equal(await matchedSpans(source, text), deviations[text] ?? expectedSpans(answer), text);
    checked++;
  }
  assert.ok(checked > 90, `${checked} searches`);
});
