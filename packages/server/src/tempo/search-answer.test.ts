import { deepEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { limits, parseTraceId, unixNano } from '@spoor/model';
import type { SearchRequest, TraceStore, TraceSummary } from '@spoor/query';
import { runTempoSearch, type TempoSearch } from './search-answer.ts';

const everything: TempoSearch = {
  query: '{}',
  tags: new Map(),
  minDurationNano: undefined,
  maxDurationNano: undefined,
  limit: 0,
  spansPerSet: 0,
  start: 0,
  end: 0,
  order: 'newest',
  cursor: undefined,
};

/**
 * A home of so many traces that gives a page of them at a time, and remembers what it was asked. Pages from `slowFrom` on
 * find a single trace in their time.
 */
function home(
  traceCount: number,
  slowFrom = traceCount,
): { readonly traces: TraceStore; readonly asked: SearchRequest[] } {
  const asked: SearchRequest[] = [];
  const search: TraceStore['search'] = async (_tenant, request) => {
    asked.push(request);
    const first = Number(request.cursor ?? 0);
    const isSlow = first >= slowFrom;
    const count = isSlow ? 1 : Math.min(request.limit, limits.searchTracesMax, traceCount - first);
    const last = first + count;
    const progress = {
      inspectedSpanCount: 1,
      inspectedTraceCount: 1,
      inspectedBytes: 1,
      sourceCount: 1,
      doneSourceCount: 1,
    };
    return {
      traces: Array.from({ length: count }, (_, i) => summary(first + i + 1)),
      total: isSlow ? 1 : traceCount,
      totalIsExact: !isSlow,
      incomplete: isSlow ? 'the time was over' : undefined,
      cursor: last < traceCount ? String(last) : undefined,
      body: undefined,
      warnings: [],
      progress,
    };
  };
  return { traces: { search } as unknown as TraceStore, asked };
}

function summary(n: number): TraceSummary {
  return {
    traceId: parseTraceId(n.toString(16))!,
    rootService: 'shop',
    rootName: 'GET /',
    isRooted: true,
    start: unixNano(1n),
    end: unixNano(2_500_001n),
    spanCount: 1,
    errorCount: 0,
    orphanCount: 0,
    matchedCount: 1,
    services: [],
  };
}

const signal = new AbortController().signal;

test('runTempoSearch: more than a page is asked for page by page, up to the limit', async () => {
  const { traces, asked } = home(25_000);
  const soFar: number[] = [];
  const search = { ...everything, limit: 23_000 };
  const answer = await runTempoSearch(traces, 't', search, signal, ({ traces: some }) => void soFar.push(some.length));
  equal(answer.response.traces.length, 23_000);
  deepEqual(
    asked.map(({ limit, cursor }) => [limit, cursor]),
    [
      [10_000, undefined],
      [10_000, '10000'],
      [3_000, '20000'],
    ],
  );
  deepEqual(soFar, [10_000, 10_000]);
  deepEqual([answer.total, answer.cursor], [25_000, '23000']);
  equal(new Set(answer.response.traces.map(({ traceID }) => traceID)).size, 23_000);
});

test('runTempoSearch: a later page without time leaves no gap, and takes nothing from what is known of the total', async () => {
  const search = { ...everything, limit: 23_000 };
  const cut = await runTempoSearch(home(25_000, 10_000).traces, 't', search, signal);
  deepEqual(
    [cut.response.traces.length, cut.total, cut.totalIsExact, cut.cursor, cut.incomplete],
    [10_000, 25_000, true, '10000', 'the time was over'],
  );
  const first = await runTempoSearch(home(25_000, 0).traces, 't', search, signal);
  deepEqual(
    [first.response.traces.length, first.total, first.totalIsExact, first.cursor, first.incomplete],
    [1, 1, false, '1', 'the time was over'],
  );
});

test('runTempoSearch: Tempo’s defaults; tags have no spans', async () => {
  const { traces, asked } = home(1);
  const byQuery = await runTempoSearch(traces, 't', everything, signal);
  deepEqual([asked[0].limit, asked[0].spansPerSetMax, asked[0].range], [20, 3, {}]);
  deepEqual([byQuery.response.traces[0].traceID, byQuery.response.traces[0].durationMs], ['1', 2]);
  const byTags = await runTempoSearch(traces, 't', { ...everything, query: '', limit: 5 }, signal);
  deepEqual([asked[1].limit, asked[1].spansPerSetMax], [5, undefined]);
  deepEqual([byTags.response.traces[0].spanSets, byTags.response.traces[0].serviceStats], [undefined, undefined]);
});

test('runTempoSearch: refusals are the same over gRPC', async () => {
  const { traces } = home(1);
  const refused = { code: 'QUERY_INVALID' };
  await rejects(runTempoSearch(traces, 't', { ...everything, limit: 262_145 }, signal), refused);
  await rejects(runTempoSearch(traces, 't', { ...everything, spansPerSet: 101 }, signal), refused);
  await rejects(runTempoSearch(traces, 't', { ...everything, start: 5, end: 5 }, signal), refused);
  await rejects(runTempoSearch(traces, 't', { ...everything, tags: new Map([['a', 'b']]) }, signal), refused);
});
