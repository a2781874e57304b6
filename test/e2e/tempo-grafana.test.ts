import { deepEqual, equal, ok } from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { intAttribute, requestOf, sendJson, stringAttribute, type JsonSpan } from './otlp-json.ts';
import { decodeMessage, ProtoClient } from './proto-client.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';
import { checkShape } from './tempo-shape.ts';

/*
 * What Grafana's Tempo data source sends, word for word, over the guide's two services:
 *
 *  trace 4bf9…4736  checkout  POST /orders   server          [0 … 250 ms]   order.id=42
 *                   ├─ checkout  validate    internal        [2 … 10 ms]    an event
 *                   └─ payment   charge      server, error   [20 … 240 ms]
 */
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const now = Math.floor(Date.now() / 1000);
const at = (milli: number): string => String((BigInt(now - 60) * 1000n + BigInt(milli)) * 1_000_000n);
function span(
  spanId: string,
  name: string,
  [start, end]: readonly [number, number],
  more: Partial<JsonSpan>,
): JsonSpan {
  return { traceId, spanId, name, startTimeUnixNano: at(start), endTimeUnixNano: at(end), ...more };
}
const root = span('00f067aa0ba902b7', 'POST /orders', [0, 250], {
  kind: 2,
  attributes: [stringAttribute('http.method', 'POST'), intAttribute('order.id', 42)],
});
const validate = span('00f067aa0ba902b8', 'validate', [2, 10], {
  kind: 1,
  parentSpanId: root.spanId,
  events: [{ name: 'checked', timeUnixNano: at(5), attributes: [stringAttribute('exception.type', 'None')] }],
});
const charge = span('00f067aa0ba902b9', 'charge', [20, 240], {
  kind: 2,
  parentSpanId: root.spanId,
  status: { code: 2, message: 'declined' },
});

const corpus = join(import.meta.dirname, '../../../shared/data/traceql');
const skip = existsSync(corpus) ? false : 'the shared corpus ../shared/data/traceql is not there';

let spoor: RunningSpoor;
let base: string;
let client: ProtoClient;
before(async () => {
  spoor = await startSpoor();
  base = `http://127.0.0.1:${spoor.ports['tempo-http']}`;
  client = new ProtoClient(`127.0.0.1:${spoor.ports['tempo-http']}`);
  await sendJson(spoor.otlpHttp, requestOf({ checkout: [root, validate], payment: [charge] }));
});
after(() => {
  client.close();
  return spoor.stop();
});

async function asked<T>(message: string, url: string): Promise<T> {
  const response = await fetch(`${base}${url}`, { headers: { Accept: 'application/json' } });
  const text = await response.text();
  equal(response.status, 200, `${url}: ${text}`);
  checkShape(message, JSON.parse(text));
  return JSON.parse(text) as T;
}

const range = `start=${now - 3600}&end=${now}`;

test('health: echo, and a streamed search of the last quarter of an hour', async () => {
  const echo = await fetch(`${base}/api/echo`);
  deepEqual([echo.status, await echo.text()], [200, 'echo']);
  const request = { Query: '{}', start: now - 900, end: now, Limit: 1 };
  const answers = await client.all<{ traces?: object[] }>('tempopb.StreamingQuerier', 'Search', request);
  equal(answers.flatMap(({ traces = [] }) => traces).length, 1);
});

test('trace view: protobuf, with and without a range, and an empty trace for what is not there', async () => {
  for (const query of ['', `?${range}`]) {
    const response = await fetch(`${base}/api/v2/traces/${traceId}${query}`, {
      headers: { Accept: 'application/protobuf' },
    });
    const { trace } = decodeMessage('tempopb.TraceByIDResponse', await response.bytes()) as {
      trace: { resourceSpans: { scopeSpans: { spans: { traceId: Buffer; name: string }[] }[] }[] };
    };
    const spans = trace.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans: some }) => some));
    deepEqual(spans.map(({ name }) => name).sort(), ['POST /orders', 'charge', 'validate']);
    equal(spans[0].traceId.toString('hex'), traceId);
  }
  const missing = await fetch(`${base}/api/v2/traces/${'9'.repeat(32)}`, {
    headers: { Accept: 'application/protobuf' },
  });
  deepEqual(
    [missing.status, decodeMessage('tempopb.TraceByIDResponse', await missing.bytes())],
    [200, { trace: {}, metrics: {} }],
  );
});

test('search and its editor: names, values, traces', async () => {
  const q = encodeURIComponent('{resource.service.name="payment" && status=error}');
  const { traces } = await asked<{ traces: { traceID: string; spanSets: object[] }[] }>(
    'SearchResponse',
    `/api/search?q=${q}&limit=20&spss=3&${range}`,
  );
  deepEqual(
    traces.map(({ traceID }) => traceID),
    [traceId],
  );
  const { scopes } = await asked<{ scopes: { name: string; tags: string[] }[] }>(
    'SearchTagsV2Response',
    `/api/v2/search/tags?limit=5000&${range}`,
  );
  deepEqual(scopes[1], { name: 'span', tags: ['http.method', 'order.id'] });
  const values = await asked<{ tagValues: object[] }>(
    'SearchTagValuesV2Response',
    `/api/v2/search/tag/resource.service.name/values?limit=5000&q=${encodeURIComponent('{status=error}')}&${range}`,
  );
  deepEqual(values.tagValues, [{ type: 'string', value: 'payment' }]);
  const quoted = await asked<{ tagValues: object[] }>(
    'SearchTagValuesV2Response',
    `/api/v2/search/tag/${encodeURIComponent('span."order.id"')}/values`,
  );
  deepEqual(quoted.tagValues, [{ type: 'int', value: '42' }]);
});

/** Of Traces Drilldown and the query editor. */
const metricsQueries = [
  '{nestedSetParent<0 && true} | rate() by(resource.service.name)',
  '{nestedSetParent<0 && status=error} | rate()',
  '{true} | histogram_over_time(duration) with(sample=true)',
  '{nestedSetParent<0} | quantile_over_time(duration, .9, .5) by(resource.service.name)',
  '{nestedSetParent<0} | compare({status = error})',
  '{} | count_over_time() by(name) | topk(10)',
];

test('metrics: each of the shapes, over HTTP and streamed', async () => {
  for (const query of metricsQueries) {
    const q = encodeURIComponent(query);
    const overHttp = await asked<{ series?: object[] }>(
      'QueryRangeResponse',
      `/api/metrics/query_range?q=${q}&${range}&step=60s&exemplars=0`,
    );
    ok((overHttp.series ?? []).length > 0, query);
    await asked('QueryInstantResponse', `/api/metrics/query?q=${q}&${range}`);
    const times = { start: `${now - 3600}000000000`, end: `${now}000000000` };
    const [last] = (
      await client.all<{ series: object[] }>('tempopb.StreamingQuerier', 'MetricsQueryRange', {
        query,
        ...times,
        step: '60000000000',
      })
    ).slice(-1);
    equal(last.series.length, overHttp.series?.length, query);
  }
});

test('Traces Drilldown: structure, selected fields, most recent', async () => {
  const queries = [
    '({nestedSetParent<0 && true} &>> { status = error }) || ({nestedSetParent<0 && true}) | select(status, resource.service.name, name, nestedSetParent, nestedSetLeft, nestedSetRight)',
    '{nestedSetParent<0 && true && status=error} | select(event.exception.message, event.exception.type)',
    '{true && event.exception.type != nil} | select(event.exception.type) with(most_recent=true)',
  ];
  const counts: number[] = [];
  for (const query of queries) {
    const url = `/api/search?q=${encodeURIComponent(query)}&limit=200&spss=10&${range}`;
    counts.push((await asked<{ traces?: object[] }>('SearchResponse', url)).traces?.length ?? 0);
  }
  deepEqual(counts, [1, 0, 1]);
});

test(
  'the reference’s searches and metrics queries: accepted and refused as there, strict in form',
  { skip },
  async () => {
    const start = 1_780_000_000n;
    const shifted = readFileSync(join(corpus, 'trace.json'), 'utf8').replaceAll(
      /("(?:startTime|endTime|time)UnixNano"\s*:\s*)"?(\d+)"?/g,
      (_, name: string, nano: string) => `${name}"${start * 1_000_000_000n + BigInt(nano)}"`,
    );
    await sendJson(spoor.otlpHttp, shifted);
    const around = `start=${start - 120n}&end=${start + 60n}`;
    let agreed = 0;
    for (const line of readFileSync(join(corpus, 'searches.txt'), 'utf8').split('\n')) {
      const [, text, answer] = /^(.*?)(?: {2,}| (?=\[))(\[.*|-|400 .*)$/.exec(line) ?? [];
      if (text === undefined) continue;
      const url = `/api/search?q=${encodeURIComponent(text)}&limit=20&spss=100&${around}`;
      const response = await fetch(base + url);
      const body = await response.text();
      equal(response.status, answer.startsWith('400') ? 400 : 200, `${text}: ${body}`);
      if (response.status === 400) {
        ok(body.startsWith('invalid TraceQL query: '), body);
        continue;
      }
      const value = JSON.parse(body) as { traces?: { spanSets: { spans: { spanID: string }[] }[] }[] };
      checkShape('SearchResponse', value);
      const sets = (value.traces ?? []).flatMap(({ spanSets }) => spanSets);
      const digits = sets
        .map(({ spans }) =>
          spans
            .map(({ spanID }) => spanID[0])
            .sort()
            .join(' '),
        )
        .sort();
      const expected = (answer.match(/\[[^\]]*\]/g) ?? [])
        .map((set) => set.match(/(?<= |\[)\d(?= |\])/g)?.join(' ') ?? '')
        .sort();
      if (JSON.stringify(digits) === JSON.stringify(expected)) agreed++;
    }
    // The others are in docs/traceql.md, and where the engine is tested.
    ok(agreed >= 75, `${agreed} searches find the same spans`);
    for (const line of readFileSync(join(corpus, 'metrics.txt'), 'utf8').split('\n')) {
      const [, endpoint, text] = /^(query_range|query) (.*)$/.exec(line) ?? [];
      if (text === undefined) continue;
      const response = await fetch(`${base}/api/metrics/${endpoint}?q=${encodeURIComponent(text)}&${around}&step=60`);
      const body = await response.text();
      if (response.status === 200) {
        checkShape(endpoint === 'query' ? 'QueryInstantResponse' : 'QueryRangeResponse', JSON.parse(body));
      } else equal(response.status, 400, `${text}: ${body}`);
    }
  },
);
