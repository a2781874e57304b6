import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { askJaeger } from './jaeger-client.ts';
import { ProtoClient, type Message } from './proto-client.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

/*
 *  trace …01   shop  GET /     server  [0 … 4 ms]   logs {a=5} and {b="x"}, process {zone="eu"}
 *              └─ db  query    client
 *  trace …02   shop  POST /    [10 … 12 ms]
 */
const reader = 'jaeger.storage.v1.SpanReaderPlugin';
const writer = 'jaeger.storage.v1.SpanWriterPlugin';
const second = '1700000000';
const id = (n: number, bytes = 16): Buffer => Buffer.from(n.toString(16).padStart(2 * bytes, '0'), 'hex');
const time = (milli: number): Message => ({ seconds: second, nanos: milli * 1_000_000 });

function span(trace: number, own: number, service: string, name: string, more: Message): Message {
  const process = { serviceName: service, tags: [{ key: 'zone', vStr: 'eu' }] };
  return { traceId: id(trace), spanId: id(own, 8), operationName: name, process, ...more };
}

const get = span(1, 1, 'shop', 'GET /', {
  startTime: time(0),
  duration: { nanos: 4_000_000 },
  tags: [{ key: 'span.kind', vStr: 'server' }],
  logs: [
    { timestamp: time(1), fields: [{ key: 'a', vType: 2, vInt64: '5' }] },
    { timestamp: time(2), fields: [{ key: 'b', vStr: 'x' }] },
  ],
});
const query = span(1, 2, 'db', 'query', {
  references: [{ traceId: id(1), spanId: id(1, 8) }],
  startTime: time(1),
  duration: { nanos: 1_000_000 },
  tags: [{ key: 'span.kind', vStr: 'client' }],
});
const post = span(2, 3, 'shop', 'POST /', { startTime: time(10), duration: { nanos: 2_000_000 } });

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

async function names(method: string, request: Message): Promise<readonly string[]> {
  const chunks = await client.all<{ spans: readonly { operationName: string }[] }>(reader, method, request);
  return chunks.flatMap(({ spans }) => spans.map(({ operationName }) => operationName));
}

test('remote storage of Jaeger 1: takes spans one by one', async () => {
  for (const each of [get, query, post]) deepEqual(await client.unary(writer, 'WriteSpan', { span: each }), {});
  deepEqual(await client.unary(writer, 'Close'), {});
  deepEqual(await client.unary(reader, 'GetServices'), { services: ['db', 'shop'] });
  deepEqual(await client.unary(reader, 'GetOperations', { service: 'shop', spanKind: 'server' }), {
    operationNames: ['GET /'],
    operations: [{ name: 'GET /', spanKind: 'server' }],
  });
  deepEqual(await client.unary('jaeger.storage.v1.DependenciesReaderPlugin', 'GetDependencies', {}), {
    dependencies: [{ parent: 'shop', child: 'db', callCount: '1' }],
  });
  deepEqual(await client.unary('jaeger.storage.v1.PluginCapabilities', 'Capabilities'), {
    archiveSpanReader: true,
    archiveSpanWriter: true,
  });
});

test('remote storage of Jaeger 1: a span that is none is refused, and counted', async () => {
  await rejects(client.unary(writer, 'WriteSpan', { span: { ...get, traceId: id(1, 7) } }), {
    code: status.INVALID_ARGUMENT,
  });
  const metrics = await (await fetch(`${spoor.jaeger}/metrics`)).text();
  ok(metrics.includes('receiver="remote-storage",encoding="protobuf",outcome="ok"} 3'));
  ok(metrics.includes('receiver="remote-storage",encoding="protobuf",outcome="WIRE_MALFORMED"} 1'));
});

test('remote storage of Jaeger 1: traces by id and by search', async () => {
  deepEqual((await names('GetTrace', { traceId: id(1) })).toSorted(), ['GET /', 'query']);
  await rejects(client.all(reader, 'GetTrace', { traceId: id(77) }), {
    code: status.NOT_FOUND,
    details: 'trace not found',
  });
  deepEqual((await names('FindTraces', { query: { serviceName: 'shop' } })).toSorted(), ['GET /', 'POST /', 'query']);
  deepEqual(await names('FindTraces', { query: { serviceName: 'nobody' } }), []);
  deepEqual(await client.unary(reader, 'FindTraceIDs', { query: { serviceName: 'shop', numTraces: 5 } }), {
    traceIds: [id(2), id(1)],
  });
});

test('remote storage of Jaeger 1: tags may be in several logs of a span', async () => {
  const tags = (...pairs: readonly [string, string][]): Promise<readonly string[]> =>
    names('FindTraces', { query: { serviceName: 'shop', tags: Object.fromEntries(pairs) } });
  equal((await tags(['a', '5'], ['b', 'x'], ['zone', 'eu'])).length, 2);
  deepEqual(await tags(['a', '5'], ['b', 'y']), []);
});

test('remote storage of Jaeger 1: what is archived is kept apart, and found like everything', async () => {
  const archived = span(9, 9, 'shop', 'kept', { startTime: time(20) });
  const writing = 'jaeger.storage.v1.ArchiveSpanWriterPlugin';
  deepEqual(await client.unary(writing, 'WriteArchiveSpan', { span: archived }), {});
  const reading = 'jaeger.storage.v1.ArchiveSpanReaderPlugin';
  const [{ spans }] = await client.all<{ spans: readonly Message[] }>(reading, 'GetArchiveTrace', { traceId: id(9) });
  equal(spans[0]['operationName'], 'kept');
  equal((await askJaeger<readonly unknown[]>(spoor.jaeger, '/api/traces/9')).data.length, 1);
  deepEqual((await names('FindTraces', { query: { operationName: 'kept' } })).length, 0, 'the archive is not searched');
});
