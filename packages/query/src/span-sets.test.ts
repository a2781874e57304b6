import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limits } from '@spoor/model';
import { parseQuery } from '@spoor/traceql';
import { searchTraces } from './search-traces.ts';
import { attributeText } from './testing/attribute-text.ts';
import { headSource, sourcesOf } from './testing/partition.ts';
import { plainSpan } from './testing/plain-span.ts';
import type { SpanSet, TimeRange } from './trace-store.ts';

/*
 *     1 GET / (server, 1000 +100)
 *     ├─ 2 select (client, n=3)
 *     ├─ 3 select (client, n=4, error)
 *     └─ 4 cache (internal, an event e with x = "y")
 */
const spans = [
  plainSpan({ id: 1, kind: 2, name: 'GET /', start: 1000 }),
  plainSpan({ id: 2, parent: 1, kind: 3, name: 'select', start: 1010, attributes: { n: 3 } }),
  plainSpan({ id: 3, parent: 1, kind: 3, name: 'select', start: 1005, statusCode: 2, attributes: { n: 4 } }),
  plainSpan({ id: 4, parent: 1, kind: 1, name: 'cache', start: 1020, events: [{}, { x: 'y' }] }),
];

async function setsOf(text: string, spansPerSetMax = 10, range: TimeRange = {}): Promise<readonly SpanSet[]> {
  // Spans of one trace in two sources, one of them sent twice.
  const parts = [spans.slice(0, 3), [...spans.slice(3), spans[3]]];
  const qs = sourcesOf([headSource('a', parts[0]), headSource('b', parts[1])], parts);
  const request = { query: parseQuery(text), range, limit: 5, order: 'newest', spansPerSetMax } as const;
  const { traces } = await searchTraces(qs, request);
  assert.ok(traces.length <= 1);
  return traces.flatMap(({ spanSets }) => spanSets!);
}

/** `[values] id{attributes} …` */
function textOf({ attributes, matchedCount, spans: listed }: SpanSet): string {
  const text = (list: SpanSet['attributes']) => list.map(attributeText).join(' ');
  const ofSpans = listed.map((span) => `${Number.parseInt(span.spanId, 16)}{${text(span.attributes)}}`);
  return `[${text(attributes)}] ${matchedCount}: ${ofSpans.join(' ')}`;
}

async function textsOf(text: string, spansPerSetMax?: number, range?: TimeRange): Promise<readonly string[]> {
  return (await setsOf(text, spansPerSetMax, range)).map(textOf);
}

test('spanSets: one set without by(), spans by start, each once however often it was sent', async () => {
  assert.deepEqual(await textsOf('{ }'), ['[] 4: 1{} 3{} 2{} 4{}']);
  assert.deepEqual(await textsOf('{ }', 2), ['[] 4: 1{} 3{}']);
  assert.deepEqual(await textsOf('{ }', 0), ['[] 4: ']);
  assert.deepEqual(await textsOf('{ name = "nothing" }'), []);
});

test('spanSets: spans say what conditions and select read, under names without scope', async () => {
  assert.deepEqual(await textsOf('{ span.n > 3 && status = error }'), ['[] 1: 3{n=4 status=error}']);
  assert.deepEqual(
    await textsOf(
      '{ nestedSetParent < 0 } | select(status, resource.service.name, name, nestedSetParent, nestedSetLeft, nestedSetRight)',
    ),
    ['[] 1: 1{nestedSetParent=-1 status=unset service.name=api nestedSetLeft=1 nestedSetRight=8}'],
  );
  assert.deepEqual(await textsOf('{ kind = internal } | select(event.x, event:name, span.n)'), [
    '[] 1: 4{kind=internal x=y event:name=e}',
  ]);
  const [set] = await setsOf('{ name = "cache" }');
  const [{ name, start, durationNano }] = set.spans;
  assert.deepEqual({ name, start, durationNano }, { name: 'cache', start: 1020n, durationNano: 100 });
});

test('spanSets: a set for each group, ordered by its values, what is missing first', async () => {
  assert.deepEqual(await textsOf('{ } | by(span.n)'), [
    '[by(span.n)=nil] 2: 1{} 4{}',
    '[by(span.n)=3] 1: 2{n=3}',
    '[by(span.n)=4] 1: 3{n=4}',
  ]);
  assert.deepEqual(await textsOf('{ } | by(name) | by(status)', 0), [
    '[by(name)=GET / by(status)=unset] 1: ',
    '[by(name)=cache by(status)=unset] 1: ',
    '[by(name)=select by(status)=unset] 1: ',
    '[by(name)=select by(status)=error] 1: ',
  ]);
  assert.deepEqual(await textsOf('{ } | by(event.x)', 0), ['[by(event.x)=nil] 3: ', '[by(event.x)=y] 1: ']);
});

test('spanSets: aggregates are those of the stage that computed them', async () => {
  assert.deepEqual(await textsOf('{ } | by(name) | count() > 1', 0), ['[by(name)=select count()=2] 2: ']);
  assert.deepEqual(await textsOf('{ } | count() > 1 | { kind = client }', 0), ['[count()=4] 2: ']);
  assert.deepEqual(await textsOf('{ } | count() > 1 | by(kind) | avg(duration) > 0', 0), [
    '[by(kind)=internal count()=4 avg(duration)=100ns] 1: ',
    '[by(kind)=server count()=4 avg(duration)=100ns] 1: ',
    '[by(kind)=client count()=4 avg(duration)=100ns] 2: ',
  ]);
  assert.deepEqual(await textsOf('{ } | by(kind) | count() > 1 | coalesce()', 0), ['[] 2: ']);
  assert.deepEqual(await textsOf('({ } | by(name)) | count() > 1', 0), ['[by(name)=select count()=2] 2: ']);
});

test('spanSets: aggregates are calculated and compared with each other', async () => {
  assert.deepEqual(await textsOf('{ } | max(span.n) - min(span.n) = 1', 0), ['[max(span.n)=4 min(span.n)=3] 4: ']);
  assert.deepEqual(await textsOf('{ } | max(span.n) > min(span.n)', 0), ['[max(span.n)=4 min(span.n)=3] 4: ']);
  assert.deepEqual(await textsOf('{ } | count() / 3 = 1', 0), ['[count()=4] 4: ']);
  assert.deepEqual(await textsOf('({ kind = client } | count()) > ({ kind = server } | count())', 0), [
    '[({ kind = client } | count())=2 ({ kind = server } | count())=1] 4: ',
  ]);
  assert.deepEqual(await textsOf('({ name = "nothing" } | count()) = 0', 0), [
    '[({ name = "nothing" } | count())=0] 4: ',
  ]);
  assert.deepEqual(await textsOf('({ name = "nothing" } | max(span.n)) < 9', 0), []);
  await assert.rejects(textsOf('({ } | by(name) | count()) > 1'), /by\(\) has to be ended by coalesce\(\)/);
});

test('spanSets: of spans that start in the range; aggregates are of the whole trace', async () => {
  const range = { start: 1010n, end: 1015n } as TimeRange;
  assert.deepEqual(await textsOf('{ } | count() > 2', 5, range), ['[count()=4] 1: 2{}']);
});

test('spanSets: no more fields are shown than limits say, what is selected first; more cannot be selected', async () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => `.a${i}`);
  const conditions = many(limits.shownFieldsMax).map((name) => `${name} = 1`);
  assert.deepEqual(await textsOf(`{ ${conditions.join(' || ')} || .n = 3 } | select(.n)`), ['[] 1: 2{n=3}']);
  assert.deepEqual(await textsOf(`{ ${conditions.join(' || ')} || .n = 3 }`), ['[] 1: 2{}']);
  await assert.rejects(setsOf(`{ } | select(${many(200).join(', ')}) | select(${many(257).join(', ')})`), {
    code: 'QUERY_LIMIT',
    message: 'select() of 257 fields; at most 256 are possible',
  });
});
