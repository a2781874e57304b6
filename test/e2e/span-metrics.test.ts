import { equal, ok } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { requestOf, sendJson } from './otlp-json.ts';
import { parsePrometheusText, type TextFamily } from './prometheus-text.ts';
import { epochSeconds, failedCount, requestCount, shopTraces } from './shop-traces.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

let spoor: RunningSpoor;
before(async () => {
  spoor = await startSpoor();
  // Whoever asks first sets it counting.
  await scrape(spoor.jaeger);
});
after(async () => void (await spoor.stop()));

async function scrape(base: string): Promise<ReadonlyMap<string, TextFamily>> {
  return parsePrometheusText(await (await fetch(`${base}/metrics`)).text());
}

function valueOf(
  families: ReadonlyMap<string, TextFamily>,
  name: string,
  labels: Readonly<Record<string, string>>,
): number | undefined {
  const samples = [...families.values()].flatMap((family) => family.samples).filter((sample) => sample.name === name);
  return samples.find((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    ?.value;
}

/** Scrapes until a counter is there: what is scraped is as old as the scrape before. */
async function scrapedUntil(
  isThere: (families: ReadonlyMap<string, TextFamily>) => boolean,
  address = spoor.jaeger,
): Promise<ReadonlyMap<string, TextFamily>> {
  for (;;) {
    const families = await scrape(address);
    if (isThere(families)) return families;
    await sleep(200);
  }
}

test('/metrics: spans and calls are counted once each, under Tempo’s names, and counters only grow', async () => {
  await sendJson(spoor.otlpHttp, shopTraces());
  const buy = {
    service: 'shop',
    span_name: 'POST /buy',
    span_kind: 'SPAN_KIND_SERVER',
    status_code: 'STATUS_CODE_UNSET',
  };
  const calls = 'traces_spanmetrics_calls_total';
  const first = await scrapedUntil((families) => valueOf(families, calls, buy) !== undefined);
  equal(first.get(calls)!.type, 'counter');
  equal(first.get('traces_spanmetrics_latency')!.type, 'histogram');
  equal(valueOf(first, calls, buy), requestCount - failedCount);
  equal(valueOf(first, calls, { ...buy, status_code: 'STATUS_CODE_ERROR' }), failedCount);
  const latency = (part: string, le?: string) =>
    valueOf(first, `traces_spanmetrics_latency_${part}`, { ...buy, ...(le !== undefined && { le }) });
  equal(latency('count'), requestCount - failedCount);
  // 30 ms
  equal(latency('bucket', '0.016'), 0);
  equal(latency('bucket', '0.032'), requestCount - failedCount);
  ok(Math.abs(latency('sum')! - 0.03 * (requestCount - failedCount)) < 1e-9);
  ok(valueOf(first, 'traces_spanmetrics_size_total', buy)! > 50 * (requestCount - failedCount));
  const edge = { client: 'web', server: 'shop', connection_type: '' };
  equal(valueOf(first, 'traces_service_graph_request_total', edge), requestCount);
  equal(valueOf(first, 'traces_service_graph_request_failed_total', edge), failedCount);
  equal(valueOf(first, 'traces_service_graph_request_server_seconds_count', edge), requestCount);
  equal(valueOf(first, 'traces_service_graph_request_total', { client: 'user', server: 'web' }), requestCount);
  equal(valueOf(first, 'spoor_span_metrics_missed_spans_total', {}), 0);

  // Spans of the past that arrive late count when they arrive.
  const late = {
    traceId: 'f'.repeat(32),
    spanId: 'f'.repeat(16),
    name: 'say "hi"\\',
    kind: 2,
    startTimeUnixNano: String(BigInt(epochSeconds - 5000) * 1_000_000_000n),
    endTimeUnixNano: String(BigInt(epochSeconds - 4999) * 1_000_000_000n),
  };
  await sendJson(spoor.otlpHttp, requestOf({ web: [late] }));
  const second = await scrapedUntil((families) => valueOf(families, calls, { span_name: late.name }) !== undefined);
  equal(valueOf(second, calls, { span_name: late.name }), 1);
  equal(valueOf(second, calls, buy), requestCount - failedCount);
  for (const [name, { samples, type }] of first) {
    if (type !== 'counter' && type !== 'histogram') continue;
    for (const { name: series, labels, value } of samples) {
      ok(valueOf(second, series, labels)! >= value, `${name} ${JSON.stringify(labels)} shrank`);
    }
  }
});

test('/metrics: Tempo’s port and the admin ports have the same; a restart begins anew; --span-metrics off has none', async () => {
  for (const port of ['tempo-http', 'admin'] as const) {
    const families = await scrape(`http://127.0.0.1:${spoor.ports[port]}`);
    ok(valueOf(families, 'traces_spanmetrics_calls_total', { service: 'web' })! > 0);
  }
  const { dataDir } = spoor;
  await spoor.stop();
  const again = await startSpoor({ dataDir });
  await sendJson(again.otlpHttp, shopTraces());
  await scrape(again.jaeger);
  await sleep(1_500);
  const families = await scrape(again.jaeger);
  const calls = 'traces_spanmetrics_calls_total';
  equal(valueOf(families, calls, {}), undefined, 'what came before the first scrape is not counted');
  ok(valueOf(families, 'spoor_span_metrics_since_seconds', {})! > Date.now() / 1000 - 60);
  await again.stop();
  const always = await startSpoor({ dataDir, args: ['--span-metrics', 'on'] });
  await sendJson(always.otlpHttp, shopTraces());
  const shop = { service: 'shop', span_name: 'POST /buy', status_code: 'STATUS_CODE_ERROR' };
  const counted = await scrapedUntil((found) => valueOf(found, calls, shop) !== undefined, always.jaeger);
  equal(valueOf(counted, calls, shop), failedCount, 'on counts from the start');
  await always.stop();
  const without = await startSpoor({ dataDir, args: ['--span-metrics', 'off'] });
  equal((await scrape(without.jaeger)).has('traces_spanmetrics_calls_total'), false);
  await without.stop();
});
