import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceName, SpanKind, unixNano, type Span, type SpanId } from '@spoor/model';
import { dependencyEdges } from './dependency-edges.ts';
import { ModelTrace } from './testing/model-trace.ts';
import { randomSources } from './testing/partition.ts';
import { randomTrace, traceIdOf } from './testing/random-traces.ts';
import { SeededRandom, testSeed } from './testing/seeded-random.ts';
import type { DependencyEdge } from './trace-store.ts';

/** Of a server span at the top of its trace: the client span there that has the same id. */
function clientWithIdOf(trace: ModelTrace, span: Span): Span | undefined {
  if (span.kind !== SpanKind.server) return undefined;
  const tops = trace.spans.filter((other) => trace.parentOf(other) === undefined);
  const isRoot = ({ parentSpanId }: Span): boolean => parentSpanId === '';
  const inOrder = [...tops.filter(isRoot), ...tops.filter((other) => !isRoot(other))];
  return inOrder.find(({ kind, spanId }) => kind === SpanKind.client && spanId === span.spanId);
}

function modelEdges(traces: readonly ModelTrace[]): DependencyEdge[] {
  const calls = new Map<string, Span[]>();
  for (const trace of traces) {
    for (const span of trace.spans) {
      const parent = trace.parentOf(span) ?? clientWithIdOf(trace, span);
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

/*
 *  browser  GET /      client  1 ─┐ one id
 *  shop     GET /      server  1 ─┘
 *  └─ shop  GET /cart  client  2 ─┐ one id
 *  └─ cart  GET /cart  server  2 ─┘
 *     └─ db query      server  3
 */
test('dependencyEdges: a call whose two spans share one id counts once, as do those below it', async () => {
  const random = new SeededRandom(1);
  const [some] = randomTrace(random, traceIdOf(1));
  const span = (service: string, id: number, parent: number, kind: number, start: number): Span => ({
    ...some,
    spanId: id.toString(16).padStart(16, '0') as SpanId,
    parentSpanId: parent === 0 ? '' : (parent.toString(16).padStart(16, '0') as SpanId),
    kind,
    startTimeUnixNano: unixNano(BigInt(start)),
    endTimeUnixNano: unixNano(100n),
    statusCode: 0,
    adjustedCount: 1,
    attributes: [],
    traceState: '',
    resource: { ...some.resource, attributes: [{ key: 'service.name', value: { type: 'string', value: service } }] },
  });
  const { client, server } = SpanKind;
  const spans = [
    span('browser', 1, 0, client, 1),
    span('shop', 1, 0, server, 2),
    span('shop', 2, 1, client, 3),
    span('cart', 2, 1, server, 4),
    span('db', 3, 2, server, 5),
  ];
  for (const starts of [spans, spans.map((each, i) => ({ ...each, startTimeUnixNano: unixNano(BigInt(9 - i)) }))]) {
    for (let round = 0; round < 10; round++) {
      const edges = await dependencyEdges(await randomSources(random, starts), {});
      assert.deepEqual(
        edges.map(({ parent, child, callCount }) => `${parent} → ${child}: ${callCount}`),
        ['browser → shop: 1', 'cart → db: 1', 'shop → cart: 1'],
      );
    }
  }
});
