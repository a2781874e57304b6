import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Span, UnixNano } from '@spoor/model';
import { type FieldExpression, searchFor } from '@spoor/traceql';
import type { QuerySources } from './query-sources.ts';
import { searchTraces } from './search-traces.ts';
import { modelMatches } from './testing/model-evaluator.ts';
import { ModelTrace } from './testing/model-trace.ts';
import { randomSources } from './testing/partition.ts';
import { randomCondition } from './testing/random-plans.ts';
import { randomTrace, traceIdOf } from './testing/random-traces.ts';
import { SegmentFolder } from './testing/segment-folder.ts';
import { checkPairs, SeededRandom } from './testing/seeded-random.ts';
import type { SearchRequest, TimeRange } from './trace-store.ts';

interface Expected {
  readonly traceId: string;
  readonly matchedCount: number;
  readonly spanCount: number;
  readonly start: bigint;
  readonly end: bigint;
}

function isIn(span: Span, { start, end }: TimeRange): boolean {
  return (
    (start === undefined || span.startTimeUnixNano >= start) && (end === undefined || span.startTimeUnixNano <= end)
  );
}

function modelSearch(
  traces: readonly ModelTrace[],
  condition: FieldExpression | undefined,
  range: TimeRange,
  order: 'newest' | 'longest',
): Expected[] {
  const key = (trace: Expected) => (order === 'newest' ? trace.start : trace.end - trace.start);
  return traces
    .map((trace) => {
      const matchedCount = modelMatches(trace, condition).filter((span) => isIn(span, range)).length;
      return {
        traceId: trace.traceId,
        matchedCount,
        spanCount: trace.spans.length,
        start: trace.start,
        end: trace.end,
      };
    })
    .filter(({ matchedCount }) => matchedCount > 0)
    .sort((a, b) => Number(key(b) - key(a)) || (a.traceId < b.traceId ? -1 : 1));
}

/** All pages of a search, joined; each says the same total. */
async function pages(sources: QuerySources, request: SearchRequest): Promise<{ traces: Expected[]; total: number }> {
  const traces: Expected[] = [];
  let cursor: string | undefined;
  let total: number | undefined;
  do {
    const answer = await searchTraces(sources, { ...request, cursor });
    assert.equal(answer.totalIsExact, true);
    total ??= answer.total;
    assert.equal(answer.total, total);
    assert.ok(answer.cursor === undefined || answer.traces.length === request.limit);
    for (const { traceId, matchedCount, spanCount, start, end } of answer.traces)
      traces.push({ traceId, matchedCount, spanCount, start, end });
    cursor = answer.cursor;
  } while (cursor !== undefined);
  return { traces, total };
}

/** @returns the number of (query, trace) pairs */
async function checkRound(seed: number, segments?: SegmentFolder): Promise<number> {
  const random = new SeededRandom(seed);
  const traceCount = 1 + random.below(random.chance(0.05) ? 80 : 8);
  const stored = Array.from({ length: traceCount }, (_, i) => randomTrace(random, traceIdOf(i + 1)));
  const spans = stored.flat().sort(() => random.next() - 0.5);
  const sources = await randomSources(random, spans, segments);
  const traces = stored.map((each) => new ModelTrace(each));
  const someTime = () => (2n ** 60n + BigInt(random.below(50))) as UnixNano;
  const queryCount = 12;
  for (let plan = 0; plan < queryCount; plan++) {
    const condition = random.chance(0.05) ? undefined : randomCondition(random);
    const range = random.chance(0.7) ? {} : { start: someTime(), end: random.chance(0.5) ? undefined : someTime() };
    const order = random.pick(['newest', 'longest'] as const);
    const limit = 1 + random.below(traceCount);
    const expected = modelSearch(traces, condition, range, order);
    try {
      const answer = await pages(sources, { query: searchFor(condition), range, limit, order });
      assert.deepEqual(answer, { traces: expected, total: expected.length });
    } catch (error) {
      const plainJson = JSON.stringify(condition, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
      throw new Error(`SEED=${seed} plan ${plan}: ${plainJson}`, { cause: error });
    }
  }
  return queryCount * traces.length;
}

test('searchTraces: agrees with the plain-object model on random traces, plans and partitions', async () => {
  await checkPairs(6_000, checkRound);
});

test('searchTraces: agrees with the model over segments and heads together', async () => {
  await checkPairs(2_000, async (seed) => {
    await using segments = await SegmentFolder.create();
    return await checkRound(seed, segments);
  });
});
