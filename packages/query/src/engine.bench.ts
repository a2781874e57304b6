/**
 * The engine over four segments: 1 M spans of 100 k traces, warm. `BENCH_HEADS=1`: over four heads. `BENCH_SMOKE=1` runs
 * it once, small.
 *
 *     node --conditions=source packages/query/src/engine.bench.ts
 */
import process from 'node:process';
import { pushSpans, type Span, type TraceId } from '@spoor/model';
import { allocateHeadBuffers, type ColumnSource, Head, headCapacity, TableSource } from '@spoor/store';
import {
  allOf,
  attribute,
  compare,
  constant,
  exists,
  type FieldExpression,
  intrinsic,
  parseQuery,
  searchFor,
  type Static,
} from '@spoor/traceql';
import { dependencyEdges } from './dependency-edges.ts';
import { fetchTraces } from './fetch-traces.ts';
import { listAttributeValues } from './list-attribute-values.ts';
import { listOperations } from './list-operations.ts';
import { listServices } from './list-services.ts';
import type { QuerySources } from './query-sources.ts';
import { searchTraces } from './search-traces.ts';
import { plainSpan, resourceOf } from './testing/plain-span.ts';
import { traceIdOf } from './testing/random-traces.ts';
import { SegmentFolder } from './testing/segment-folder.ts';

const isSmoke = process.env['BENCH_SMOKE'] === '1';
const SOURCES = 4;
const SPANS_PER_TRACE = 10;
const tracesPerSource = isSmoke ? 50 : 25_000;
const runs = isSmoke ? 1 : Number(process.env['BENCH_RUNS'] ?? 30);

const resources = Array.from({ length: 20 }, (_, i) =>
  resourceOf({ 'service.name': `service-${i}`, 'host.name': `h${i}` }),
);

function traceSpans(trace: number): readonly Span[] {
  return Array.from({ length: SPANS_PER_TRACE }, (_, i) => {
    const mixed = Math.imul(trace * SPANS_PER_TRACE + i, 0x9e37_79b1) >>> 0;
    return plainSpan({
      trace: trace + 1,
      id: trace * SPANS_PER_TRACE + i + 1,
      parent: i === 0 ? 0 : trace * SPANS_PER_TRACE + 1 + ((i - 1) >> 1),
      start: 1e15 + trace * 1e5 + i * 1e3,
      durationNano: mixed % 1_000_000,
      name: `operation-${mixed % 50}`,
      kind: 1 + (mixed % 3),
      statusCode: mixed % 100 === 0 ? 2 : 0,
      resource: resources[(mixed >>> 8) % 20],
      attributes: {
        'http.response.status_code': mixed % 10 === 0 ? 500 : 200,
        'request.id': `${trace}-${i}`,
        'http.route': `/route/${(mixed >>> 4) % 200}`,
      },
    });
  });
}

function makeHead(index: number): Head {
  const head = new Head(allocateHeadBuffers(headCapacity(2 * tracesPerSource * SPANS_PER_TRACE), 1));
  for (let trace = 0; trace < tracesPerSource; trace++) pushSpans(head, traceSpans(index * tracesPerSource + trace));
  return head;
}

async function measure(name: string, run: (i: number) => Promise<unknown>): Promise<void> {
  if (!isSmoke) for (let i = 0; i < 5; i++) await run(i);
  const milli: number[] = [];
  for (let i = 0; i < runs; i++) {
    const startMilli = performance.now();
    await run(i);
    milli.push(performance.now() - startMilli);
  }
  milli.sort((a, b) => a - b);
  console.log(`${name.padEnd(58)} p50 ${milli[runs >> 1].toFixed(1)} ms   max ${milli.at(-1)!.toFixed(1)} ms`);
}

const text = (value: string): FieldExpression => constant({ type: 'string', value });
const is = (name: string, value: string) => compare(attribute('any', name), '=', text(value));
const status: Static = { type: 'status', value: 'error' };
const slow = compare(intrinsic('span:duration'), '>', constant({ type: 'duration', value: 900_000 }));

const conditions: readonly (readonly [string, (i: number) => FieldExpression | undefined])[] = [
  ['everything', () => undefined],
  ['rare value', (i) => is('request.id', `${(i * 977) % (SOURCES * tracesPerSource)}-3`)],
  ['absent value', (i) => is('request.id', `nowhere-${i}`)],
  [
    'service, duration, status',
    () => allOf([is('service.name', 'service-3'), slow, compare(intrinsic('span:status'), '=', constant(status))]),
  ],
  [
    'number by renamed attribute',
    () => compare(attribute('any', 'http.status_code'), '>=', constant({ type: 'int', value: 500 })),
  ],
  ['regex over 200 values', () => compare(attribute('span', 'http.route'), '=~', text('/route/1[0-4]'))],
  ['attribute exists', () => exists(attribute('span', 'http.route'))],
  ['event condition', () => compare(attribute('event', 'x'), '=', text('y'))],
  [
    'root name and trace duration',
    () =>
      allOf([
        compare(intrinsic('trace:rootName'), '=', text('operation-7')),
        compare(intrinsic('trace:duration'), '>', constant({ type: 'duration', value: 5e5 })),
      ]),
  ],
  [
    'arithmetic',
    () =>
      compare(
        compare(attribute('span', 'http.response.status_code'), '+', constant({ type: 'int', value: 1 })),
        '=',
        constant({ type: 'int', value: 501 }),
      ),
  ],
];

await using folder = await SegmentFolder.create();
const sources: ColumnSource[] = [];
for (let i = 0; i < SOURCES; i++) {
  const head = makeHead(i);
  const isHead = process.env['BENCH_HEADS'] === '1';
  if (isHead) sources.push(new TableSource({ id: `head ${i}`, table: head.table, index: head.buffers }));
  else sources.push(await folder.write(head));
}
const split = new Set<TraceId>();
const qs: QuerySources = { sources, splitTraces: async () => split };

console.log(`${SOURCES * tracesPerSource * SPANS_PER_TRACE} spans, ${SOURCES} sources, ${runs} runs`);
for (const [name, condition] of conditions) {
  const answer = await searchTraces(qs, { query: searchFor(condition(0)), range: {}, limit: 20, order: 'newest' });
  await measure(`${name} (${answer.total})`, (i) =>
    searchTraces(qs, { query: searchFor(condition(i)), range: {}, limit: 20, order: 'newest' }),
  );
}
const pipelines: readonly string[] = [
  '{ status = error } >> { kind = server }',
  '{ kind = server } > { kind = client }',
  '{ } | by(resource.service.name) | count() > 4',
  '{ status = error } | count() > 1',
  '{ } | by(span.http.route) | avg(duration) > 990us',
];
for (const text of pipelines) {
  const query = parseQuery(text);
  const request = { query, range: {}, limit: 20, order: 'newest', spansPerSetMax: 3 } as const;
  const answer = await searchTraces(qs, request);
  await measure(`${text} (${answer.totalIsExact ? '' : '≥ '}${answer.total})`, () => searchTraces(qs, request));
}
const errors = { query: parseQuery('{ status = error }'), limit: 1000 };
await measure('values of what a query gives', () =>
  listAttributeValues(qs, { scope: 'span', name: 'http.route', ...errors }),
);
await measure('trace by id', (i) => fetchTraces(qs, [traceIdOf(1 + ((i * 977) % (SOURCES * tracesPerSource)))]));
await measure('services', () => listServices(qs, {}));
await measure('operations of a service', () => listOperations(qs, { service: 'service-3' }));
await measure('attribute values', () => listAttributeValues(qs, { scope: 'span', name: 'http.route', limit: 1000 }));
await measure('dependencies', () => dependencyEdges(qs, {}));
