import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf, type Trace } from '@spoor/model';
import { allOf, compare, constant, intrinsic, parseQuery, type Query, searchFor, type Static } from '@spoor/traceql';
import { dependencyEdges } from './dependency-edges.ts';
import { assembleTraces, fetchTraces } from './fetch-traces.ts';
import type { QuerySources } from './query-sources.ts';
import { searchTraces } from './search-traces.ts';
import { headSource, sourcesOf } from './testing/partition.ts';
import { plainSpan, resourceOf } from './testing/plain-span.ts';
import { traceIdOf } from './testing/random-traces.ts';
import { locateTraces } from './trace-parts.ts';
import { TurnTaker } from './turn-taker.ts';
import type { SearchRequest } from './trace-store.ts';

const everything = searchFor(undefined);
const budget = { totalScanRowsMax: 1e9, answerSpansMax: 1e6 };
const request: SearchRequest = { query: everything, range: {}, limit: 10, order: 'newest' };

/** `count` traces of one span, trace i starting at i; in order, three to a source, newest source first. */
function sources(count: number): QuerySources {
  const spans = Array.from({ length: count }, (_, i) => plainSpan({ trace: i + 1, start: i + 1 }));
  const parts = Array.from({ length: Math.ceil(count / 3) }, (_, p) => spans.slice(3 * p, 3 * p + 3)).reverse();
  return sourcesOf(
    parts.map((part, i) => headSource(`part ${i}`, part)),
    parts,
  );
}

function throwsCode(code: string) {
  return (error: unknown): boolean => codeOf(error) === code;
}

test('searchTraces: traces of equal start come in the order of their ids, page after page', async () => {
  const spans = Array.from({ length: 9 }, (_, i) => plainSpan({ trace: ((i * 7) % 9) + 1 }));
  const tied = sourcesOf(
    [headSource('a', spans.slice(0, 4)), headSource('b', spans.slice(4))],
    [spans.slice(0, 4), spans.slice(4)],
  );
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const answer = await searchTraces(tied, { ...request, limit: 2, cursor });
    ids.push(...answer.traces.map(({ traceId }) => traceId));
    cursor = answer.cursor;
  } while (cursor !== undefined);
  assert.deepEqual(
    ids,
    Array.from({ length: 9 }, (_, i) => traceIdOf(i + 1)),
  );
});

test('searchTraces: past the budget the page is still right and the total says at least', async () => {
  const cut = await searchTraces(sources(30), { ...request, limit: 4 }, { budget: { ...budget, totalScanRowsMax: 6 } });
  assert.deepEqual(
    cut.traces.map(({ start }) => start),
    [30n, 29n, 28n, 27n],
  );
  assert.equal(cut.totalIsExact, false);
  assert.ok(cut.total >= 5 && cut.total < 30);
  assert.notEqual(cut.cursor, undefined);
  const next = await searchTraces(
    sources(30),
    { ...request, limit: 4, cursor: cut.cursor },
    { budget: { ...budget, totalScanRowsMax: 6 } },
  );
  assert.deepEqual(
    next.traces.map(({ start }) => start),
    [26n, 25n, 24n, 23n],
  );
});

test('searchTraces: structure and aggregates use the budget up sooner', async () => {
  const query = parseQuery('{ } | count() > 0');
  const small = { ...budget, totalScanRowsMax: 100 };
  const cut = await searchTraces(sources(30), { ...request, query, limit: 4 }, { budget: small });
  assert.equal(cut.totalIsExact, false);
  assert.ok(cut.total >= 5 && cut.total < 30, `${cut.total}`);
  const whole = await searchTraces(sources(30), { ...request, query, limit: 4 }, { budget });
  assert.deepEqual([whole.total, whole.totalIsExact], [30, true]);
  assert.deepEqual(cut.traces, whole.traces);
  assert.equal(cut.cursor, whole.cursor);
  const condition = await searchTraces(sources(30), { ...request, limit: 4 }, { budget: small });
  assert.equal(condition.totalIsExact, true);
});

test('searchTraces: the longest come first whatever the budget', async () => {
  const spans = Array.from({ length: 9 }, (_, i) => plainSpan({ trace: i + 1, start: 100 - i, durationNano: i }));
  const parts = [spans.slice(0, 5), spans.slice(5)];
  const split = sourcesOf(
    parts.map((part, i) => headSource(`part ${i}`, part)),
    parts,
  );
  const answer = await searchTraces(
    split,
    { ...request, limit: 1, order: 'longest' },
    { budget: { ...budget, totalScanRowsMax: 1 } },
  );
  assert.equal(answer.traces[0]?.traceId, traceIdOf(9));
  assert.equal(answer.total, 9);
});

test('searchTraces: the renderer gets whole traces in the order of the answer', async () => {
  const spans = [
    plainSpan({ trace: 1, id: 1, start: 5 }),
    plainSpan({ trace: 1, id: 2, parent: 1, start: 9 }),
    plainSpan({ trace: 2, start: 7 }),
  ];
  const parts = [spans.slice(0, 1), spans.slice(1)];
  const split = sourcesOf(
    parts.map((part, i) => headSource(`part ${i}`, part)),
    parts,
  );
  let rendered: readonly Trace[] = [];
  const body = Uint8Array.of(1);
  const render = (traces: readonly Trace[]) => ((rendered = traces), body);
  const answer = await searchTraces(split, { ...request, format: { name: 'test' } }, { renderer: render });
  assert.equal(answer.body, body);
  assert.deepEqual(
    rendered.map(({ traceId, spans: all }) => [traceId, all.length]),
    [
      [traceIdOf(2), 1],
      [traceIdOf(1), 2],
    ],
  );
});

test('searchTraces: a cursor of another order, or none of ours, is refused', async () => {
  const { cursor } = await searchTraces(sources(5), { ...request, limit: 1 });
  await assert.rejects(searchTraces(sources(5), { ...request, order: 'longest', cursor }), throwsCode('QUERY_INVALID'));
  await assert.rejects(searchTraces(sources(5), { ...request, cursor: 'nonsense' }), throwsCode('QUERY_INVALID'));
});

test('searchTraces: what is not evaluated yet is refused by name', async () => {
  const refused: readonly (readonly [Query, RegExp])[] = [
    [
      {
        kind: 'metrics',
        metrics: {
          kind: 'metricsAggregate',
          pipeline: [{ kind: 'filter', condition: undefined }],
          fn: 'rate',
          of: undefined,
          by: [],
          arguments: [],
          second: [],
        },
        hints: [],
      },
      /metrics query finds no traces/,
    ],
    [
      searchFor(compare(intrinsic('span:name'), '=~', constant({ type: 'string', value: 'a(b' }))),
      /invalid regular expression "a\(b"/,
    ],
    [searchFor(compare(intrinsic('span:name'), '=~', intrinsic('span:name'))), /must be a string constant/],
  ];
  for (const [query, message] of refused) {
    await assert.rejects(
      searchTraces(sources(1), { ...request, query }),
      (error: Error) => throwsCode('QUERY_INVALID')(error) && message.test(error.message),
    );
  }
});

test('searchTraces, fetchTraces, dependencyEdges: a cancelled query ends with its code', async () => {
  const cancelled = AbortSignal.abort();
  await assert.rejects(searchTraces(sources(3), request, { signal: cancelled }), throwsCode('QUERY_CANCELLED'));
  await assert.rejects(fetchTraces(sources(3), [traceIdOf(1)], cancelled), throwsCode('QUERY_CANCELLED'));
  await assert.rejects(dependencyEdges(sources(3), {}, cancelled), throwsCode('QUERY_CANCELLED'));
});

test('searchTraces: a query cancelled while it runs stops at the next block', async () => {
  const controller = new AbortController();
  const some = sources(9);
  let blocks = 0;
  for (const source of some.sources) {
    const block = source.block.bind(source);
    source.block = async (index, need) => {
      if (++blocks === 2) controller.abort();
      return block(index, need);
    };
  }
  const value: Static = { type: 'kind', value: 'server' };
  const query = searchFor(compare(intrinsic('span:kind'), '=', constant(value)));
  await assert.rejects(
    searchTraces(some, { ...request, query }, { signal: controller.signal }),
    throwsCode('QUERY_CANCELLED'),
  );
  assert.equal(blocks, 2);
});

test('searchTraces: a column that cannot change the answer is not fetched', async () => {
  const some = sources(3);
  const fetched: string[] = [];
  for (const source of some.sources) {
    const block = source.block.bind(source);
    source.block = async (index, need, signal) => {
      fetched.push(...(need.words ?? []), ...(need.numbers ?? []));
      return block(index, need, signal);
    };
  }
  const named = (name: string) => compare(intrinsic('span:name'), '=', constant({ type: 'string', value: name }));
  const slow = compare(intrinsic('span:duration'), '>', constant({ type: 'duration', value: 1e9 }));
  await searchTraces(some, { ...request, query: searchFor(allOf([named('absent'), slow])) });
  assert.deepEqual(fetched, [], 'a string that no span has: nothing is read');
  await searchTraces(some, { ...request, query: searchFor(allOf([named('GET /'), slow])) });
  assert.deepEqual(fetched, ['durationNano'], 'the first condition that fails everywhere ends the block');
});

test('fetchTraces: joins parts, folds equal spans, keeps different spans of one id, lists what is missing', async () => {
  const retried = plainSpan({ id: 2, parent: 1, start: 2_000 });
  const parts = [
    [plainSpan({ id: 1 }), retried],
    [retried, plainSpan({ id: 2, parent: 1, start: 2_000, name: 'other' })],
  ];
  const split = sourcesOf(
    parts.map((part, i) => headSource(`part ${i}`, part)),
    parts,
  );
  const { traces, missing } = await fetchTraces(split, [traceIdOf(8), traceIdOf(1)]);
  assert.deepEqual(
    traces.map(({ spans }) => spans.map(({ spanId, name }) => `${Number(spanId)} ${name}`)),
    [['1 GET /', '2 GET /', '2 other']],
  );
  assert.deepEqual(missing, [traceIdOf(8)]);
});

test('searchTraces: a trace of 100,000 spans in one chain, without root, in two sources', async () => {
  const resources = [resourceOf({ 'service.name': 'a' }), resourceOf({ 'service.name': 'b' })];
  const spans = Array.from({ length: 100_000 }, (_, i) =>
    plainSpan({ id: i + 1, parent: i === 0 ? 100_000 : i, start: 1_000 + i, resource: resources[i % 2] }),
  );
  const parts = [spans.filter((_, i) => i % 3 === 0), spans.filter((_, i) => i % 3 !== 0)];
  const split = sourcesOf(
    parts.map((part, i) => headSource(`part ${i}`, part)),
    parts,
  );
  const leaf = compare(intrinsic('span:childCount'), '=', constant({ type: 'int', value: 0 }));
  const { traces } = await searchTraces(split, { ...request, query: searchFor(leaf) });
  assert.deepEqual(
    traces.map(({ spanCount, matchedCount, rootName }) => ({ spanCount, matchedCount, rootName })),
    [{ spanCount: 100_000, matchedCount: 1, rootName: 'GET /' }],
  );
  const edges = await dependencyEdges(split, {});
  assert.deepEqual(
    edges.map(({ parent, child, callCount }) => [parent, child, callCount]),
    [
      ['a', 'b', 50_000],
      ['b', 'a', 49_999],
    ],
  );
});

test('searchTraces: a page of long traces ends early, and the next one goes on from there', async () => {
  const spans = Array.from({ length: 12 }, (_, i) => plainSpan({ trace: 1 + (i % 3), id: i + 1, start: 1 + (i % 3) }));
  const qs = sourcesOf([headSource('head', spans)], [spans]);
  const small = { ...budget, answerSpansMax: 9 };
  const first = await searchTraces(qs, request, { budget: small });
  assert.deepEqual(
    first.traces.map(({ start, spanCount }) => [start, spanCount]),
    [
      [3n, 4],
      [2n, 4],
    ],
  );
  const second = await searchTraces(qs, { ...request, cursor: first.cursor }, { budget: small });
  assert.deepEqual(
    second.traces.map(({ start }) => start),
    [1n],
  );
  assert.equal(second.cursor, undefined);
});

test('assembleTraces: says which spans of an endless trace are left out', async () => {
  const spans = Array.from({ length: 5 }, (_, i) => plainSpan({ id: i + 1 }));
  const turns = new TurnTaker();
  const heads = [headSource('a', spans.slice(0, 2)), headSource('b', spans.slice(2))];
  const { traces, warnings } = await assembleTraces(
    await locateTraces({ sources: heads }, [traceIdOf(1)], turns),
    turns,
    3,
  );
  assert.equal(traces[0].trace.spans.length, 3);
  assert.deepEqual(warnings, [`trace ${traceIdOf(1)} has too many spans for one answer: 2 of them are left out`]);
});
