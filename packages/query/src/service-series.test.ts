import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceName, type Span, unixNano } from '@spoor/model';
import { serviceSeries } from './service-series.ts';
import { headSource, randomSources, sourcesOf } from './testing/partition.ts';
import { plainSpan, resourceOf } from './testing/plain-span.ts';
import { randomTrace, traceIdOf } from './testing/random-traces.ts';
import { SeededRandom, testSeed } from './testing/seeded-random.ts';

const service = (name: string) => resourceOf({ 'service.name': name });

//    trace 1:  api (root, server) ─ api (client, error)      trace 2, 6 s later:  api (root, server, error)
const spans = [
  plainSpan({ trace: 1, id: 1, start: 1_000_000_000, durationNano: 5e6, kind: 2, resource: service('api') }),
  plainSpan({
    trace: 1,
    id: 2,
    parent: 1,
    start: 1_000_000_100,
    durationNano: 2e6,
    kind: 3,
    statusCode: 2,
    resource: service('api'),
  }),
  plainSpan({
    trace: 2,
    id: 3,
    start: 7_000_000_000,
    durationNano: 3e9,
    kind: 2,
    statusCode: 2,
    resource: service('api'),
  }),
  plainSpan({ trace: 3, id: 4, start: 3_000_000_000, durationNano: 1e3, kind: 1, resource: service('job') }),
];

test('serviceSeries: requests in buckets of time, every span among the operations', async () => {
  const answer = await serviceSeries(sourcesOf([headSource('0', spans)], [spans]), { service: 'api' });
  assert.deepEqual([answer.start, answer.end, answer.spanCount], [1_000_000_000n, 7_000_000_000n, 3]);
  assert.deepEqual([answer.requestCounts[0], answer.requestCounts[59]], [1, 1]);
  assert.deepEqual([answer.errorCounts[0], answer.errorCounts[59]], [0, 1]);
  assert.equal(answer.p99Nano[30], 0);
  assert.ok(Math.abs(answer.p50Nano[0] / 5e6 - 1) < 0.06);
  assert.ok(Math.abs(answer.p99Nano[59] / 3e9 - 1) < 0.06);
  assert.deepEqual(
    answer.operations.map(({ kind, count, errorCount }) => [kind, count, errorCount]),
    [
      [2, 2, 1],
      [3, 1, 1],
    ],
  );
});

test('serviceSeries: a service that serves nothing is all its spans; one that is not there is empty', async () => {
  const sources = sourcesOf([headSource('0', spans)], [spans]);
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  assert.equal(sum((await serviceSeries(sources, { service: 'job' })).requestCounts), 1);
  const nobody = await serviceSeries(sources, { service: 'nobody' });
  assert.deepEqual([nobody.spanCount, sum(nobody.requestCounts), nobody.operations], [0, 0, []]);
  const nothing = await serviceSeries(sourcesOf([], []), { service: 'api', start: unixNano(5n) });
  assert.equal(nothing.spanCount, 0);
});

test('serviceSeries: operations agree with a plain sum, wherever the spans lie', async () => {
  const seed = testSeed();
  for (let round = 0; round < 40; round++) {
    const random = new SeededRandom(seed + round);
    // Sources in canonical order keep one of several equal spans.
    const stored = Array.from({ length: 1 + random.below(8) }, (_, i) => randomTrace(random, traceIdOf(i + 1)))
      .flat()
      .filter(
        ({ traceId, spanId }, i, all) => all.findIndex((x) => x.traceId === traceId && x.spanId === spanId) === i,
      );
    const sources = await randomSources(random, stored);
    const name = serviceName(stored[0].resource);
    const expected = new Map<string, number>();
    const ofService = (span: Span) => serviceName(span.resource) === name;
    for (const span of stored.filter(ofService)) {
      const key = `${span.kind} ${span.name}`;
      expected.set(key, (expected.get(key) ?? 0) + span.adjustedCount);
    }
    const { operations, spanCount } = await serviceSeries(sources, { service: name });
    const found = new Map(operations.map(({ kind, name: operation, count }) => [`${kind} ${operation}`, count]));
    assert.deepEqual(found, expected, `SEED=${seed + round}`);
    assert.equal(spanCount, stored.filter(ofService).length);
  }
});
