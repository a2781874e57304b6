import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttributeValue, UnixNano } from '@spoor/model';
import { printQuery, type Query } from '@spoor/traceql';
import { queryMetrics } from './query-metrics.ts';
import { type ModelTimes, modelMetrics } from './testing/model-metrics-query.ts';
import { ModelTrace } from './testing/model-trace.ts';
import { randomSources } from './testing/partition.ts';
import { randomMetrics } from './testing/random-metrics.ts';
import { randomTrace, traceIdOf } from './testing/random-traces.ts';
import { SegmentFolder } from './testing/segment-folder.ts';
import { checkPairs, SeededRandom } from './testing/seeded-random.ts';
import type { MetricsAnswer, MetricSeries } from './trace-store.ts';

function labelText(value: AttributeValue): string {
  if (value.type === 'empty') return 'empty ';
  return `${value.type} ${String((value as { value: unknown }).value)}`;
}

function described(series: readonly MetricSeries[]): ReadonlyMap<string, readonly number[]> {
  return new Map(
    series.map(({ labels, values }) => [
      JSON.stringify(labels.map(({ key, value }) => [key, labelText(value)])),
      Array.from(values),
    ]),
  );
}

function isNear(a: number, b: number): boolean {
  return Object.is(a, b) || a === b || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
}

function assertSame(
  found: ReadonlyMap<string, readonly number[]>,
  expected: ReadonlyMap<string, readonly number[]>,
  what: string,
): void {
  assert.deepEqual([...found.keys()].sort(), [...expected.keys()].sort(), what);
  for (const [key, values] of expected) {
    const own = found.get(key)!;
    const isSame = own.length === values.length && values.every((value, i) => isNear(own[i], value));
    assert.ok(isSame, `${what}: ${key} is ${own.join(' ')}, not ${values.join(' ')}`);
  }
}

/** Exemplars are spans of the intervals, no more than were asked for, none twice in a series. */
function assertExemplars({ series }: MetricsAnswer, { start, end, stepNano }: ModelTimes, countMax: number): void {
  let count = 0;
  for (const { exemplars } of series) {
    for (const { time } of exemplars) assert.ok(time > start - stepNano && time <= end);
    count += exemplars.length;
  }
  assert.ok(count <= countMax);
}

/** @returns the number of (query, trace) pairs */
async function checkRound(seed: number, segments?: SegmentFolder): Promise<number> {
  const random = new SeededRandom(seed);
  const stored = Array.from({ length: 1 + random.below(6) }, (_, i) => randomTrace(random, traceIdOf(i + 1)));
  const spans = stored.flat().sort(() => random.next() - 0.5);
  const sources = await randomSources(random, spans, segments);
  const traces = stored.map((each) => new ModelTrace(each));
  const queryCount = 12;
  for (let plan = 0; plan < queryCount; plan++) {
    const query: Query = { kind: 'metrics', metrics: randomMetrics(random), hints: [] };
    const start = 2n ** 60n + BigInt(random.below(40) - 10);
    const stepNano = BigInt(1 + random.below(30));
    const end = start + BigInt(random.below(4)) * stepNano + BigInt(random.below(5));
    const isWeighted = random.chance(0.2);
    const times = { start, end, stepNano };
    const expected = modelMetrics({ traces, times, isWeighted }, query.metrics);
    const exemplarsMax = random.below(10);
    const answer = await queryMetrics(sources, {
      query,
      start: start as UnixNano,
      end: end as UnixNano,
      stepNano,
      exemplarsMax,
      seriesMax: 10_000,
      isWeighted,
    });
    const expectedValues = new Map(
      expected.map(({ labels, values }) => [
        JSON.stringify(labels.map(([key, { type, text }]) => [key, `${type} ${text}`])),
        values.map((value) => value ?? Number.NaN),
      ]),
    );
    const what = `SEED=${seed} plan ${plan}: ${printQuery(query)} over ${start}, ${end}, ${stepNano}`;
    assertSame(described(answer.series), expectedValues, what);
    assert.equal(answer.incomplete, undefined);
    assert.equal(answer.progress.doneSourceCount, answer.progress.sourceCount);
    assertExemplars(answer, times, exemplarsMax);
  }
  return queryCount * traces.length;
}

test('queryMetrics: agrees with the plain-object model on random queries, traces and partitions', async () => {
  await checkPairs(4_000, checkRound);
});

test('queryMetrics: agrees with the model over segments and heads together', async () => {
  await checkPairs(500, async (seed) => {
    await using segments = await SegmentFolder.create();
    return await checkRound(seed, segments);
  });
});
