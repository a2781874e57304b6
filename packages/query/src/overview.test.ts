import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unixNano } from '@spoor/model';
import { overview } from './overview.ts';
import { headSource, sourcesOf } from './testing/partition.ts';
import { plainSpan, resourceOf } from './testing/plain-span.ts';

const service = (name: string) => resourceOf({ 'service.name': name });

//    trace 1:  web (root, server) ─ api (server, error) ─ api (client)     trace 2:  job (root, internal)
const spans = [
  plainSpan({ trace: 1, id: 1, start: 1_000_000_000, durationNano: 5e6, kind: 2, resource: service('web') }),
  plainSpan({
    trace: 1,
    id: 2,
    parent: 1,
    start: 1_000_000_100,
    durationNano: 2e6,
    kind: 2,
    statusCode: 2,
    resource: service('api'),
  }),
  plainSpan({ trace: 1, id: 3, parent: 2, start: 1_000_000_200, durationNano: 1e3, kind: 3, resource: service('api') }),
  plainSpan({
    trace: 2,
    id: 4,
    start: 7_000_000_000,
    durationNano: 3e9,
    kind: 1,
    statusCode: 2,
    resource: service('job'),
  }),
];

test('overview: requests are served spans and roots; the heatmap is of roots', async () => {
  const parts = [spans.slice(0, 2), spans.slice(2)];
  const answer = await overview(
    sourcesOf(
      parts.map((part, i) => headSource(`${i}`, part)),
      parts,
    ),
    {},
  );
  assert.equal(answer.spanCount, 4);
  assert.equal(answer.rootCount, 2);
  assert.equal(answer.start, 1_000_000_000n);
  assert.equal(answer.end, 7_000_000_000n);
  const brief = answer.services.map(({ name, spanCount, requestCount, errorCount }) => [
    name,
    spanCount,
    requestCount,
    errorCount,
  ]);
  assert.deepEqual(brief, [
    ['api', 2, 1, 1],
    ['job', 1, 1, 1],
    ['web', 1, 1, 0],
  ]);
  assert.ok(Math.abs(answer.services[0].p50Nano / 2e6 - 1) < 0.06);
  // 5 ms is 3.7 decades above a microsecond, 3 s 6.5.
  assert.deepEqual(answer.heatmap.cells, [
    [0, 14, 1, 0],
    [59, 25, 1, 1],
  ]);
});

test('overview: only what starts in the range', async () => {
  const range = { start: unixNano(2_000_000_000n), end: unixNano(9_000_000_000n) };
  const answer = await overview(sourcesOf([headSource('0', spans)], [spans]), range);
  assert.deepEqual(
    answer.services.map(({ name }) => name),
    ['job'],
  );
  const nothing = await overview(sourcesOf([], []), {});
  assert.deepEqual([nothing.spanCount, nothing.services, nothing.heatmap.cells], [0, [], []]);
});
