import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UnixNano } from '@spoor/model';
import { printQuery, type Query } from '@spoor/traceql';
import { searchTraces } from './search-traces.ts';
import { modelPipeline } from './testing/model-pipeline.ts';
import { ModelTrace } from './testing/model-trace.ts';
import { randomSources } from './testing/partition.ts';
import { randomPipeline } from './testing/random-pipelines.ts';
import { randomTrace, traceIdOf } from './testing/random-traces.ts';
import { SeededRandom, testSeed } from './testing/seeded-random.ts';
import type { TimeRange } from './trace-store.ts';

async function checkRound(seed: number): Promise<void> {
  const random = new SeededRandom(seed);
  const stored = Array.from({ length: 1 + random.below(6) }, (_, i) => randomTrace(random, traceIdOf(i + 1)));
  const sources = await randomSources(
    random,
    stored.flat().sort(() => random.next() - 0.5),
  );
  const traces = stored.map((each) => new ModelTrace(each));
  for (let plan = 0; plan < 12; plan++) {
    const query: Query = { kind: 'search', pipeline: randomPipeline(random), hints: [] };
    const start = random.chance(0.8) ? undefined : ((2n ** 60n + BigInt(random.below(50))) as UnixNano);
    const range: TimeRange = { start };
    const expected = new Map<string, number>();
    for (const trace of traces) {
      const spans = [...modelPipeline(trace, query.pipeline)];
      const inRange = spans.filter((span) => start === undefined || span.startTimeUnixNano >= start);
      if (inRange.length > 0) expected.set(trace.traceId, inRange.length);
    }
    const answer = await searchTraces(sources, { query, range, limit: 100, order: 'newest' });
    const found = new Map(answer.traces.map(({ traceId, matchedCount }) => [traceId as string, matchedCount]));
    assert.deepEqual(found, expected, `SEED=${seed} plan ${plan}: ${printQuery(query)}`);
    assert.equal(answer.total, expected.size);
  }
}

test('matchPlan: agrees with the plain-object model on random pipelines', async () => {
  const seed = testSeed();
  const rounds = Number(process.env['ROUNDS'] ?? 60);
  for (let round = 0; round < rounds; round++) await checkRound(seed + round);
});
