import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceName, type Span } from '@spoor/model';
import { fetchTraces } from './fetch-traces.ts';
import { headSource, randomSources, sourcesOf } from './testing/partition.ts';
import { plainSpan } from './testing/plain-span.ts';
import { randomTrace, traceIdOf } from './testing/random-traces.ts';
import { SeededRandom, testSeed } from './testing/seeded-random.ts';
import { traceSpanColumns, type TraceSpanColumns } from './trace-span-columns.ts';

/** One line for all that the columns say of a span. */
function lineOfSpan(span: Span): string {
  const { spanId, parentSpanId, startTimeUnixNano: start, endTimeUnixNano: end } = span;
  const duration = end > start ? end - start : 0n;
  const parts = [
    spanId,
    parentSpanId || '0'.repeat(16),
    start,
    duration,
    end < start,
    serviceName(span.resource),
    span.name,
    span.kind,
  ];
  return [...parts, span.statusCode, span.events.length > 0, span.links.length > 0].join(' | ');
}

function lineOfEntry(columns: TraceSpanColumns, i: number): string {
  const [service, name, kind] = columns.operations[columns.operation[i]];
  const id = (high: Uint32Array, low: Uint32Array): string => hexWord(high[i]) + hexWord(low[i]);
  const parts = [
    id(columns.spanIdHigh, columns.spanIdLow),
    id(columns.parentSpanIdHigh, columns.parentSpanIdLow),
    columns.startUnixNano + BigInt(columns.offsetNano[i]),
    columns.durationNano[i],
    columns.endsBeforeStart[i] === 1,
    columns.services[service],
    name,
    kind,
    columns.statusCode[i],
    columns.hasEvents[i] === 1,
    columns.hasLinks[i] === 1,
  ];
  return parts.join(' | ');
}

function hexWord(word: number): string {
  return word.toString(16).padStart(8, '0');
}

test('traceSpanColumns: says of each span what the span says, wherever the parts of the trace lie', async () => {
  const seed = testSeed();
  for (let round = 0; round < 200; round++) {
    const random = new SeededRandom(seed + round);
    const stored = Array.from({ length: 1 + random.below(4) }, (_, i) => randomTrace(random, traceIdOf(i + 1)));
    const sources = await randomSources(random, stored.flat());
    const id = traceIdOf(1);
    const columns = await traceSpanColumns(sources, id);
    const { traces } = await fetchTraces(sources, [id]);
    assert.ok(columns !== undefined);
    const entries = Array.from({ length: columns.spanCount }, (_, i) => lineOfEntry(columns, i));
    const expected = new Set(traces[0].spans.map(lineOfSpan));
    assert.deepEqual(new Set(entries), expected, `SEED=${seed + round}`);
    for (let i = 0; i < entries.length; i++)
      assert.equal(lineOfSpan(await columns.span(i)), entries[i], `SEED=${seed + round}`);
  }
});

test('traceSpanColumns: a retry in another source appears once; siblings come by start', async () => {
  const spans = [5_000, 3_000, 4_000].map((start, i) => plainSpan({ id: i + 2, parent: 1, start }));
  const root = plainSpan({ id: 1, start: 1_000 });
  const parts = [
    [root, ...spans],
    [spans[0], root],
  ];
  const columns = await traceSpanColumns(
    sourcesOf(
      parts.map((part, i) => headSource(`${i}`, part)),
      parts,
    ),
    traceIdOf(1),
  );
  assert.deepEqual([...columns!.offsetNano], [0, 2_000, 3_000, 4_000]);
});

test('traceSpanColumns: nothing for a trace that is nowhere', async () => {
  assert.equal(await traceSpanColumns({ sources: [], splitTraces: async () => new Set() }, traceIdOf(9)), undefined);
});
