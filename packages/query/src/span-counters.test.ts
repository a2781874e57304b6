import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Span, unixNano } from '@spoor/model';
import { serviceGraph } from './service-graph.ts';
import { SpanCounters } from './span-counters.ts';
import { spanMetrics } from './span-metrics.ts';
import { headSource } from './testing/partition.ts';
import { plainSpan, resourceOf } from './testing/plain-span.ts';
import { SeededRandom, testSeed } from './testing/seeded-random.ts';
import type { LabelledSeries, ServiceGraphRequest, SpanMetricsRequest } from './trace-store.ts';

const services = ['web', 'api', 'db'].map((name) => resourceOf({ 'service.name': name }));
const peerKeys = ['peer.service', 'db.system', 'server.address'];

/** Ids are distinct, and a parent is an earlier span or one that never comes. */
function randomTrace(random: SeededRandom, trace: number): Span[] {
  return Array.from({ length: 1 + random.below(8) }, (_, i) =>
    plainSpan({
      trace,
      id: 1 + i,
      parent: i === 0 || random.chance(0.1) ? 0 : random.chance(0.1) ? 99 : 1 + random.below(i),
      start: 1000 + random.below(100),
      durationNano: random.below(5) * 90_000_000,
      name: random.pick(['a', 'b']),
      kind: random.pick([2, 3, 4, 5, 2, 3, 1]),
      statusCode: random.pick([0, 0, 2]),
      resource: random.pick(services),
      attributes: Object.fromEntries(random.list(2, () => [random.pick(peerKeys), 'x'])),
    }),
  );
}

const everything = { end: unixNano(2n ** 62n), stepNano: 1n, count: 1, lengthNano: undefined } as const;

/** The numbers of series from `first` on, by labels; series with zeros only are as if they were not. */
function numbersOf(series: readonly LabelledSeries[], first = 0, count?: number): Map<string, number[]> {
  const end = count === undefined ? undefined : first + count;
  const numbers = series.map(
    ({ labels, values }) => [JSON.stringify(labels), Array.from(values.slice(first, end)).map(rounded)] as const,
  );
  return new Map(
    numbers.filter(([, values]) => values.some((value) => value !== 0)).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function rounded(value: number): number {
  return Math.round(value * 1e9) / 1e9;
}

test('SpanCounters: in whatever batches spans arrive, they add up to what the store is asked for', async () => {
  const seed = testSeed();
  for (let round = 0; round < 60; round++) {
    const random = new SeededRandom(seed + round);
    const spans = Array.from({ length: 10 }, (_, i) => randomTrace(random, i + 1)).flat();
    const counters = new SpanCounters({ seriesMax: 1000, waitMilli: 15_000 });
    const batches: Span[][] = [[], [], []];
    for (const span of spans) random.pick(batches).push(span);
    // The three come within the time that a side waits; then enough time passes.
    for (const [i, batch] of batches.entries()) await counters.add([headSource(`batch ${i}`, batch)], 5_000 * i);
    await counters.add([], 40_000);
    const counted = counters.counted();
    assert.deepEqual([counted.otherSpans, counted.otherCalls, counted.droppedCount], [undefined, undefined, 0]);
    const sources = { sources: [headSource('all', spans)], splitTraces: async () => new Set<never>() };
    const asked: Omit<SpanMetricsRequest, 'measure'> = {
      windows: everything,
      by: ['service', 'span_name', 'span_kind', 'status_code'],
      matchers: [],
      seriesMax: 1000,
    };
    const ofSpans = async (measure: SpanMetricsRequest['measure']) =>
      numbersOf((await spanMetrics(sources, { ...asked, measure })).series);
    const message = `SEED=${seed + round}`;
    assert.deepEqual(numbersOf(counted.spans, 0, 16), await ofSpans('latency'), message);
    assert.deepEqual(numbersOf(counted.spans, 16), await ofSpans('size'), message);
    const graph = { ...asked, by: ['client', 'server', 'connection_type'] };
    const ofCalls = async (measure: ServiceGraphRequest['measure']) =>
      numbersOf((await serviceGraph(sources, { ...graph, measure })).series);
    assert.deepEqual(numbersOf(counted.calls, 0, 1), await ofCalls('requests'), message);
    assert.deepEqual(numbersOf(counted.calls, 1, 1), await ofCalls('failed'), message);
    assert.deepEqual(numbersOf(counted.calls, 2, 10), await ofCalls('serverLatency'), message);
    assert.deepEqual(numbersOf(counted.calls, 12), await ofCalls('clientLatency'), message);
  }
});

test('SpanCounters: what there are too many series of is counted as one, and nothing is lost', async () => {
  const counters = new SpanCounters({ seriesMax: 3, waitMilli: 0 });
  const spans = Array.from({ length: 10 }, (_, i) => plainSpan({ trace: i + 1, name: `op ${i}`, kind: 1 }));
  await counters.add([headSource('head', spans)], 0);
  const { spans: series, otherSpans } = counters.counted();
  assert.equal(series.length, 3);
  assert.equal(otherSpans?.[14], 7);
});

test('SpanCounters: numbers only grow', async () => {
  const random = new SeededRandom(7);
  const counters = new SpanCounters({ seriesMax: 100, waitMilli: 10_000 });
  let before = new Map<string, number[]>();
  for (let i = 0; i < 20; i++) {
    await counters.add([headSource(`batch ${i}`, randomTrace(random, i + 1))], 4_000 * i);
    const { spans, calls } = counters.counted();
    const now = new Map([...numbersOf(spans), ...numbersOf(calls)]);
    for (const [key, values] of before) {
      for (const [at, value] of values.entries()) assert.ok(now.get(key)![at] >= value, `${key}[${at}]`);
    }
    before = now;
  }
});

test('SpanCounters: thousands of sides wait at a time, wave after wave, and none is lost or doubled', async () => {
  const seed = testSeed();
  const random = new SeededRandom(seed);
  const counters = new SpanCounters({ seriesMax: 1000, waitMilli: 10_000 });
  const spans: Span[] = [];
  for (let wave = 0; wave < 4; wave++) {
    const sent = Array.from({ length: 1500 }, (_, i) => randomTrace(random, 1 + 1500 * wave + i)).flat();
    const halves: Span[][] = [[], []];
    for (const span of sent) random.pick(halves).push(span);
    // The halves of a wave come within the time that a side waits, and waves overlap in what waits.
    for (const [i, half] of halves.entries()) {
      await counters.add([headSource(`wave ${wave}, ${i}`, half)], 12_000 * wave + 7_000 * i);
    }
    spans.push(...sent);
  }
  await counters.add([], 100_000);
  const { calls, droppedCount } = counters.counted();
  assert.equal(droppedCount, 0);
  const sources = { sources: [headSource('all', spans)], splitTraces: async () => new Set<never>() };
  const by = ['client', 'server', 'connection_type'];
  const asked = { windows: everything, by, matchers: [], seriesMax: 1000 };
  for (const [measure, first, count] of [
    ['requests', 0, 1],
    ['failed', 1, 1],
    ['serverLatency', 2, 10],
    ['clientLatency', 12, undefined],
  ] as const) {
    const { series } = await serviceGraph(sources, { ...asked, measure });
    assert.deepEqual(numbersOf(calls, first, count), numbersOf(series), `${measure}, SEED=${seed}`);
  }
});

test('SpanCounters: of more sides than may wait the rest is dropped and told, and room comes back', async () => {
  const counters = new SpanCounters({ seriesMax: 10, waitMilli: 10_000 });
  const clients = (from: number, count: number): Span[] =>
    Array.from({ length: count }, (_, i) =>
      plainSpan({ trace: 1, id: from + i, kind: 3, attributes: { 'peer.service': 'x' } }),
    );
  await counters.add([headSource('many', clients(1, 200_007))], 0);
  assert.equal(counters.counted().droppedCount, 7);
  await counters.add([], 10_000);
  await counters.add([headSource('few', clients(300_001, 5))], 15_000);
  await counters.add([], 30_000);
  const { calls, droppedCount } = counters.counted();
  assert.equal(droppedCount, 7);
  assert.deepEqual(
    calls.map(({ labels, values }) => [...labels, values[0]]),
    [['api', 'x', 'virtual_node', 200_005]],
  );
});
