import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttributeValue, UnixNano } from '@spoor/model';
import { printQuery, type Query, type Static } from '@spoor/traceql';
import { durationText } from './metric-label.ts';
import { searchTraces } from './search-traces.ts';
import { attributeText } from './testing/attribute-text.ts';
import { modelSets } from './testing/model-pipeline.ts';
import { ModelTrace } from './testing/model-trace.ts';
import { randomSources } from './testing/partition.ts';
import { randomPipeline } from './testing/random-pipelines.ts';
import { randomTrace, traceIdOf } from './testing/random-traces.ts';
import { checkPairs, SeededRandom } from './testing/seeded-random.ts';
import type { SpanSet, TimeRange } from './trace-store.ts';

/** Spans by id, then what was computed. */
function textOf(ids: readonly string[], scalars: readonly string[]): string {
  return `${ids.toSorted().join(' ')} ${scalars.toSorted().join(', ')}`;
}

function textOfSet({ attributes, spans }: SpanSet): string {
  const scalars = attributes.filter(({ key }) => !key.startsWith('by('));
  return textOf(
    spans.map(({ spanId }) => spanId),
    scalars.map(attributeText),
  );
}

function valueOfStatic(value: Static | undefined): AttributeValue {
  if (value?.type === 'duration') return { type: 'string', value: durationText(value.value) };
  if (value?.type === 'float') return { type: 'double', value: value.value };
  return value?.type === 'int' ? value : { type: 'empty' };
}

/** @returns the number of (query, trace) pairs */
async function checkRound(seed: number): Promise<number> {
  const random = new SeededRandom(seed);
  const stored = Array.from({ length: 1 + random.below(6) }, (_, i) => randomTrace(random, traceIdOf(i + 1)));
  const sources = await randomSources(
    random,
    stored.flat().sort(() => random.next() - 0.5),
  );
  const traces = stored.map((each) => new ModelTrace(each));
  const queryCount = 12;
  for (let plan = 0; plan < queryCount; plan++) {
    const query: Query = { kind: 'search', pipeline: randomPipeline(random), hints: [] };
    const start = random.chance(0.8) ? undefined : ((2n ** 60n + BigInt(random.below(50))) as UnixNano);
    const range: TimeRange = { start };
    const expected = new Map<string, readonly string[]>();
    for (const trace of traces) {
      const sets = modelSets(trace, query.pipeline).map(({ spans, scalars }) => {
        const inRange = [...spans].filter((span) => start === undefined || span.startTimeUnixNano >= start);
        return textOf(
          inRange.map(({ spanId }) => spanId),
          [...scalars].map(([key, value]) => attributeText({ key, value: valueOfStatic(value) })),
        );
      });
      const some = sets.filter((set) => !set.startsWith(' '));
      if (some.length > 0) expected.set(trace.traceId, some.sort());
    }
    const answer = await searchTraces(sources, { query, range, limit: 100, order: 'newest', spansPerSetMax: 1000 });
    const found = new Map(
      answer.traces.map((trace) => [trace.traceId as string, trace.spanSets!.map(textOfSet).sort()]),
    );
    assert.deepEqual(found, expected, `SEED=${seed} plan ${plan}: ${printQuery(query)}`);
    for (const { matchedCount, spanSets } of answer.traces) {
      assert.equal(
        matchedCount,
        spanSets!.reduce((sum, set) => sum + set.matchedCount, 0),
      );
    }
    assert.equal(answer.total, expected.size);
  }
  return queryCount * traces.length;
}

test('searchTraces: span sets agree with the plain-object model on random pipelines', async () => {
  await checkPairs(2_500, checkRound);
});
