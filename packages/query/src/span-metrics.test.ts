import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Span, unixNano } from '@spoor/model';
import { serviceGraph } from './service-graph.ts';
import { SourceMemo } from './source-memo.ts';
import { spanMetrics } from './span-metrics.ts';
import { modelServiceGraph, modelSpanMetrics } from './testing/model-metrics.ts';
import { ModelTrace } from './testing/model-trace.ts';
import { headSource, randomSources } from './testing/partition.ts';
import { randomTrace, traceIdOf } from './testing/random-traces.ts';
import { SegmentFolder } from './testing/segment-folder.ts';
import { SeededRandom, testSeed } from './testing/seeded-random.ts';
import type {
  LabelledSeries,
  LabelMatcher,
  MetricWindows,
  ServiceGraphRequest,
  SpanMetricsRequest,
} from './trace-store.ts';

const epoch = 2n ** 60n;

function randomWindows(random: SeededRandom): MetricWindows {
  return {
    end: unixNano(epoch + BigInt(random.below(50))),
    stepNano: BigInt(1 + random.below(20)),
    count: random.chance(0.4) ? 1 : 1 + random.below(6),
    lengthNano: random.chance(0.2) ? undefined : BigInt(1 + random.below(random.chance(0.3) ? 200 : 40)),
  };
}

function randomMatchers(random: SeededRandom, names: readonly string[], values: readonly string[]): LabelMatcher[] {
  return random.list(2, () => ({
    name: random.pick(names),
    op: random.pick(['=', '!=', '=~', '!~'] as const),
    value: random.pick(values),
  }));
}

/** Sums are made in another order, so the last bits may differ. */
function assertClose(actual: readonly LabelledSeries[], expected: readonly LabelledSeries[], what: string): void {
  const byLabels = (all: readonly LabelledSeries[]) =>
    new Map(all.map(({ labels, values }) => [JSON.stringify(labels), Array.from(values)]));
  const [found, wanted] = [byLabels(actual), byLabels(expected)];
  assert.deepEqual([...found.keys()].sort(), [...wanted.keys()].sort(), what);
  for (const [key, values] of wanted) {
    const got = found.get(key)!;
    assert.equal(got.length, values.length, what);
    for (const [i, value] of values.entries()) {
      assert.ok(
        Math.abs(got[i] - value) <= 1e-9 * Math.max(1, Math.abs(value)),
        `${what} ${key}[${i}]: ${got[i]} ${value}`,
      );
    }
  }
}

async function storedSpans(sources: Awaited<ReturnType<typeof randomSources>>): Promise<readonly Span[]> {
  const spans: Span[] = [];
  for (const source of sources.sources) {
    spans.push(...(await source.spans(Uint32Array.from({ length: source.rowCount }, (_, row) => row))));
  }
  return spans;
}

test('spanMetrics: agrees with the model over heads and segments, whatever the windows, labels and matchers', async () => {
  const seed = testSeed();
  await using folder = await SegmentFolder.create();
  const names = ['service', 'span_name', 'span_kind', 'status_code', 'a', 'c'];
  const values = ['api', 'SPAN_KIND_SERVER', 'STATUS_CODE_ERROR', '', '.*', 'a.*|db', 'x', '5', 'GET /'];
  for (let round = 0; round < 150; round++) {
    const random = new SeededRandom(seed + round);
    const stored = Array.from({ length: 1 + random.below(6) }, (_, i) => randomTrace(random, traceIdOf(i + 1)));
    const sources = await randomSources(random, stored.flat(), folder);
    const request: SpanMetricsRequest = {
      windows: randomWindows(random),
      measure: random.pick(['calls', 'latency'] as const),
      by: [...new Set(random.list(4, () => random.pick(names)))],
      matchers: randomMatchers(random, names, values),
      seriesMax: 1000,
    };
    // The second time what whole sources add is known.
    await spanMetrics(sources, request);
    const { series, incomplete } = await spanMetrics(sources, request);
    assert.equal(incomplete, undefined);
    assertClose(series, modelSpanMetrics(await storedSpans(sources), request), `SEED=${seed + round}`);
  }
});

const peerKeys = [
  'peer.service',
  'db.system',
  'db.name',
  'server.address',
  'network.peer.address',
  'network.peer.port',
];

/** The trace with kinds and attributes that make calls; a span that is there twice stays the same twice. */
function callingTrace(random: SeededRandom, spans: readonly Span[]): readonly Span[] {
  const changed = new Map<Span, Span>();
  for (const span of new Set(spans)) {
    changed.set(span, {
      ...span,
      kind: random.pick([2, 3, 4, 5, 2, 3, 1]),
      endTimeUnixNano: unixNano(span.startTimeUnixNano + BigInt(random.below(5)) * 90_000_000n),
      attributes: random.list(3, () => ({
        key: random.pick(peerKeys),
        value: random.chance(0.5) ? { type: 'string', value: 'x' } : { type: 'int', value: 5 },
      })),
    });
  }
  return spans.map((span) => changed.get(span)!);
}

test('serviceGraph: agrees with the model wherever the parts of traces lie', async () => {
  const seed = testSeed();
  const names = ['client', 'server', 'connection_type'];
  const values = ['api', 'user', '', 'database', 'virtual_node', 'd.*', 'messaging.*|x'];
  for (let round = 0; round < 200; round++) {
    const random = new SeededRandom(seed + round);
    const stored = Array.from({ length: 1 + random.below(6) }, (_, i) =>
      callingTrace(random, randomTrace(random, traceIdOf(i + 1))),
    );
    const sources = await randomSources(random, stored.flat());
    const request: ServiceGraphRequest = {
      windows: randomWindows(random),
      measure: random.pick(['requests', 'failed', 'serverLatency', 'clientLatency'] as const),
      by: [...new Set(random.list(4, () => random.pick(names)))],
      matchers: randomMatchers(random, names, values),
      seriesMax: 1000,
    };
    await serviceGraph(sources, request);
    const { series } = await serviceGraph(sources, request);
    const traces = stored.map((spans) => new ModelTrace(spans));
    assertClose(series, modelServiceGraph(traces, request), `SEED=${seed + round}`);
  }
});

test('spanMetrics: past its series it says that others are left out, and what is there is right', async () => {
  const random = new SeededRandom(1);
  const spans = Array.from({ length: 50 }, (_, i) =>
    randomTrace(random, traceIdOf(i + 1), 1)
      .slice(0, 1)
      .map((span): Span => ({ ...span, name: `op ${i}`, traceState: '' })),
  ).flat();
  const source = headSource('head', spans);
  const request: SpanMetricsRequest = {
    windows: { end: unixNano(2n ** 61n), stepNano: 1n, count: 1, lengthNano: undefined },
    measure: 'calls',
    by: ['span_name'],
    matchers: [],
    seriesMax: 10,
  };
  const qs = { sources: [source], splitTraces: async () => new Set<never>(), memo: new SourceMemo() };
  const answer = await spanMetrics(qs, request);
  assert.equal(answer.series.length, 10);
  assert.match(answer.incomplete ?? '', /more than 10 series/);
  for (const { values } of answer.series) assert.deepEqual([...values], [1]);
});
