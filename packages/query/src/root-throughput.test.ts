import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceName, type Attribute, type Span } from '@spoor/model';
import { rootThroughput } from './root-throughput.ts';
import { randomSources } from './testing/partition.ts';
import { randomTrace, traceIdOf } from './testing/random-traces.ts';
import { SeededRandom, testSeed } from './testing/seeded-random.ts';
import type { RootThroughput } from './trace-store.ts';

const samplers: readonly (readonly Attribute[])[] = [
  [],
  [
    { key: 'sampler.type', value: { type: 'string', value: 'probabilistic' } },
    { key: 'sampler.param', value: { type: 'double', value: 0.25 } },
  ],
  [
    { key: 'sampler.type', value: { type: 'string', value: 'const' } },
    { key: 'sampler.param', value: { type: 'bool', value: true } },
  ],
  [
    { key: 'sampler.type', value: { type: 'string', value: 'lowerbound' } },
    { key: 'sampler.param', value: { type: 'double', value: 0.001 } },
  ],
  [
    { key: 'sampler.type', value: { type: 'string', value: 'ratelimiting' } },
    { key: 'sampler.param', value: { type: 'double', value: 2 } },
  ],
];
const traceStates = ['', '', 'ot=th:0', 'ot=th:c', 'vendor=th:0'];

function modelThroughput(spans: readonly Span[]): RootThroughput[] {
  const sums = new Map<string, RootThroughput>();
  for (const { parentSpanId, resource, name, attributes, traceState, adjustedCount } of spans) {
    const service = serviceName(resource);
    if (parentSpanId !== '' || service === '') continue;
    const key = JSON.stringify([service, name]);
    const sum = sums.get(key) ?? { service, name, spanCount: 0, knownCount: 0, unknownSpanCount: 0 };
    const sampler = attributes.find((one) => one.key === 'sampler.type')?.value;
    const type = sampler?.type === 'string' ? sampler.value : '';
    const isCounted = type !== 'lowerbound';
    const isKnown = type === 'probabilistic' || type === 'const' || adjustedCount !== 1 || traceState === 'ot=th:0';
    sums.set(key, {
      ...sum,
      spanCount: sum.spanCount + (isCounted ? 1 : 0),
      knownCount: sum.knownCount + (isCounted && isKnown ? adjustedCount : 0),
      unknownSpanCount: sum.unknownSpanCount + (isCounted && !isKnown ? 1 : 0),
    });
  }
  const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return [...sums.values()].sort((a, b) => order(a.service, b.service) || order(a.name, b.name));
}

/** 1 / probability, as the store derives it: trace state first, then the sampler. */
function countOf(traceState: string, sampler: readonly Attribute[]): number {
  if (traceState === 'ot=th:c') return 4;
  const isProbabilistic = sampler.some(({ value }) => value.type === 'string' && value.value === 'probabilistic');
  return isProbabilistic ? 4 : 1;
}

/** A retry counts once where its copies meet in one source, and twice where they do not: not what this is about. */
function withoutRepeats(spans: readonly Span[]): readonly Span[] {
  return [...new Map(spans.map((span) => [span.spanId, span])).values()];
}

test('rootThroughput: agrees with the model, whatever is known of how roots were sampled', async () => {
  const seed = testSeed();
  let known = 0;
  for (let round = 0; round < 100; round++) {
    const random = new SeededRandom(seed + round);
    const spans = Array.from({ length: 1 + random.below(8) }, (_, i) => randomTrace(random, traceIdOf(i + 1)))
      .flatMap(withoutRepeats)
      .map((span) => {
        const sampler = random.pick(samplers);
        const traceState = random.pick(traceStates);
        const others = span.attributes.filter(({ key }) => !key.startsWith('sampler.'));
        const adjustedCount = countOf(traceState, sampler);
        return { ...span, traceState, adjustedCount, attributes: [...others, ...sampler] };
      });
    const sources = await randomSources(random, spans);
    const answer = await rootThroughput(sources, {});
    assert.deepEqual(answer, modelThroughput(spans), `SEED=${seed + round}`);
    known += answer.filter(({ knownCount }) => knownCount > 0).length;
  }
  assert.ok(known > 100, 'the rounds have what they are about');
});
