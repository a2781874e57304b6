/**
 * Metrics of spans over four segments, 400 k spans of 40 k traces, warm; and what counting them for `/metrics` costs as they
 * arrive. `BENCH_SMOKE=1` runs it once, small.
 *
 *     node --conditions=source packages/query/src/span-metrics.bench.ts
 */
import process from 'node:process';
import { pushSpans, type Span, unixNano } from '@spoor/model';
import { allocateHeadBuffers, type ColumnSource, Head, headCapacity, TableSource } from '@spoor/store';
import type { QuerySources } from './query-sources.ts';
import { serviceGraph } from './service-graph.ts';
import { SpanCounters } from './span-counters.ts';
import { SourceMemo } from './source-memo.ts';
import { spanMetrics } from './span-metrics.ts';
import { plainSpan, resourceOf } from './testing/plain-span.ts';
import { SegmentFolder } from './testing/segment-folder.ts';
import type { MetricWindows } from './trace-store.ts';

const isSmoke = process.env['BENCH_SMOKE'] === '1';
const sourceCount = 4;
const spansPerTrace = 10;
const tracesPerSource = isSmoke ? 50 : 10_000;
const runs = isSmoke ? 1 : 7;
const traceNano = 1e5;

const services = Array.from({ length: 20 }, (_, i) => resourceOf({ 'service.name': `service-${i}` }));

/** A chain of requests: server, client, server, client …; the last client asks a database. */
function traceSpans(trace: number): readonly Span[] {
  return Array.from({ length: spansPerTrace }, (_, i) => {
    const mixed = Math.imul(trace * spansPerTrace + i, 0x9e37_79b1) >>> 0;
    const isLast = i === spansPerTrace - 1;
    return plainSpan({
      trace: trace + 1,
      id: trace * spansPerTrace + i + 1,
      parent: i === 0 ? 0 : trace * spansPerTrace + i,
      start: 1e15 + trace * traceNano + i * 1e3,
      durationNano: (mixed % 1_000_000) * 1_000,
      name: `operation-${mixed % 50}`,
      kind: i % 2 === 0 ? 2 : 3,
      statusCode: mixed % 100 === 0 ? 2 : 0,
      resource: services[(trace + (i >> 1)) % services.length],
      attributes: {
        'http.response.status_code': mixed % 10 === 0 ? 500 : 200,
        'http.route': `/route/${(mixed >>> 4) % 200}`,
        ...(isLast && { 'db.system': 'postgresql', 'server.address': `pg-${trace % 3}` }),
      },
    });
  });
}

function makeHead(index: number): Head {
  const head = new Head(allocateHeadBuffers(headCapacity(2 * tracesPerSource * spansPerTrace), 1));
  for (let trace = 0; trace < tracesPerSource; trace++) pushSpans(head, traceSpans(index * tracesPerSource + trace));
  return head;
}

async function measure(name: string, run: (i: number) => Promise<unknown>): Promise<void> {
  if (!isSmoke) for (let i = 0; i < 2; i++) await run(-1 - i);
  const milli: number[] = [];
  const before = process.cpuUsage();
  for (let i = 0; i < runs; i++) {
    const startMilli = performance.now();
    await run(i);
    milli.push(performance.now() - startMilli);
  }
  const { user, system } = process.cpuUsage(before);
  milli.sort((a, b) => a - b);
  const cpuMilli = (user + system) / 1000 / runs;
  console.log(`${name.padEnd(58)} p50 ${milli[runs >> 1].toFixed(1)} ms   CPU ${cpuMilli.toFixed(1)} ms`);
}

await using folder = await SegmentFolder.create();
const heads = Array.from({ length: sourceCount }, (_, i) => makeHead(i));
const sources: ColumnSource[] = [];
for (const head of heads) sources.push(await folder.write(head));
const qs: QuerySources = { sources, splitTraces: async () => new Set() };

const remembering: QuerySources = { ...qs, memo: new SourceMemo() };

const lengthNano = BigInt(sourceCount * tracesPerSource * traceNano) + 1_000_000n;
const end = unixNano(BigInt(1e15) + lengthNano);
const whole: MetricWindows = { end, stepNano: 1n, count: 1, lengthNano };
const count = isSmoke ? 10 : 1000;
const stepNano = lengthNano / BigInt(count);
const steps: MetricWindows = { end: unixNano(end - lengthNano), stepNano, count, lengthNano: 5n * stepNano };
const labels = ['service', 'span_name', 'span_kind', 'status_code'];
const edges = ['client', 'server', 'connection_type'];
const rest = { matchers: [], seriesMax: 10_000 };

console.log(`${sourceCount * tracesPerSource * spansPerTrace} spans, ${sourceCount} sources, ${runs} runs`);
await measure('calls by four labels, one window', () =>
  spanMetrics(qs, { windows: whole, measure: 'calls', by: labels, ...rest }),
);
await measure('latency of one service by name, 1000 steps', () =>
  spanMetrics(qs, {
    windows: steps,
    measure: 'latency',
    by: ['span_name'],
    matchers: [{ name: 'service', op: '=', value: 'service-3' }],
    seriesMax: 10_000,
  }),
);
await measure('calls by an attribute, one window', () =>
  spanMetrics(qs, { windows: whole, measure: 'calls', by: ['http_route'], ...rest }),
);
await measure('sizes by service, one window', () =>
  spanMetrics(qs, { windows: whole, measure: 'size', by: ['service'], ...rest }),
);
await measure('service graph, requests, one window', () =>
  serviceGraph(qs, { windows: whole, measure: 'requests', by: edges, ...rest }),
);
await measure('the same, asked again', () =>
  serviceGraph(remembering, { windows: whole, measure: 'requests', by: edges, ...rest }),
);
await measure('service graph, seconds, 1000 steps', () =>
  serviceGraph(qs, { windows: steps, measure: 'serverLatency', by: ['client', 'server'], ...rest }),
);
const counters = new SpanCounters({ seriesMax: 2_000, waitMilli: 10_000 });
let nowMilli = 0;
await measure(`counting ${tracesPerSource * spansPerTrace} arrived spans`, (i) => {
  const { table, buffers } = heads[Math.abs(i) % heads.length];
  nowMilli += 15_000;
  return counters.add([new TableSource({ id: `head ${i}`, table, index: buffers })], nowMilli);
});
