import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sendJson } from './otlp-json.ts';
import { epochSeconds, failedCount, requestCount, shopTraces } from './shop-traces.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

let spoor: RunningSpoor;
before(async () => {
  spoor = await startSpoor();
  await sendJson(spoor.otlpHttp, shopTraces());
});
after(async () => void (await spoor.stop()));

interface Answer {
  readonly status: string;
  readonly data: { readonly resultType: string; readonly result: readonly Sample[] };
  readonly errorType?: string;
  readonly error?: string;
}
interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

const minuteEnd = epochSeconds + 60;

/** As Grafana asks: a form, posted. */
async function post(path: string, form: Readonly<Record<string, string>>): Promise<{ code: number; body: Answer }> {
  const reply = await fetch(`${spoor.jaeger}${path}`, { method: 'POST', body: new URLSearchParams(form) });
  equal(reply.headers.get('content-type'), 'application/json');
  return { code: reply.status, body: (await reply.json()) as Answer };
}

/** The samples of a question about the minute of the traces, by the values of their labels. */
async function instant(query: string): Promise<Readonly<Record<string, number>>> {
  const { code, body } = await post('/api/v1/query', { query, time: String(minuteEnd) });
  equal(code, 200, body.error ?? '');
  equal(body.data.resultType, 'vector');
  return Object.fromEntries(
    body.data.result.map(({ metric, value }) => {
      equal(value![0], minuteEnd);
      return [Object.values(metric).join(' '), Number(value![1])] as const;
    }),
  );
}

function near(actual: Readonly<Record<string, number>>, expected: Readonly<Record<string, number>>): void {
  deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort());
  for (const [key, value] of Object.entries(expected)) {
    ok(Math.abs(actual[key] - value) < 1e-9, `${key}: ${actual[key]} is not ${value}`);
  }
}

const perSecond = requestCount / 60;

test("Grafana's service graph: rates of requests, of failures and of seconds by client and server", async () => {
  const edges = ['user web', 'web shop', 'shop pg1', 'shop mailer'];
  const all = (value: number) => Object.fromEntries(edges.map((edge) => [edge, value]));
  near(await instant('sum by (client, server) (rate(traces_service_graph_request_total[60s]))'), all(perSecond));
  near(await instant('sum by (client, server) (rate(traces_service_graph_request_failed_total{}[60s]))'), {
    'web shop': failedCount / 60,
  });
  near(await instant('sum by (client, server) (rate(traces_service_graph_request_server_seconds_sum[1m]))'), {
    'user web': 0.05 * perSecond,
    'web shop': 0.03 * perSecond,
    'shop pg1': 0.008 * perSecond,
    'shop mailer': 0.004 * perSecond,
  });
  near(await instant('sum by (client, server) (increase(traces_service_graph_request_client_seconds_sum[1m]))'), {
    'web shop': 0.04 * requestCount,
    'shop pg1': 0.008 * requestCount,
    'shop mailer': 0.001 * requestCount,
  });
});

test("Grafana's service graph: kinds of connections, two filters at once, namespaces nobody set", async () => {
  near(await instant('group by (client, connection_type, server) (traces_service_graph_request_total)'), {
    'user virtual_node web': 1,
    'web shop': 1,
    'shop database pg1': 1,
    'shop messaging_system mailer': 1,
  });
  const two = ['{client="web"}', '{server="mailer"}']
    .map((filter) => `sum by (client, server) (rate(traces_service_graph_request_total${filter}[60s]))`)
    .join(' OR ');
  near(await instant(two), { 'web shop': perSecond, 'shop mailer': perSecond });
  const spaces = 'sum by (client, server, client_service_namespace, server_service_namespace)';
  near(await instant(`${spaces} (rate(traces_service_graph_request_total{client="web"}[60s]))`), {
    'web shop': perSecond,
  });
});

test("Grafana's table of operations: the busiest, their failures, their 90th percentile", async () => {
  const calls = 'traces_spanmetrics_calls_total';
  near(await instant(`topk(5, sum(rate(${calls}{span_kind="SPAN_KIND_SERVER"}[60s])) by (span_name))`), {
    'GET /cart': perSecond,
    'POST /buy': perSecond,
  });
  const failed = `{status_code="STATUS_CODE_ERROR",span_name=~"GET /cart|POST /buy",span_kind="SPAN_KIND_SERVER"}`;
  near(await instant(`topk(5, sum(rate(${calls}${failed}[60s])) by (span_name))`), { 'POST /buy': failedCount / 60 });
  // 50 ms is in the bucket from 32 to 64 ms, and so is everything else.
  const latency = `rate(traces_spanmetrics_latency_bucket{span_kind="SPAN_KIND_SERVER",span_name=~"GET /cart"}[60s])`;
  near(await instant(`histogram_quantile(.9, sum(${latency}) by (le))`), { '': 0.032 + 0.9 * 0.032 });
  const edge =
    'sum(rate(traces_service_graph_request_server_seconds_bucket{client="web"}[60s])) by (le, client, server)';
  near(await instant(`histogram_quantile(0.9, ${edge})`), { 'web shop': 0.9 * 0.1 });
});

test('any attribute is a label, and ratios work', async () => {
  near(await instant('sum by (http_method) (increase(traces_spanmetrics_calls_total{http_method!=""}[1m]))'), {
    GET: requestCount,
  });
  const rate = (filter: string) => `sum(rate(traces_spanmetrics_calls_total${filter}[1m])) by (service)`;
  near(await instant(`100 * ${rate('{status_code="STATUS_CODE_ERROR"}')} / ${rate('{service="shop"}')}`), {
    shop: (100 * failedCount) / (3 * requestCount),
  });
  near(await instant('count(rate(traces_spanmetrics_calls_total[1m])) > 6'), { '': 7 });
});

test('query_range: a point a step, of the spans in the window before it', async () => {
  const query = 'sum(increase(traces_service_graph_request_total{client="web"}[30s]))';
  const range = { start: String(epochSeconds), end: String(minuteEnd), step: '30' };
  const { code, body } = await post('/prometheus/api/v1/query_range', { query, ...range });
  equal(code, 200, body.error ?? '');
  equal(body.data.resultType, 'matrix');
  deepEqual(body.data.result, [
    {
      metric: {},
      values: [
        [epochSeconds, '0'],
        [epochSeconds + 30, '5'],
        [minuteEnd, '6'],
      ],
    },
  ]);
});

test("Grafana's health check, names, values and series", async () => {
  const health = await post('/api/v1/query', { query: '1+1', time: '1' });
  deepEqual(health.body.data, { resultType: 'scalar', result: [1, '2'] } as unknown as Answer['data']);
  const get = async (path: string) => (await fetch(`${spoor.jaeger}${path}`)).json() as Promise<{ data: unknown }>;
  const range = `start=${epochSeconds}&end=${minuteEnd}`;
  const clients = await get(`/api/v1/label/client/values?match[]=traces_service_graph_request_total&${range}`);
  deepEqual(clients.data, ['shop', 'user', 'web']);
  deepEqual((await get('/api/v1/label/le/values?match[]=traces_service_graph_request_server_seconds_bucket')).data, [
    '+Inf',
    '0.1',
    '0.2',
    '0.4',
    '0.8',
    '1.6',
    '12.8',
    '3.2',
    '6.4',
  ]);
  const metrics = (await get('/api/v1/label/__name__/values')).data as string[];
  for (const name of ['traces_spanmetrics_calls_total', 'traces_service_graph_request_total'])
    ok(metrics.includes(name));
  const bounds = (await get('/api/v1/label/le/values')).data as string[];
  for (const bound of ['0.002', '0.1', '+Inf']) ok(bounds.includes(bound), bound);
  const names = (await get(`/api/v1/labels?match[]=traces_spanmetrics_calls_total`)).data as string[];
  for (const name of ['__name__', 'service', 'span_name', 'http_request_method']) ok(names.includes(name), name);
  ok(!names.includes(''), 'an attribute without a name is no label: Prometheus’ own client would refuse the answer');
  const graphNames = (await get('/api/v1/labels?match[]=traces_service_graph_request_total')).data;
  deepEqual(graphNames, ['__name__', 'client', 'connection_type', 'server']);
  const series = await post('/api/v1/series', { 'match[]': 'traces_service_graph_request_failed_total' });
  deepEqual(series.body.data, [
    { __name__: 'traces_service_graph_request_failed_total', client: 'web', server: 'shop' },
  ] as unknown as Answer['data']);
  const native = await post('/api/v1/series', {
    'match[]': '{__name__="traces_service_graph_request_server_seconds"}',
  });
  deepEqual(native.body.data, [] as unknown as Answer['data']);
  const metadata = (await get('/api/v1/metadata?metric=traces_spanmetrics_latency')).data;
  match(
    JSON.stringify(metadata),
    /^\{"traces_spanmetrics_latency":\[\{"type":"histogram","help":"[^"]+","unit":""\}\]\}$/,
  );
  match(JSON.stringify((await get('/api/v1/status/buildinfo')).data), /"version":"2\.55\.0"/);
});

test("Tempo's port answers the same, so that one address is both data sources", async () => {
  const port = spoor.ports['tempo-http'];
  for (const base of ['', '/prometheus']) {
    const reply = await fetch(`http://127.0.0.1:${port}${base}/api/v1/query?query=1%2B1&time=1`);
    equal(await reply.text(), '{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}');
  }
  equal((await fetch(`http://127.0.0.1:${port}/api/echo`)).status, 200);
});

test('what is not evaluated is refused by name, in Prometheus’ error JSON', async () => {
  const refused = async (query: string) => {
    const { code, body } = await post('/api/v1/query', { query });
    return `${code} ${body.status} ${body.errorType} ${body.error}`;
  };
  const prefix = '400 error bad_data invalid parameter "query":';
  equal(await refused('rate(x[5m] offset 1h)'), `${prefix} 1:6: parse error: offset is not supported here`);
  equal(
    await refused('max_over_time(x[5m])'),
    `${prefix} 1:1: parse error: the function max_over_time is not supported here`,
  );
  equal(await refused('sum('), `${prefix} 1:5: parse error: unexpected end of input`);
  match(
    await refused('traces_spanmetrics_calls_total{service=~"("}'),
    /^400 error bad_data invalid regular expression/,
  );
  const { code, body } = await post('/api/v1/query_range', { query: '1', start: '0', end: '100000', step: '1' });
  match(`${code} ${body.error}`, /^400 exceeded maximum resolution of 11,000 points per timeseries/);
  equal((await fetch(`${spoor.jaeger}/api/v1/targets`)).status, 404);
});
