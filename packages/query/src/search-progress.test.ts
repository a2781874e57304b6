import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseQuery } from '@spoor/traceql';
import { searchTraces } from './search-traces.ts';
import { slowSources } from './testing/slow-sources.ts';
import { traceIdOf } from './testing/random-traces.ts';
import type { SearchAnswer, SearchRequest } from './trace-store.ts';

const request: SearchRequest = { query: parseQuery('{ kind = server }'), range: {}, limit: 10, order: 'newest' };
const structural = { ...request, query: parseQuery('{ kind = server } >> { kind = client }') };

function tracesOf({ traces }: SearchAnswer): readonly string[] {
  return traces.map(({ traceId }) => traceId);
}

const newestFirst = [3, 2, 1].map(traceIdOf);

for (const [name, asked, timeMilliMax] of [
  ['a condition', request, 90],
  ['structure', structural, 600],
] as const) {
  test(`searchTraces, ${name}: tells what was found so far, the newest first`, async () => {
    const told: SearchAnswer[] = [];
    const options = { onProgress: (soFar: SearchAnswer) => void told.push(soFar) };
    const answer = await searchTraces(slowSources(60), { ...asked, spansPerSetMax: 3 }, options);
    assert.deepEqual(tracesOf(answer), newestFirst);
    assert.deepEqual([answer.totalIsExact, answer.incomplete], [true, undefined]);
    assert.ok(told.length > 0);
    for (const soFar of told) {
      const { doneSourceCount, sourceCount, inspectedSpanCount } = soFar.progress;
      assert.equal(sourceCount, 3);
      assert.equal(inspectedSpanCount, 2 * doneSourceCount);
      assert.deepEqual(tracesOf(soFar), newestFirst.slice(0, doneSourceCount));
      assert.ok(soFar.traces.every(({ spanSets }) => spanSets!.length === 1));
      assert.equal(soFar.totalIsExact, false);
    }
  });

  test(`searchTraces, ${name}: past its time it answers what it has, with the reason`, async () => {
    const some = await searchTraces(slowSources(60), { ...asked, timeMilliMax });
    assert.match(some.incomplete!, /^the time was over with [123] of 3 parts of the data unread$/);
    assert.equal(some.totalIsExact, false);
    const { doneSourceCount } = some.progress;
    assert.ok(doneSourceCount < 3);
    const found = tracesOf(some);
    assert.deepEqual(found, newestFirst.slice(0, found.length));
    const none = await searchTraces(slowSources(20), { ...asked, timeMilliMax: 0 });
    assert.deepEqual([none.traces, none.total], [[], 0]);
    assert.match(none.incomplete!, /3 of 3/);
  });
}

test('searchTraces: progress counts what was read', async () => {
  const { progress } = await searchTraces(slowSources(0), request);
  const { inspectedBytes, ...counts } = progress;
  assert.deepEqual(counts, { inspectedSpanCount: 6, inspectedTraceCount: 3, sourceCount: 3, doneSourceCount: 3 });
  assert.ok(inspectedBytes >= 6 * 4);
  const absent = await searchTraces(slowSources(0), { ...request, query: parseQuery('{ name = "nowhere" }') });
  assert.deepEqual(absent.progress, {
    inspectedSpanCount: 0,
    inspectedTraceCount: 0,
    inspectedBytes: 0,
    sourceCount: 3,
    doneSourceCount: 3,
  });
});
