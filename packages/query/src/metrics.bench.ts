/**
 * Metrics queries over four segments: 1 M spans of 100 k traces over an hour, warm, in 60 intervals. `BENCH_HEADS=1`: over
 * four heads. `BENCH_SMOKE=1` runs it once, small.
 *
 *     node --conditions=source packages/query/src/metrics.bench.ts
 */
import process from 'node:process';
import { pushSpans, type Span, type TraceId, type UnixNano } from '@spoor/model';
import { allocateHeadBuffers, type ColumnSource, Head, headCapacity, TableSource } from '@spoor/store';
import { parseQuery } from '@spoor/traceql';
import { queryMetrics } from './query-metrics.ts';
import type { QuerySources } from './query-sources.ts';
import { SourceMemo } from './source-memo.ts';
import { plainSpan, resourceOf } from './testing/plain-span.ts';
import { SegmentFolder } from './testing/segment-folder.ts';

const isSmoke = process.env['BENCH_SMOKE'] === '1';
const SOURCES = 4;
const SPANS_PER_TRACE = 10;
const tracesPerSource = isSmoke ? 50 : 25_000;
const runs = isSmoke ? 1 : 7;
const START_NANO = 1_700_000_000_000_000_000n;
const HOUR_NANO = 3_600_000_000_000n;

const resources = Array.from({ length: 20 }, (_, i) =>
  resourceOf({ 'service.name': `service-${i}`, 'host.name': `h${i}`, 'k8s.pod.name': `pod-${i}` }),
);

/** Attributes of a server: five with few values, one with 2,000, one with 20,000. */
function traceSpans(trace: number): readonly Span[] {
  const start = START_NANO + (HOUR_NANO * BigInt(trace)) / BigInt(SOURCES * tracesPerSource);
  return Array.from({ length: SPANS_PER_TRACE }, (_, i) => {
    const mixed = Math.imul(trace * SPANS_PER_TRACE + i + 1, 0x9e37_79b1) >>> 0;
    const plain = plainSpan({
      trace: trace + 1,
      id: trace * SPANS_PER_TRACE + i + 1,
      parent: i === 0 ? 0 : trace * SPANS_PER_TRACE + 1 + ((i - 1) >> 1),
      name: `operation-${mixed % 50}`,
      kind: 1 + (mixed % 3),
      statusCode: mixed % 100 === 0 ? 2 : 0,
      resource: resources[(mixed >>> 8) % 20],
      attributes: {
        'http.request.method': ['GET', 'POST', 'PUT'][(mixed >>> 3) % 3],
        'http.response.status_code': mixed % 10 === 0 ? 500 : 200,
        'http.route': `/route/${(mixed >>> 4) % 200}`,
        'net.peer.name': `peer-${(mixed >>> 5) % 2000}`,
        'user.id': `u${(mixed >>> 6) % 20_000}`,
        'retry.count': (mixed >>> 7) % 4,
        component: mixed % 2 === 0 ? 'net/http' : 'grpc',
      },
    });
    const spanStart = (start + BigInt(i) * 1_000_000n) as UnixNano;
    const end = (spanStart + BigInt(mixed % 1_000_000_000)) as UnixNano;
    return { ...plain, startTimeUnixNano: spanStart, endTimeUnixNano: end };
  });
}

function makeHead(index: number): Head {
  const head = new Head(allocateHeadBuffers(headCapacity(2 * tracesPerSource * SPANS_PER_TRACE), 1));
  for (let trace = 0; trace < tracesPerSource; trace++) pushSpans(head, traceSpans(index * tracesPerSource + trace));
  return head;
}

const queries: readonly string[] = [
  '{ } | rate()',
  '{ status = error } | rate()',
  '{ } | rate() by (resource.service.name)',
  '{ } | rate() by (name)',
  '{ } | rate() by (span.http.route)',
  '{ } | rate() by (span.component)',
  '{ } | rate() by (span.net.peer.name)',
  '{ } | rate() by (span.http.response.status_code)',
  '{ } | rate() by (resource.service.name, name)',
  '{ } | quantile_over_time(duration, 0.5, 0.99) by (name)',
  '{ } | histogram_over_time(duration)',
  '{ } | avg_over_time(duration) by (span.http.route)',
  '{ } | rate() by (rootServiceName)',
  '{ } >> { status = error } | rate()',
  '{ } | compare({ status = error })',
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
const qs: QuerySources = { sources, splitTraces: async () => split, memo: new SourceMemo() };

async function measure(text: string, intervalCount: number): Promise<void> {
  const stepNano = HOUR_NANO / BigInt(intervalCount);
  const start = (START_NANO + stepNano) as UnixNano;
  const end = (START_NANO + HOUR_NANO) as UnixNano;
  const request = { query: parseQuery(text), start, end, stepNano, exemplarsMax: 100, seriesMax: 1000 };
  const milli: number[] = [];
  let seriesCount = 0;
  for (let i = isSmoke ? 0 : -2; i < runs; i++) {
    const startMilli = performance.now();
    seriesCount = (await queryMetrics(qs, request)).series.length;
    if (i >= 0) milli.push(performance.now() - startMilli);
  }
  milli.sort((a, b) => a - b);
  const [p50, most] = [milli[runs >> 1], milli.at(-1)!];
  console.log(
    `${text.padEnd(58)} ${String(seriesCount).padStart(5)} series   p50 ${p50.toFixed(1)} ms   max ${most.toFixed(1)} ms`,
  );
}

console.log(`${SOURCES * tracesPerSource * SPANS_PER_TRACE} spans, ${SOURCES} sources, ${runs} runs, 60 intervals`);
for (const text of queries) await measure(text, 60);
console.log('one interval');
for (const text of ['{ } | rate() by (name)', '{ } | compare({ status = error })']) await measure(text, 1);
