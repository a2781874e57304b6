import { deepEqual, equal, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { askJaeger, type JaegerTrace } from './jaeger-client.ts';
import { intAttribute, requestOf, sendJson, stringAttribute, type JsonSpan } from './otlp-json.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

/*
 *  trace …01, at 1,000 s      shop/web  GET /cart  server  500  [0 … 40 ms]
 *                               └─ db    query     client→server, error  [10 … 30 ms], event "exception"
 *  trace …02, at 2,000 s      shop/web  GET /      server  "200" as a string  [0 … 5 ms]
 *  trace …03, at 3,000 s      (no service)  orphan  internal  [0 … 1 ms], parent missing
 */
const id = (n: number): string => n.toString(16).padStart(32, '0');
const span = (n: number): string => n.toString(16).padStart(16, '0');
const at = (seconds: number, milli: number): string => String((BigInt(seconds) * 1000n + BigInt(milli)) * 1_000_000n);
const big = 'f'.repeat(16) + '0'.repeat(15);

const web: JsonSpan[] = [
  {
    traceId: `${big}1`,
    spanId: span(1),
    name: 'GET /cart',
    kind: 2,
    startTimeUnixNano: at(1000, 0),
    endTimeUnixNano: at(1000, 40),
    attributes: [intAttribute('http.status_code', 500), stringAttribute('user', 'ada')],
    traceState: 'ot=th:8',
  },
  {
    traceId: id(2),
    spanId: span(3),
    name: 'GET /',
    kind: 2,
    startTimeUnixNano: at(2000, 0),
    endTimeUnixNano: at(2000, 5),
    attributes: [stringAttribute('http.status_code', '200')],
  },
];
const db: JsonSpan[] = [
  {
    traceId: `${big}1`,
    spanId: span(2),
    parentSpanId: span(1),
    name: 'query',
    kind: 2,
    startTimeUnixNano: at(1000, 10),
    endTimeUnixNano: at(1000, 30),
    status: { code: 2, message: 'timeout' },
    events: [{ name: 'exception', timeUnixNano: at(1000, 29), attributes: [stringAttribute('exception.type', 'E')] }],
    traceState: 'ot=th:8',
  },
];
const nameless: JsonSpan[] = [
  {
    traceId: id(3),
    spanId: span(4),
    parentSpanId: span(0xdead),
    name: 'orphan',
    kind: 1,
    startTimeUnixNano: at(3000, 0),
    endTimeUnixNano: at(3000, 1),
    events: [{ name: 'exception', timeUnixNano: at(3000, 0) }],
  },
];

let spoor: RunningSpoor;
before(async () => {
  spoor = await startSpoor({ args: ['--base-path', '/tracing'] });
  await sendJson(spoor.otlpHttp, requestOf({ 'shop/web': web, db, '': nameless }));
});
after(async () => void (await spoor.stop()));

const traceIds = (traces: readonly JaegerTrace[]): string[] => traces.map(({ traceID }) => traceID);

async function found(parameters: Readonly<Record<string, string | readonly string[]>>): Promise<string[]> {
  const answer = await askJaeger(spoor.jaeger, '/api/traces', parameters);
  equal(answer.status, 200, answer.text);
  equal(answer.total, answer.data.length);
  return traceIds(answer.data);
}

async function text(path: string): Promise<string> {
  return (await askJaeger(spoor.jaeger, path)).text;
}

test('Jaeger API: services and operations, byte for byte', async () => {
  equal(
    await text('/api/services'),
    '{"data":["OTLPResourceNoServiceName","db","shop/web"],"total":3,"limit":0,"offset":0,"errors":null}',
  );
  equal(
    await text('/api/operations?service=shop%2Fweb'),
    '{"data":[{"name":"GET /","spanKind":"server"},{"name":"GET /cart","spanKind":"server"}],"total":2,"limit":0,"offset":0,"errors":null}',
  );
  equal(
    await text('/api/operations?service=db&spanKind=client'),
    '{"data":[],"total":0,"limit":0,"offset":0,"errors":null}',
  );
  equal(
    await text('/api/services/shop%2Fweb/operations'),
    '{"data":["GET /","GET /cart"],"total":2,"limit":0,"offset":0,"errors":null}',
  );
  equal(await text('/api/services/none/operations'), '{"data":[],"total":0,"limit":0,"offset":0,"errors":null}');
});

test('Jaeger API: a trace, byte for byte', async () => {
  equal(
    await text(`/api/traces/3`),
    '{"data":[{"traceID":"0000000000000003","spans":[{"traceID":"0000000000000003","spanID":"0000000000000004",' +
      '"operationName":"orphan","references":[{"refType":"CHILD_OF","traceID":"0000000000000003","spanID":"000000000000dead"}],' +
      '"startTime":3000000000,"duration":1000,"tags":[{"key":"span.kind","type":"string","value":"internal"}],' +
      '"logs":[{"timestamp":3000000000,"fields":[{"key":"event","type":"string","value":"exception"}]}],' +
      '"processID":"p1","warnings":null}],"processes":{"p1":{"serviceName":"OTLPResourceNoServiceName","tags":[]}},"warnings":null}],' +
      '"total":0,"limit":0,"offset":0,"errors":null}',
  );
});

test('Jaeger API: prettyPrint indents the same answer', async () => {
  for (const path of ['/api/services', `/api/traces/${big}1`, '/api/traces?service=db', '/api/traces/99']) {
    const [plain, pretty] = [await text(path), await text(`${path}${path.includes('?') ? '&' : '?'}prettyPrint=true`)];
    equal(pretty.trimEnd(), JSON.stringify(JSON.parse(plain), undefined, 4));
  }
});

test('Jaeger API: errors have Jaeger’s bodies, as plain text', async () => {
  const cases: readonly (readonly [string, number, string])[] = [
    ['/api/traces/99', 404, 'trace not found'],
    ['/api/traces/xyz', 400, 'strconv.ParseUint: parsing \\"xyz\\": invalid syntax'],
    ['/api/operations', 400, "parameter 'service' is required"],
    ['/api/traces?tag=x', 400, "malformed 'tag' parameter, expecting key:value, received: x"],
    [
      '/api/dependencies?endTs=x',
      400,
      `unable to parse param 'endTs': strconv.ParseInt: parsing \\"x\\": invalid syntax`,
    ],
  ];
  for (const [path, status, message] of cases) {
    const answer = await askJaeger(spoor.jaeger, path);
    equal(answer.status, status, path);
    equal(
      answer.text,
      `{"data":null,"total":0,"limit":0,"offset":0,"errors":[{"code":${status},"msg":"${message}"}]}\n`,
    );
    equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
    equal(answer.headers.get('x-content-type-options'), 'nosniff');
  }
});

test('Jaeger API: paths that are not there', async () => {
  for (const path of ['/api/nothing', '/api/traces/1/2', '/api/', '/api/v3/nothing']) {
    const answer = await askJaeger(spoor.jaeger, path);
    deepEqual([answer.status, answer.headers.get('content-type')], [404, 'text/plain; charset=utf-8'], path);
  }
  const outside = spoor.jaeger.replace('/tracing', '');
  equal((await fetch(`${outside}/api/services`)).status, 404, 'not below the base path');
  equal((await fetch(`${outside}/ready`)).status, 200, 'probes come round the proxy');
  equal((await fetch(`${spoor.jaeger}/api/services`, { method: 'POST' })).status, 405);
  // The page when its bundle is built, else the start page: both know where they live.
  const page = await fetch(`${spoor.jaeger}/`);
  ok((await page.text()).includes('"/tracing/'));
});

test('Jaeger API: search by service, operation, time and duration, newest first', async () => {
  deepEqual(await found({ service: 'shop/web' }), ['0000000000000002', `${big}1`]);
  deepEqual(await found({}), ['0000000000000003', '0000000000000002', `${big}1`]);
  deepEqual(await found({ service: 'shop/web', operation: 'GET /' }), ['0000000000000002']);
  deepEqual(await found({ service: 'OTLPResourceNoServiceName' }), ['0000000000000003']);
  deepEqual(await found({ start: '1500000000', end: '2500000000', lookback: '1h' }), ['0000000000000002']);
  deepEqual(await found({ minDuration: '5ms', maxDuration: '20ms' }), ['0000000000000002', `${big}1`]);
  deepEqual(await found({ service: 'db', minDuration: '30ms' }), [], 'the duration is of the span that matches');
  const limited = await askJaeger(spoor.jaeger, '/api/traces', { limit: '1' });
  deepEqual([traceIds(limited.data), limited.total], [['0000000000000003'], 3], 'the total is true whatever the limit');
});

test('Jaeger API: search by tags', async () => {
  const status = (value: unknown) => found({ tags: JSON.stringify({ 'http.status_code': value }) });
  deepEqual(await status('500'), [`${big}1`]);
  deepEqual(await status(500), [`${big}1`]);
  deepEqual(await status('200'), ['0000000000000002']);
  deepEqual(await status('>=500'), [`${big}1`]);
  deepEqual(await status('<500'), []);
  deepEqual(await status('=~[25]00'), ['0000000000000002'], 'a pattern is for text');
  deepEqual(await found({ tags: '{"http.response.status_code":500}' }), [`${big}1`], 'by the attribute’s newer name');
  deepEqual(await found({ tag: ['user:ada', 'http.status_code:500'] }), [`${big}1`]);
  deepEqual(await found({ tag: ['user:ada', 'http.status_code:501'] }), []);
  deepEqual(await found({ tag: 'user:!=bob' }), [`${big}1`]);
  deepEqual(await found({ tag: 'exception.type:E' }), [`${big}1`], 'logs are searched too');
  deepEqual(await found({ tag: 'service.name:db' }), [`${big}1`], 'and the process');
  deepEqual(await found({ tags: '{"http.status_code":"500","span.kind":"server"}', service: 'db' }), [], 'on one span');
});

test('Jaeger API: search by what OTLP has as fields', async () => {
  deepEqual(await found({ tag: 'error:true' }), [`${big}1`]);
  deepEqual(await found({ tag: 'error:any' }), ['0000000000000003', `${big}1`]);
  deepEqual(await found({ tag: 'otel.status_code:ERROR' }), [`${big}1`]);
  deepEqual(await found({ tag: 'otel.status_description:timeout' }), [`${big}1`]);
  deepEqual(await found({ tag: 'span.kind:internal' }), ['0000000000000003']);
});

test('Jaeger API: search by trace ids tells which are missing', async () => {
  const answer = await askJaeger(spoor.jaeger, '/api/traces', { traceID: ['2', '99', `${big.toUpperCase()}1`] });
  equal(answer.status, 200);
  deepEqual(traceIds(answer.data), ['0000000000000002', `${big}1`]);
  deepEqual(answer.errors, [{ msg: 'trace not found', traceID: id(0x99) }]);
});

test('Jaeger API: dependencies, weighted by sampling, with rate, errors and latency', async () => {
  const answer = await askJaeger<unknown>(spoor.jaeger, '/api/dependencies', { endTs: '1100000', lookback: '200000' });
  deepEqual(answer.data, [
    {
      parent: 'shop/web',
      child: 'db',
      callCount: 2,
      errorCount: 2,
      requestRate: 0.01,
      errorRate: 1,
      meanLatencyMs: 20,
    },
  ]);
  equal(
    await text('/api/dependencies?endTs=1100&lookback=1'),
    '{"data":[],"total":0,"limit":0,"offset":0,"errors":null}',
  );
});

test('Jaeger API: /api/v3/traces/{id} is OTLP JSON', async () => {
  const reply = await fetch(`${spoor.jaeger}/api/v3/traces/${id(2)}`);
  equal(reply.headers.get('content-type'), 'application/json');
  const { result } = (await reply.json()) as { result: { resourceSpans: { scopeSpans: { spans: JsonSpan[] }[] }[] } };
  deepEqual(result.resourceSpans[0].scopeSpans[0].spans, [web[1]]);
  const missing = await fetch(`${spoor.jaeger}/api/v3/traces/99`);
  deepEqual([missing.status, await missing.json()], [404, { error: { httpCode: 404, message: 'No traces found' } }]);
});

test('metrics: what went in is counted', async () => {
  const metrics = await text('/metrics');
  ok(metrics.includes('spoor_spans_accepted_total{transport="http",encoding="json"} 4\n'));
  ok(metrics.includes('spoor_head_spans 4\n'));
  ok(/^spoor_query_seconds_count\{kind="search",outcome="ok"\} \d+$/m.test(metrics));
  ok(/^spoor_wal_sync_seconds_count \d+$/m.test(metrics));
});
