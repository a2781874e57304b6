import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limits, type Span, type UnixNano } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import { parseQuery } from '@spoor/traceql';
import { AggregateScan } from './aggregate-scan.ts';
import { CompareScan } from './compare-scan.ts';
import { MetricIntervals } from './metric-intervals.ts';
import type { Series } from './metric-series.ts';
import { compileMetrics, leavesOf, type MetricsLeaf } from './metrics-plan.ts';
import { queryMetrics } from './query-metrics.ts';
import { headSource, sourcesOf } from './testing/partition.ts';
import { plainSpan } from './testing/plain-span.ts';
import { RecodedSource } from './testing/recoded-source.ts';
import { traceIdOf } from './testing/random-traces.ts';
import { slowSources } from './testing/slow-sources.ts';
import type { MetricsAnswer, MetricsRequest } from './trace-store.ts';
import { TurnTaker } from './turn-taker.ts';

/** One span a microsecond from 1 µs on, each a trace of its own, with ids that nobody shares. */
function manySpans(count: number): readonly Span[] {
  return Array.from({ length: count }, (_, i) =>
    plainSpan({ trace: i + 1, id: i + 1, start: 1000 * (i + 1), name: `op-${i % 3}`, attributes: { id: `id-${i}` } }),
  );
}

function requestOf(text: string, more: Partial<MetricsRequest> = {}): MetricsRequest {
  return {
    query: parseQuery(text),
    start: 25_000n as UnixNano,
    end: 100_000n as UnixNano,
    stepNano: 25_000n,
    exemplarsMax: 0,
    seriesMax: 1000,
    ...more,
  };
}

async function answerTo(text: string, more: Partial<MetricsRequest> = {}, count = 100): Promise<MetricsAnswer> {
  const spans = manySpans(count);
  return queryMetrics(sourcesOf([headSource('all', spans)], [spans]), requestOf(text, more));
}

function leafOf(text: string): MetricsLeaf {
  const query = parseQuery(text);
  assert.ok(query.kind === 'metrics');
  return leavesOf(compileMetrics(query.metrics))[0];
}

test('queryMetrics: an interval has its last moment and not its first', async () => {
  const { series } = await answerTo('{ } | count_over_time()');
  assert.deepEqual([...series[0].values], [25, 25, 25, 25]);
});

test('queryMetrics: more series than were asked for are left out, and the answer says how many', async () => {
  const { series, incomplete } = await answerTo('{ } | rate() by (span.id)', { seriesMax: 10 });
  assert.equal(series.length, 10);
  assert.equal(incomplete, '90 of 100 series are left out');
});

test('queryMetrics: topk chooses among all series, not among those that are shown', async () => {
  const { series, incomplete } = await answerTo('{ } | max_over_time(duration) by (span.id) | topk(1)', {
    seriesMax: 5,
  });
  assert.ok(series.length <= 4);
  assert.equal(incomplete, undefined);
});

test('queryMetrics: a series whose sums have no value is left out, as one without points is', async () => {
  const spans = [Infinity, -Infinity, 5].map((x, i) =>
    plainSpan({ trace: i + 1, id: i + 1, start: 30_000 + i, name: i < 2 ? 'endless' : 'good', attributes: { x } }),
  );
  const sources = sourcesOf([headSource('all', spans)], [spans]);
  const { series } = await queryMetrics(sources, requestOf('{ } | sum_over_time(span.x) by (name)'));
  assert.deepEqual(
    series.map(({ labels }) => labels[0].value),
    [{ type: 'string', value: 'good' }],
  );
});

test('queryMetrics: out of time, it answers what it found and says what is unread', async () => {
  const spans = manySpans(100);
  const sources = [headSource('a', spans.slice(0, 50)), headSource('b', spans.slice(50))];
  const qs = sourcesOf(sources, [spans.slice(0, 50), spans.slice(50)]);
  const answer = await queryMetrics(qs, requestOf('{ } | rate()', { timeMilliMax: -1 }));
  assert.equal(answer.incomplete, 'the time was over with 2 of 2 parts of the data unread');
  assert.equal(answer.progress.doneSourceCount, 0);
  assert.equal(answer.progress.sourceCount, 2);
});

test('queryMetrics: sources outside of the intervals are not read', async () => {
  const spans = manySpans(100);
  const sources = [headSource('a', spans.slice(0, 50)), headSource('b', spans.slice(50))];
  const qs = sourcesOf(sources, [spans.slice(0, 50), spans.slice(50)]);
  const { progress } = await queryMetrics(qs, requestOf('{ } | rate()', { start: 75_000n as UnixNano }));
  assert.deepEqual([progress.sourceCount, progress.doneSourceCount, progress.inspectedSpanCount], [1, 1, 50]);
  assert.ok(progress.inspectedBytes > 0);
});

test('queryMetrics: a cancelled query ends', async () => {
  const spans = manySpans(10);
  const qs = sourcesOf([headSource('all', spans)], [spans]);
  await assert.rejects(queryMetrics(qs, requestOf('{ } | rate()'), AbortSignal.abort()), { code: 'QUERY_CANCELLED' });
});

test('queryMetrics: refuses searches, intervals without length, and more of them than a chart can show', async () => {
  await assert.rejects(answerTo('{ }'), { code: 'QUERY_INVALID' });
  await assert.rejects(answerTo('{ } | rate()', { stepNano: 0n }), { code: 'QUERY_INVALID' });
  await assert.rejects(answerTo('{ } | rate()', { end: 1n as UnixNano }), { code: 'QUERY_INVALID' });
  const end = BigInt(limits.metricsIntervalsMax) as UnixNano;
  await assert.rejects(answerTo('{ } | rate()', { start: 0n as UnixNano, end, stepNano: 1n }), { code: 'QUERY_LIMIT' });
});

test('queryMetrics: exemplars are shared by the series, spread over time, and as many as hints say', async () => {
  const { series } = await answerTo('{ } | rate() by (name)', { exemplarsMax: 7 });
  assert.deepEqual(
    series.map(({ exemplars }) => exemplars.length).toSorted((a, b) => a - b),
    [2, 2, 3],
  );
  const times = series
    .find(({ exemplars }) => exemplars.length === 3)!
    .exemplars.map(({ time }) => (time - 1n) / 25_000n);
  assert.equal(new Set(times).size, 3);
  for (const [hint, count] of [
    ['exemplars=false', 0],
    ['exemplars=2', 2],
    ['exemplars=true', 12],
  ] as const) {
    const hinted = await answerTo(`{ } | rate() by (name) with (${hint})`);
    assert.equal(hinted.series.flatMap(({ exemplars }) => exemplars).length, count, hint);
  }
});

test('queryMetrics: an exemplar has the value that the function is of, else the duration in seconds', async () => {
  const spans = [plainSpan({ start: 1000, durationNano: 250, attributes: { size: 7 } })];
  const qs = sourcesOf([headSource('one', spans)], [spans]);
  const valuesOf = async (text: string): Promise<readonly number[]> => {
    const { series } = await queryMetrics(qs, requestOf(text, { exemplarsMax: 10 }));
    return series.flatMap(({ exemplars }) => exemplars.map(({ value }) => value));
  };
  assert.deepEqual(await valuesOf('{ } | rate()'), [250e-9]);
  assert.deepEqual(await valuesOf('{ } | max_over_time(duration)'), [250e-9]);
  assert.deepEqual(await valuesOf('{ } | sum_over_time(span.size)'), [7]);
});

test('queryMetrics: spans that say how they were sampled count for the others when the hint says so', async () => {
  const spans = [{ ...plainSpan({ start: 1000 }), traceState: 'ot=th:8', adjustedCount: 2 }];
  const qs = sourcesOf([headSource('one', spans)], [spans]);
  const countOf = async (text: string, isWeighted: boolean): Promise<number> => {
    const { series } = await queryMetrics(qs, requestOf(text, { isWeighted }));
    return series[0].values[0];
  };
  assert.equal(await countOf('{ } | count_over_time()', false), 1);
  assert.equal(await countOf('{ } | count_over_time()', true), 2);
  assert.equal(await countOf('{ } | count_over_time() with (extrapolate=true)', false), 2);
  assert.equal(await countOf('{ } | count_over_time() with (extrapolate=false)', true), 1);
});

test('queryMetrics: tells the answer so far between sources, the newest first', async () => {
  const told: MetricsAnswer[] = [];
  const request = requestOf('{ } | count_over_time() by (kind)', {
    start: 1000n as UnixNano,
    end: 4000n as UnixNano,
    stepNano: 1000n,
  });
  const answer = await queryMetrics(slowSources(60), request, undefined, (soFar) => told.push(soFar));
  assert.deepEqual(
    answer.series.map(({ values }) => [...values]),
    [
      [0, 1, 1, 1],
      [1, 1, 1, 0],
    ],
  );
  assert.ok(told.length > 0);
  for (const { series, progress } of told) {
    assert.equal(progress.sourceCount, 3);
    const counted = series.flatMap(({ values }) => [...values]).reduce((a, b) => a + b, 0);
    assert.equal(counted, 2 * progress.doneSourceCount);
    assert.deepEqual(series[1].values[2], 1);
  }
});

test('queryMetrics: warns when there are too many split traces to look for spans that were sent twice', async () => {
  const spans = manySpans(10);
  const qs = sourcesOf([headSource('all', spans)], [spans]);
  const split = new Set(Array.from({ length: limits.splitTracesComparedMax + 1 }, (_, i) => traceIdOf(1000 + i)));
  const { warnings } = await queryMetrics({ ...qs, splitTraces: async () => split }, requestOf('{ } | rate()'));
  assert.equal(warnings.length, 1);
  assert.deepEqual((await queryMetrics(qs, requestOf('{ } | rate()'))).warnings, []);
});

test('AggregateScan: more series than there is memory for are left out, and it says so', async () => {
  const spans = manySpans(100);
  const leaf = leafOf('{ } | rate() by (span.id)');
  assert.ok(leaf.kind === 'aggregate');
  const intervals = new MetricIntervals(requestOf('{ } | rate()'));
  const scan = new AggregateScan(leaf, { intervals, isWeighted: false, hasExemplars: false, cellsMax: 40 });
  const of = { source: headSource('all', spans), range: intervals.range, turns: new TurnTaker() };
  await scan.addSource({ ...of, leftOut: undefined, repeated: undefined });
  assert.equal(scan.isFull, true);
  assert.ok(scan.series().length > 0 && scan.series().length <= 10);
});

test('AggregateScan: quantiles are no more numbers than there is memory for', async () => {
  const spans = manySpans(100);
  const intervals = new MetricIntervals(requestOf('{ } | rate()'));
  const options = { intervals, isWeighted: false, hasExemplars: false, cellsMax: 400 };
  const scanOf = (text: string): AggregateScan => {
    const leaf = leafOf(text);
    assert.ok(leaf.kind === 'aggregate');
    return new AggregateScan(leaf, options);
  };
  const twenty = Array.from({ length: 20 }, (_, i) => i / 20).join(', ');
  const scan = scanOf(`{ } | quantile_over_time(duration, ${twenty}) by (span.id)`);
  const of = { source: headSource('all', spans), range: intervals.range, turns: new TurnTaker() };
  await scan.addSource({ ...of, leftOut: undefined, repeated: undefined });
  assert.equal(scan.isFull, true);
  assert.equal(scan.series().length, Math.floor(400 / intervals.count / 20) * 20);
  assert.throws(() => scanOf(`{ } | quantile_over_time(duration, ${Array(401).fill('0.5').join(', ')})`), {
    code: 'QUERY_LIMIT',
    message: /^401 quantiles in each of \d+ intervals are too many/,
  });
});

test('queryMetrics: functions that are calculated with share the memory of one', async () => {
  const functions = Array(200).fill('({ } | rate() by (span.id))').join(' + ');
  const request = { start: 1n as UnixNano, end: 100_000n as UnixNano, stepNano: 100n };
  const { series, incomplete } = await answerTo(functions, request);
  const shareOfSeries = Math.floor(limits.metricsCellsMax / 200 / 1001);
  assert.ok(series.length > 0 && series.length <= shareOfSeries, `${series.length}`);
  assert.equal(incomplete, 'there are too many series to count all');
});

test('AggregateScan: of more values than fit, those met first count, in whatever way a source keeps its strings', async () => {
  const leaf = leafOf('{ } | count_over_time() by (span.url)');
  assert.ok(leaf.kind === 'aggregate');
  const intervals = new MetricIntervals(requestOf('{ } | rate()'));
  // The first source has more values than fit, the second some of them and some others; both have spans without one.
  const parts = [0, 40].map((first) =>
    Array.from({ length: 80 }, (_, i) => {
      const attributes = i % 5 === 0 ? {} : { url: `/${i % 2 === 0 ? 'e' : 'é'}/${first + i}` };
      return plainSpan({ trace: i + 1, id: i + 1, start: 1000 * (i + 1), attributes });
    }),
  );
  const seriesOver = async (wrap: (source: ColumnSource) => ColumnSource): Promise<readonly Series[]> => {
    const scan = new AggregateScan(leaf, { intervals, isWeighted: false, hasExemplars: false, cellsMax: 240 });
    for (const [i, part] of parts.entries()) {
      const source = wrap(await headSource(`part ${i}`, part).ordered());
      const of = { source, range: intervals.range, turns: new TurnTaker(), leftOut: undefined, repeated: undefined };
      await scan.addSource(of);
    }
    assert.equal(scan.isFull, true);
    return scan.series().map(({ labels, values }) => ({ labels, values, exemplars: [] }));
  };
  const plain = await seriesOver((source) => source);
  assert.deepEqual(await seriesOver((source) => new RecodedSource(source, 16)), plain);
  const counts = new Set(plain.map(({ values }) => values.reduce((sum, value) => sum + value, 0)));
  assert.deepEqual(
    [...counts].sort((a, b) => a - b),
    [1, 2, 32],
  );
});

test('CompareScan: an attribute with too many values says so instead', async () => {
  const spans = manySpans(100);
  const leaf = leafOf('{ } | compare({ name = "op-1" })');
  assert.ok(leaf.kind === 'compare');
  const intervals = new MetricIntervals(requestOf('{ } | rate()'));
  const scan = new CompareScan(leaf, { intervals, isWeighted: false, valuesMax: 50 });
  const source = await headSource('all', spans).ordered();
  const of = { source, range: intervals.range, turns: new TurnTaker(), leftOut: undefined, repeated: undefined };
  await scan.addSource(of);
  const texts = scan.series().map(({ labels: [meta, { key }] }) => `${meta.key} ${key}`);
  assert.deepEqual(
    texts.filter((text) => text.endsWith(' span.id')),
    ['__meta_error span.id'],
  );
  assert.ok(texts.includes('__meta_type name'));
});
