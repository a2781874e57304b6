import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceName, type Span } from '@spoor/model';
import { dependencyEdges } from './dependency-edges.ts';
import { ModelTrace } from './testing/model-trace.ts';
import { randomSources } from './testing/partition.ts';
import { randomTrace, traceIdOf } from './testing/random-traces.ts';
import { SeededRandom, testSeed } from './testing/seeded-random.ts';
import type { DependencyEdge } from './trace-store.ts';

function modelEdges(traces: readonly ModelTrace[]): DependencyEdge[] {
  const calls = new Map<string, Span[]>();
  for (const trace of traces) {
    for (const span of trace.spans) {
      const parent = trace.parentOf(span);
      if (parent === undefined) continue;
      const [from, to] = [serviceName(parent.resource), serviceName(span.resource)];
      if (from === to || from === '' || to === '') continue;
      const key = `${from} ${to}`;
      calls.set(key, [...(calls.get(key) ?? []), span]);
    }
  }
  const sum = (spans: readonly Span[], of: (span: Span) => number) =>
    spans.reduce((total, span) => total + span.adjustedCount * of(span), 0);
  return [...calls]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, spans]) => {
      const [parent, child] = key.split(' ') as [string, string];
      const durationNano = sum(spans, (span) => Math.max(0, Number(span.endTimeUnixNano - span.startTimeUnixNano)));
      const callCount = sum(spans, () => 1);
      return {
        parent,
        child,
        callCount,
        errorCount: sum(spans, (span) => (span.statusCode === 2 ? 1 : 0)),
        meanDurationNano: durationNano / callCount,
      };
    });
}

test('dependencyEdges: agrees with the model wherever the parts of traces lie, and counts no call twice', async () => {
  const seed = testSeed();
  for (let round = 0; round < 100; round++) {
    const random = new SeededRandom(seed + round);
    const stored = Array.from({ length: 1 + random.below(8) }, (_, i) => randomTrace(random, traceIdOf(i + 1)));
    const sources = await randomSources(random, stored.flat());
    assert.deepEqual(
      await dependencyEdges(sources, {}),
      modelEdges(stored.map((spans) => new ModelTrace(spans))),
      `SEED=${seed + round}`,
    );
  }
});
