import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { intAttribute, requestOf, sendJson, stringAttribute, type JsonSpan } from './otlp-json.ts';
import { ProtoClient, type Message } from './proto-client.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

/*
 *  trace …01   shop  GET /cart      server          [0 … 40 ms]   user=ada, items=[1,2], http.status_code=500
 *              └─ db    query       client, error   [10 … 30 ms]  an event, links to …02 and to an id that is none
 *  trace …02   shop  GET /          server          [0 … 5 ms], a second later; its client span, with the same id, too
 *  trace …03   (no service)  orphan unspecified     [0 … 1 ms], two seconds later, parent missing
 *  trace …04   batch  tick 0 … 24   internal, 25 roots, three seconds later
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
  attributes: [
    stringAttribute('user', 'ada'),
    intAttribute('http.status_code', 500),
    { key: 'items', value: { arrayValue: { values: [{ intValue: '1' }, { intValue: '2' }] } } },
  ],
};
const query: JsonSpan = {
  traceId: trace(1),
  spanId: span(2),
  parentSpanId: span(1),
  name: 'query',
  kind: 3,
  startTimeUnixNano: at(0, 10),
  endTimeUnixNano: at(0, 30),
  status: { code: 2, message: 'no such table' },
  events: [{ timeUnixNano: at(0, 12), name: 'exception', attributes: [stringAttribute('exception.type', 'Bad')] }],
  links: [
    { traceId: trace(2), spanId: span(1) },
    { traceId: '01', spanId: '02' },
  ],
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
const ticks = Array.from({ length: 25 }, (_, i): JsonSpan => ({
  traceId: trace(4),
  spanId: span(100 + i),
  name: `tick ${i}`,
  kind: 1,
  startTimeUnixNano: at(3, i),
  endTimeUnixNano: at(3, i + 1),
}));

let spoor: RunningSpoor;
let client: ProtoClient;
before(async () => {
  spoor = await startSpoor();
  client = new ProtoClient(`127.0.0.1:${spoor.ports['jaeger-query-grpc']}`);
  const services = { shop: [cart, index], browser: [caller], db: [query], '': [orphan], batch: ticks };
  await sendJson(spoor.otlpHttp, requestOf(services));
});
after(async () => {
  client.close();
  await spoor.stop();
});

const v2 = 'jaeger.api_v2.QueryService';
const v3 = 'jaeger.api_v3.QueryService';
const id = (n: number, bytes = 16): Buffer => Buffer.from(n.toString(16).padStart(2 * bytes, '0'), 'hex');
const seconds = (n: number): Message => ({ seconds: String(first + BigInt(n)) });
const window = { startTimeMin: seconds(-10), startTimeMax: seconds(10) };

interface JaegerSpan {
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  readonly operationName: string;
  readonly tags: readonly { readonly key: string }[];
  readonly process: { readonly serviceName: string };
  readonly references?: readonly Message[];
}
interface Chunk {
  readonly spans: readonly JaegerSpan[];
}

const namesOf = (chunks: readonly Chunk[]): readonly string[] =>
  chunks.flatMap(({ spans }) => spans.map(({ operationName }) => operationName));

test('api_v2: what Kiali asks: services, operations, traces of a service, a trace', async () => {
  const { services } = await client.unary(v2, 'GetServices');
  deepEqual(services, ['OTLPResourceNoServiceName', 'batch', 'browser', 'db', 'shop']);
  deepEqual(await client.unary(v2, 'GetOperations', { service: 'shop' }), {
    operationNames: ['GET /', 'GET /cart'],
    operations: [
      { name: 'GET /', spanKind: 'server' },
      { name: 'GET /cart', spanKind: 'server' },
    ],
  });
  deepEqual(await client.unary(v2, 'GetOperations', { service: 'shop', spanKind: 'client' }), {});
  const query = { serviceName: 'shop', tags: { 'http.status_code': '500' }, ...window, searchDepth: 20 };
  const chunks = await client.all<Chunk>(v2, 'FindTraces', { query });
  deepEqual(
    chunks.map((chunk) => namesOf([chunk]).toSorted()),
    [
      ['GET', 'GET /'],
      ['GET /cart', 'query'],
    ],
    'the newest trace first, a chunk a trace',
  );
  deepEqual(namesOf(await client.all<Chunk>(v2, 'GetTrace', { traceId: id(1) })), ['GET /cart', 'query']);
});

test('api_v2: a span has everything that Jaeger’s model has', async () => {
  const [{ spans }] = await client.all<Chunk>(v2, 'GetTrace', { traceId: id(1) });
  const text = (key: string, vStr: string): Message => ({ key, vStr });
  deepEqual(spans[0], {
    traceId: id(1),
    spanId: id(1, 8),
    operationName: 'GET /cart',
    startTime: { seconds: '1700000000' },
    duration: { nanos: 40_000_000 },
    tags: [
      text('user', 'ada'),
      { key: 'http.status_code', vType: 'INT64', vInt64: '500' },
      text('items', '[1,2]'),
      text('span.kind', 'server'),
    ],
    process: { serviceName: 'shop' },
  });
  deepEqual(spans[1], {
    traceId: id(1),
    spanId: id(2, 8),
    operationName: 'query',
    references: [
      { traceId: id(1), spanId: id(1, 8) },
      { traceId: id(2), spanId: id(1, 8), refType: 'FOLLOWS_FROM' },
    ],
    startTime: { seconds: '1700000000', nanos: 10_000_000 },
    duration: { nanos: 20_000_000 },
    tags: [
      text('span.kind', 'client'),
      text('otel.status_code', 'ERROR'),
      { key: 'error', vType: 'BOOL', vBool: true },
      text('otel.status_description', 'no such table'),
    ],
    logs: [
      {
        timestamp: { seconds: '1700000000', nanos: 12_000_000 },
        fields: [text('event', 'exception'), text('exception.type', 'Bad')],
      },
    ],
    process: { serviceName: 'db' },
  });
});

test('api_v2: chunks are of ten spans; shared span ids are pulled apart, unless raw', async () => {
  const chunks = await client.all<Chunk>(v2, 'GetTrace', { traceId: id(4) });
  deepEqual(
    chunks.map(({ spans }) => spans.length),
    [10, 10, 5],
  );
  const ids = async (rawTraces: boolean): Promise<readonly string[]> =>
    (await client.all<Chunk>(v2, 'GetTrace', { traceId: id(2), rawTraces }))
      .flatMap(({ spans }) => spans)
      .map(({ operationName, spanId }) => `${operationName} ${spanId.toString('hex')}`)
      .toSorted();
  deepEqual(await ids(true), [`GET ${span(1)}`, `GET / ${span(1)}`].toSorted());
  deepEqual(await ids(false), [`GET ${span(1)}`, `GET / ${span(2)}`].toSorted());
});

test('api_v2: searches by every parameter; Go’s zero times mean no time', async () => {
  const find = async (query: Message): Promise<readonly string[]> =>
    [...new Set(namesOf(await client.all<Chunk>(v2, 'FindTraces', { query })))].toSorted();
  const zero = { seconds: '-62135596800' };
  const all = await find({ startTimeMin: zero, startTimeMax: zero, durationMin: {}, durationMax: {} });
  equal(all.length, 4 + 1 + 25);
  deepEqual(await find({ serviceName: 'db', operationName: 'query' }), ['GET /cart', 'query']);
  deepEqual(await find({ serviceName: 'db', operationName: 'GET /cart' }), []);
  deepEqual(await find({ serviceName: 'OTLPResourceNoServiceName' }), ['orphan']);
  deepEqual(await find({ tags: { error: 'true' } }), ['GET /cart', 'query']);
  deepEqual(await find({ durationMin: { nanos: 30_000_000 } }), ['GET /cart', 'query']);
  deepEqual(await find({ durationMin: { nanos: 2_000_000 }, durationMax: { nanos: 6_000_000 } }), ['GET', 'GET /']);
  deepEqual(await find({ startTimeMin: seconds(2), startTimeMax: { ...seconds(2), nanos: 500_000_000 } }), ['orphan']);
  deepEqual(await find({ searchDepth: 2, startTimeMax: { ...seconds(2), nanos: 1 } }), ['GET', 'GET /', 'orphan']);
});

test('api_v2: dependencies and the archive', async () => {
  const { dependencies } = await client.unary(v2, 'GetDependencies', { startTime: seconds(-10), endTime: seconds(10) });
  deepEqual(dependencies, [
    { parent: 'browser', child: 'shop', callCount: '1' },
    { parent: 'shop', child: 'db', callCount: '1' },
  ]);
  deepEqual(await client.unary(v2, 'ArchiveTrace', { traceId: id(1) }), {});
  await rejects(client.unary(v2, 'ArchiveTrace', { traceId: id(77) }), { code: status.NOT_FOUND });
});

test('gRPC query: what is not there, and what cannot be asked', async () => {
  const notFound = { code: status.NOT_FOUND, details: 'trace not found' };
  await rejects(client.all(v2, 'GetTrace', { traceId: id(77) }), notFound);
  await rejects(client.all(v3, 'GetTrace', { traceId: '77' }), notFound);
  const invalid = { code: status.INVALID_ARGUMENT };
  await rejects(client.all(v2, 'GetTrace', {}), invalid);
  await rejects(client.all(v2, 'GetTrace', { traceId: Buffer.alloc(16) }), invalid);
  await rejects(client.all(v2, 'GetTrace', { traceId: Buffer.alloc(15, 1) }), invalid);
  await rejects(client.all(v3, 'GetTrace', { traceId: 'xyz' }), invalid);
  for (const service of [v2, v3]) await rejects(client.all(service, 'FindTraces', {}), invalid);
  await rejects(client.all(v3, 'FindTraces', { query: { pagination: { pageSize: 5 } } }), invalid);
  for (const pagination of [{}, { pageSize: 5, pageToken: 'nonsense' }]) {
    await rejects(client.all(v3, 'FindTraceSummaries', { query: { pagination } }), invalid);
  }
  const both = { searchDepth: 5, pagination: { pageSize: 5 } };
  await rejects(client.all(v3, 'FindTraceSummaries', { query: both }), invalid);
  ok(!spoor.log.some(({ level }) => level === 'error'), 'a bad question is not a fault');
});

interface TracesData {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes?: readonly Message[] };
    readonly scopeSpans: readonly { readonly spans: readonly { readonly traceId: Buffer; readonly name: string }[] }[];
  }[];
}

const otlpNames = (messages: readonly TracesData[]): readonly string[] =>
  messages.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name))),
  );

test('api_v3: spans as OTLP, a message a trace; services and operations', async () => {
  const [data, ...rest] = await client.all<TracesData>(v3, 'GetTrace', { traceId: '1' });
  equal(rest.length, 0);
  deepEqual(otlpNames([data]).toSorted(), ['GET /cart', 'query']);
  deepEqual(data.resourceSpans[0].resource.attributes, [{ key: 'service.name', value: { stringValue: 'shop' } }]);
  const found = await client.all<TracesData>(v3, 'FindTraces', { query: { serviceName: 'shop', ...window } });
  deepEqual(
    found.map((message) => otlpNames([message]).toSorted()),
    [
      ['GET', 'GET /'],
      ['GET /cart', 'query'],
    ],
  );
  const { services } = await client.unary(v3, 'GetServices');
  equal((services as readonly string[]).length, 5);
  deepEqual(await client.unary(v3, 'GetOperations', { service: 'OTLPResourceNoServiceName' }), {
    operations: [{ name: 'orphan', spanKind: 'internal' }],
  });
  deepEqual(await client.unary(v3, 'GetDependencies', {}), {
    dependencies: [
      { parent: 'browser', child: 'shop', callCount: '1' },
      { parent: 'shop', child: 'db', callCount: '1' },
    ],
  });
  const { search } = await client.unary('jaeger.api_v3.Capabilities', 'GetCapabilities');
  const ofHttp = await (await fetch(`${spoor.jaeger}/api/v3/capabilities`)).json();
  deepEqual({ search }, { search: { ...(ofHttp as { search: object }).search, paginated: true } });
});

interface Summaries {
  readonly summaries: readonly { readonly traceId: string }[];
  readonly nextPageToken?: string;
}

test('api_v3: summaries, whole and page by page', async () => {
  const [{ summaries }] = await client.all<Summaries>(v3, 'FindTraceSummaries', { query: { serviceName: 'db' } });
  deepEqual(summaries, [
    {
      traceId: trace(1),
      rootServiceName: 'shop',
      rootOperationName: 'GET /cart',
      minStartTimeUnixNano: at(0, 0),
      maxEndTimeUnixNano: at(0, 40),
      spanCount: 2,
      errorSpanCount: 1,
      services: [
        { name: 'db', spanCount: 1, errorSpanCount: 1 },
        { name: 'shop', spanCount: 1 },
      ],
    },
  ]);
  const pages: (readonly string[])[] = [];
  let pageToken = '';
  do {
    const query = { ...window, pagination: { pageSize: 3, pageToken } };
    const [page] = await client.all<Summaries>(v3, 'FindTraceSummaries', { query });
    pages.push(page.summaries.map(({ traceId }) => traceId));
    pageToken = page.nextPageToken ?? '';
  } while (pageToken !== '');
  deepEqual(pages, [[trace(4), trace(3), trace(2)], [trace(1)]]);
  deepEqual(await client.all(v3, 'FindTraceSummaries', { query: { serviceName: 'nobody' } }), []);
});
