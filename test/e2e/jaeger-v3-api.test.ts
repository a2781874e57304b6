import { deepEqual, equal } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { requestOf, sendJson, stringAttribute, type JsonSpan } from './otlp-json.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

/*
 *  trace …01   shop  GET /cart      server          [0 … 40 ms]
 *              └─ db    query       server, error   [10 … 30 ms]
 *  trace …02   shop  GET /          server          [0 … 5 ms], a second later; its client span, with the same id, too
 *  trace …03   (no service)  orphan unspecified     [0 … 1 ms], two seconds later, parent missing
 */
const first = 1_700_000_000n;
const at = (seconds: number, milli: number): string =>
  String(((first + BigInt(seconds)) * 1000n + BigInt(milli)) * 1_000_000n);
const trace = (n: number): string => n.toString(16).padStart(32, '0');
const span = (n: number): string => n.toString(16).padStart(16, '0');

const cart: JsonSpan = {
  traceId: trace(1),
  spanId: span(1),
  name: 'GET /cart',
  kind: 2,
  startTimeUnixNano: at(0, 0),
  endTimeUnixNano: at(0, 40),
  attributes: [stringAttribute('user', 'ada')],
};
const query: JsonSpan = {
  traceId: trace(1),
  spanId: span(2),
  parentSpanId: span(1),
  name: 'query',
  kind: 2,
  startTimeUnixNano: at(0, 10),
  endTimeUnixNano: at(0, 30),
  status: { code: 2 },
};
const index: JsonSpan = {
  ...cart,
  traceId: trace(2),
  name: 'GET /',
  startTimeUnixNano: at(1, 0),
  endTimeUnixNano: at(1, 5),
};
const caller: JsonSpan = { ...index, name: 'GET', kind: 3 };
const orphan: JsonSpan = {
  traceId: trace(3),
  spanId: span(4),
  parentSpanId: span(0xdead),
  name: 'orphan',
  startTimeUnixNano: at(2, 0),
  endTimeUnixNano: at(2, 1),
};

let spoor: RunningSpoor;
before(async () => {
  spoor = await startSpoor({ args: ['--base-path', '/jaeger'] });
  await sendJson(spoor.otlpHttp, requestOf({ shop: [cart, index], browser: [caller], db: [query], '': [orphan] }));
});
after(async () => void (await spoor.stop()));

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
}

async function ask(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const search = new URLSearchParams(parameters).toString();
  const response = await fetch(`${spoor.jaeger}/api/v3/${path}${search === '' ? '' : `?${search}`}`);
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

interface OtlpJson {
  readonly result: { readonly resourceSpans: readonly { scopeSpans: readonly { spans: readonly JsonSpan[] }[] }[] };
}

function spansOf({ text }: Answer): readonly JsonSpan[] {
  const { resourceSpans } = (JSON.parse(text) as OtlpJson).result;
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

const times = { 'query.startTimeMin': '2023-11-14T22:13:20Z', 'query.startTimeMax': '2023-11-14T22:13:25Z' };

test('Jaeger v3: services and operations, byte for byte', async () => {
  equal((await ask('services')).text, '{"services":["OTLPResourceNoServiceName","browser","db","shop"]}');
  const all = '{"operations":[{"name":"GET /","spanKind":"server"},{"name":"GET /cart","spanKind":"server"}]}';
  equal((await ask('operations', { service: 'shop' })).text, all);
  equal((await ask('operations', { service: 'shop', spanKind: 'server' })).text, all);
  equal((await ask('operations', { service: 'shop', span_kind: 'client' })).text, '{"operations":[]}');
  const nameless = await ask('operations', { service: 'OTLPResourceNoServiceName' });
  equal(nameless.text, '{"operations":[{"name":"orphan","spanKind":"internal"}]}', 'no kind is internal');
});

test('Jaeger v3: a trace by id, in every spelling, whatever the times say', async () => {
  const answer = await ask(`traces/${trace(1)}`);
  deepEqual([answer.status, answer.type], [200, 'application/json']);
  deepEqual(spansOf(answer), [cart, query]);
  const window = { startTime: '2020-01-01T00:00:00Z', end_time: '2020-01-02T00:00:00 01:00' };
  for (const [id, parameters] of [
    ['1', {}],
    ['AAAAAAAAAAAAAAAAAAAAAQ==', {}],
    [trace(1), window],
  ] as const) {
    equal((await ask(`traces/${id}`, parameters)).text, answer.text);
  }
});

test('Jaeger v3: shared span ids are pulled apart, unless raw', async () => {
  const ids = async (parameters: Readonly<Record<string, string>>): Promise<readonly string[]> =>
    spansOf(await ask(`traces/${trace(2)}`, parameters)).map(
      ({ name, spanId, parentSpanId = '' }) => `${name} ${spanId} < ${parentSpanId}`,
    );
  const adjusted = [`GET / ${span(2)} < ${span(1)}`, `GET ${span(1)} < `];
  deepEqual((await ids({})).toSorted(), adjusted);
  for (const name of ['rawTraces', 'raw_traces']) {
    deepEqual((await ids({ [name]: 'true' })).toSorted(), [`GET / ${span(1)} < `, `GET ${span(1)} < `]);
  }
});

test('Jaeger v3: search merges all traces into one document', async () => {
  const names = async (parameters: Readonly<Record<string, string>>): Promise<readonly string[]> =>
    spansOf(await ask('traces', { ...times, ...parameters }))
      .map(({ name }) => name)
      .toSorted();
  deepEqual(await names({}), ['GET', 'GET /', 'GET /cart', 'orphan', 'query']);
  deepEqual(await names({ 'query.serviceName': 'db' }), ['GET /cart', 'query']);
  deepEqual(await names({ 'query.searchDepth': '1' }), ['orphan']);
  deepEqual(await names({ 'query.num_traces': '1' }), ['orphan']);
  deepEqual(await names({ 'query.attributes': '{"error":"true"}' }), ['GET /cart', 'query']);
  deepEqual(await names({ 'query.durationMin': '6ms', 'query.duration_max': '20ms' }), ['GET /cart', 'query']);
  deepEqual(await names({ 'query.startTimeMin': '2023-11-14T22:13:22Z' }), ['orphan']);
  const offset = `query.start_time_min=2023-11-14T23:13:22+01:00&query.start_time_max=2023-11-14T23:13:25+01:00`;
  const response = await fetch(`${spoor.jaeger}/api/v3/traces?${offset}`);
  const answer = { status: response.status, type: null, text: await response.text() };
  deepEqual(
    spansOf(answer).map(({ name }) => name),
    ['orphan'],
    'a plus that is not encoded',
  );
});

test('Jaeger v3: trace summaries, byte for byte', async () => {
  const { text, type } = await ask('trace-summaries', times);
  equal(type, 'application/json');
  equal(
    text,
    '{"summaries":[' +
      `{"traceId":"${trace(3)}","rootServiceName":"OTLPResourceNoServiceName","rootOperationName":"orphan",` +
      '"minStartTimeUnixNano":"1700000002000000000","maxEndTimeUnixNano":"1700000002001000000","spanCount":1,"orphanSpanCount":1,' +
      '"services":[{"name":"OTLPResourceNoServiceName","spanCount":1}]},' +
      `{"traceId":"${trace(2)}","rootServiceName":"shop","rootOperationName":"GET /",` +
      '"minStartTimeUnixNano":"1700000001000000000","maxEndTimeUnixNano":"1700000001005000000","spanCount":2,' +
      '"services":[{"name":"browser","spanCount":1},{"name":"shop","spanCount":1}]},' +
      `{"traceId":"${trace(1)}","rootServiceName":"shop","rootOperationName":"GET /cart",` +
      '"minStartTimeUnixNano":"1700000000000000000","maxEndTimeUnixNano":"1700000000040000000","spanCount":2,"errorSpanCount":1,' +
      '"services":[{"name":"db","spanCount":1,"errorSpanCount":1},{"name":"shop","spanCount":1}]}]}',
  );
  equal((await ask('trace-summaries', { ...times, 'query.serviceName': 'nobody' })).text, '{}');
});

test('Jaeger v3: errors have Jaeger’s bodies, as plain text', async () => {
  const time = 'as \\"2006-01-02T15:04:05.999999999Z07:00\\": cannot parse \\"x\\" as \\"2006\\"';
  const cases: readonly (readonly [string, number, string])[] = [
    ['traces/99', 404, 'No traces found'],
    ['traces/xyz', 400, 'malformed parameter trace_id: strconv.ParseUint: parsing \\"xyz\\": invalid syntax'],
    ['traces/1?startTime=x', 400, `malformed parameter startTime: parsing time \\"x\\" ${time}`],
    [
      'traces/1?raw_traces=x',
      400,
      'malformed parameter raw_traces: strconv.ParseBool: parsing \\"x\\": invalid syntax',
    ],
    ['traces', 400, 'query.startTimeMin and query.startTimeMax are required'],
    ['trace-summaries', 400, 'query.startTimeMin and query.startTimeMax are required'],
    [`traces?${new URLSearchParams({ ...times, 'query.serviceName': 'nobody' }).toString()}`, 404, 'No traces found'],
  ];
  for (const [path, status, message] of cases) {
    const answer = await ask(path);
    deepEqual([answer.status, answer.type], [status, 'text/plain; charset=utf-8'], path);
    equal(answer.text, `{"error":{"httpCode":${status},"message":"${message}"}}\n`);
  }
});

test('Jaeger v3: dependencies', async () => {
  const { text } = await ask('dependencies', { endTime: '2023-11-14T22:13:25Z', lookback: '10s' });
  const { dependencies } = JSON.parse(text) as { dependencies: readonly { parent: string; child: string }[] };
  deepEqual(
    dependencies.map(({ parent, child }) => `${parent} > ${child}`),
    ['browser > shop', 'shop > db'],
  );
  equal((await ask('dependencies', { lookback: '10s' })).status, 400);
});
