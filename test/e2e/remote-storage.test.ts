import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { askJaeger } from './jaeger-client.ts';
import { ProtoClient, type Message } from './proto-client.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

/*
 *  trace …01   shop  GET /     server  [0 … 4 ms]   a=5 (int), flag=true
 *              └─ db  query    client, error
 *  trace …02   bulk  0 … 999   each 4 kB, so that the trace is some 4 MB
 */
const first = 1_700_000_000n;
const nano = (milli: number): string => String(first * 1_000_000_000n + BigInt(milli) * 1_000_000n);
const id = (n: number, bytes = 16): Buffer => Buffer.from(n.toString(16).padStart(2 * bytes, '0'), 'hex');
const reader = 'jaeger.storage.v2.TraceReader';
const clientBytesMax = 4 * 1024 * 1024;

interface OtlpSpan {
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  readonly name: string;
}
interface TracesData {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[] }[];
}

function resourceSpans(service: string, spans: readonly Message[]): Message {
  const attributes = [{ key: 'service.name', value: { stringValue: service } }];
  return { resource: { attributes }, scopeSpans: [{ scope: { name: 'lib' }, spans }] };
}

function spansOf({ resourceSpans: groups }: TracesData): readonly OtlpSpan[] {
  return groups.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

const shop: Message = {
  traceId: id(1),
  spanId: id(1, 8),
  name: 'GET /',
  kind: 2,
  startTimeUnixNano: nano(0),
  endTimeUnixNano: nano(4),
  attributes: [
    { key: 'a', value: { intValue: '5' } },
    { key: 'flag', value: { boolValue: true } },
  ],
};
const db: Message = {
  traceId: id(1),
  spanId: id(2, 8),
  parentSpanId: id(1, 8),
  name: 'query',
  kind: 3,
  startTimeUnixNano: nano(1),
  endTimeUnixNano: nano(2),
  status: { code: 2 },
};
const bulk = Array.from({ length: 1000 }, (_, i): Message => ({
  traceId: id(2),
  spanId: id(1000 + i, 8),
  name: String(i),
  startTimeUnixNano: nano(1000 + i),
  endTimeUnixNano: nano(1001 + i),
  attributes: [{ key: 'pad', value: { stringValue: `${i} `.repeat(4096 / (String(i).length + 1)) } }],
}));

let spoor: RunningSpoor;
let client: ProtoClient;
before(async () => {
  spoor = await startSpoor();
  client = new ProtoClient(`127.0.0.1:${spoor.ports['remote-storage']}`);
});
after(async () => {
  client.close();
  await spoor.stop();
});

const find = (name: string, query: Message): Promise<readonly TracesData[]> => client.all(reader, name, { query });

test('remote storage: takes spans by OTLP on the port it is read at', async () => {
  for (const spans of [resourceSpans('bulk', bulk), resourceSpans('shop', [shop]), resourceSpans('db', [db])]) {
    const trace = 'opentelemetry.proto.collector.trace.v1.TraceService';
    deepEqual(await client.unary(trace, 'Export', { resourceSpans: [spans] }), {});
  }
  deepEqual(await client.unary(reader, 'GetServices'), { services: ['bulk', 'db', 'shop'] });
  deepEqual(await client.unary(reader, 'GetOperations', { service: 'shop', spanKind: 'server' }), {
    operations: [{ name: 'GET /', spanKind: 'server' }],
  });
  deepEqual(await client.unary('jaeger.storage.v2.DependencyReader', 'GetDependencies', {}), {
    dependencies: [{ parent: 'shop', child: 'db', callCount: '1' }],
  });
  const { search } = await client.unary('jaeger.storage.v2.Capabilities', 'GetCapabilities');
  const { filter, ...others } = search as Message;
  deepEqual(others, { withoutServiceName: true, sameSpanConjunction: true, paginated: true });
  const { levels, operators } = filter as { levels: readonly string[]; operators: readonly string[] };
  deepEqual(levels, ['span', 'resource', 'scope', 'event', 'link']);
  ok(operators.includes('and') && operators.includes('fulltext'));
  deepEqual(await client.unary('grpc.health.v1.Health', 'Check'), { status: 'SERVING' });
});

test('remote storage: messages hold spans of one trace, one after the other, and stay below what clients take', async () => {
  const query = [{ traceId: id(2) }, { traceId: id(77) }, { traceId: id(1) }, { traceId: Buffer.alloc(3) }];
  const messages = await client.all<TracesData>(reader, 'GetTraces', { query });
  const traces = messages.map((message) => {
    const ids = new Set(spansOf(message).map(({ traceId }) => traceId.toString('hex')));
    equal(ids.size, 1, 'one trace, not none and not two');
    return [...ids][0];
  });
  const order = traces.filter((trace, i) => trace !== traces[i - 1]);
  deepEqual(order, [id(2).toString('hex'), id(1).toString('hex')], 'each once');
  ok(messages.length > 4, 'the long trace is in parts');
  equal(messages.flatMap(spansOf).length, bulk.length + 2, 'with all their spans');
  // The client has already refused larger ones; this says how far off they are.
  for (const message of messages) ok(JSON.stringify(message).length < 2 * clientBytesMax);
});

test('remote storage: not found is an empty stream', async () => {
  deepEqual(await client.all(reader, 'GetTraces', { query: [{ traceId: id(77) }] }), []);
  deepEqual(await client.all(reader, 'GetTraces', {}), []);
  deepEqual(await find('FindTraces', { serviceName: 'nobody' }), []);
  deepEqual(await client.unary(reader, 'FindTraceIDs', { query: { serviceName: 'nobody' } }), {});
});

test('remote storage: attributes of every type are searched; what cannot be is refused', async () => {
  const names = async (attributes: readonly Message[]): Promise<readonly string[]> =>
    (await find('FindTraces', { attributes })).flatMap(spansOf).map(({ name }) => name);
  for (const value of [{ intValue: '5' }, { stringValue: '5' }, { doubleValue: 5 }, { stringValue: '>=5' }]) {
    deepEqual((await names([{ key: 'a', value }])).toSorted(), ['GET /', 'query'], JSON.stringify(value));
  }
  deepEqual(await names([{ key: 'a', value: { intValue: '6' } }]), []);
  deepEqual((await names([{ key: 'flag', value: { boolValue: true } }])).length, 2);
  await rejects(names([{ key: 'a', value: { arrayValue: {} } }]), { code: status.INVALID_ARGUMENT });
});

test('remote storage: what Jaeger found wrong with a span is its warning, and no tag', async () => {
  const warned = {
    ...shop,
    traceId: id(9),
    attributes: [
      { key: '@jaeger@warnings', value: { arrayValue: { values: [{ stringValue: 'negative duration' }] } } },
    ],
  };
  const trace = 'opentelemetry.proto.collector.trace.v1.TraceService';
  await client.unary(trace, 'Export', { resourceSpans: [resourceSpans('warned', [warned])] });
  const { data } = await askJaeger<
    readonly { spans: readonly { warnings: unknown; tags: readonly { key: string }[] }[] }[]
  >(spoor.jaeger, `/api/traces/9`);
  deepEqual(data[0].spans[0].warnings, ['negative duration']);
  deepEqual(
    data[0].spans[0].tags.map(({ key }) => key),
    ['otel.scope.name', 'span.kind'],
  );
  const query = new ProtoClient(`127.0.0.1:${spoor.ports['jaeger-query-grpc']}`);
  const [{ spans }] = await query.all<{ spans: readonly Message[] }>('jaeger.api_v2.QueryService', 'GetTrace', {
    traceId: id(9),
  });
  deepEqual(spans[0]['warnings'], ['negative duration']);
  query.close();
  const [{ resourceSpans: groups }] = await client.all<TracesData>(reader, 'GetTraces', {
    query: [{ traceId: id(9) }],
  });
  deepEqual((groups[0].scopeSpans[0].spans[0] as unknown as Message)['attributes'], warned.attributes, 'as stored');
});

test('remote storage: ids and summaries, page by page', async () => {
  deepEqual(await client.unary(reader, 'FindTraceIDs', { query: { serviceName: 'shop' } }), {
    traceIds: [
      {
        traceId: id(1),
        start: { seconds: String(first) },
        end: { seconds: String(first), nanos: 4_000_000 },
      },
    ],
  });
  const seen: string[] = [];
  let pageToken = '';
  do {
    const query = { pagination: { pageSize: 1, pageToken } };
    const answer = await client.unary(reader, 'FindTraceIDs', { query });
    for (const { traceId } of (answer['traceIds'] ?? []) as { traceId: Buffer }[]) seen.push(traceId.toString('hex'));
    pageToken = (answer['nextPageToken'] as string | undefined) ?? '';
  } while (pageToken !== '');
  deepEqual(
    seen,
    [id(2), id(1), id(9)].map((bytes) => bytes.toString('hex')),
  );
  const [{ summaries }] = (await client.all(reader, 'FindTraceSummaries', { query: { serviceName: 'shop' } })) as {
    summaries: readonly Message[];
  }[];
  deepEqual(summaries, [
    {
      traceId: id(1),
      rootServiceName: 'shop',
      rootOperationName: 'GET /',
      minStartTimeUnixNano: nano(0),
      maxEndTimeUnixNano: nano(4),
      spanCount: 2,
      errorSpanCount: 1,
      services: [
        { name: 'db', spanCount: 1, errorSpanCount: 1 },
        { name: 'shop', spanCount: 1 },
      ],
    },
  ]);
  await rejects(find('FindTraces', { pagination: { pageSize: 1 } }), { code: status.INVALID_ARGUMENT });
});
