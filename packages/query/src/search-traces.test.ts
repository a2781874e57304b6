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
import { SeededRandom, testSeed } from './testing/seeded-random.ts';
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

test('searchTraces: agrees with the plain-object model on random traces, plans and partitions', async () => {
  const seed = testSeed();
  const rounds = Number(process.env['ROUNDS'] ?? 120);
  for (let round = 0; round < rounds; round++) {
    const random = new SeededRandom(seed + round);
    const stored = Array.from({ length: 1 + random.below(8) }, (_, i) => randomTrace(random, traceIdOf(i + 1)));
    const sources = await randomSources(
      random,
      stored.flat().sort(() => random.next() - 0.5),
    );
    const traces = stored.map((spans) => new ModelTrace(spans));
    for (let plan = 0; plan < 12; plan++) {
      const condition = random.chance(0.05) ? undefined : randomCondition(random);
      const range: TimeRange = random.chance(0.7)
        ? {}
        : {
            start: (2n ** 60n + BigInt(random.below(50))) as UnixNano,
            end: random.chance(0.5) ? undefined : ((2n ** 60n + BigInt(random.below(50))) as UnixNano),
          };
      const order = random.pick(['newest', 'longest'] as const);
      const limit = 1 + random.below(4);
      const expected = modelSearch(traces, condition, range, order);
      const message = `SEED=${seed + round} plan ${plan}: ${JSON.stringify(condition, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))}`;
      try {
        const answer = await pages(sources, { query: searchFor(condition), range, limit, order });
        assert.deepEqual(answer, { traces: expected, total: expected.length });
      } catch (error) {
        throw new Error(message, { cause: error });
      }
    }
  }
});
