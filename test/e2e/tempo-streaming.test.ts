import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { requestOf, sendJson, stringAttribute, type JsonSpan } from './otlp-json.ts';
import { ProtoClient } from './proto-client.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

/*
 *  traces 1 … 1500, a second apart:  shop  GET /<n>  server  [0 … 5 ms]  note=<900 characters>
 */
const first = 1_790_000_000;
const traceCount = 1_500;
const note = 'n'.repeat(900);
const spans = Array.from({ length: traceCount }, (_, i): JsonSpan => ({
  traceId: (i + 1).toString(16).padStart(32, '0'),
  spanId: (i + 1).toString(16).padStart(16, '0'),
  name: `GET /${i + 1}`,
  kind: 2,
  startTimeUnixNano: String(BigInt(first + i) * 1_000_000_000n),
  endTimeUnixNano: String(BigInt(first + i) * 1_000_000_000n + 5_000_000n),
  attributes: [stringAttribute('note', note)],
}));
const service = 'tempopb.StreamingQuerier';

let spoor: RunningSpoor;
/** The same service on a port of its own, and where HTTP/1.1 is, too. */
let clients: readonly (readonly [string, ProtoClient])[];
before(async () => {
  spoor = await startSpoor();
  clients = (['tempo-grpc', 'tempo-http'] as const).map(
    (name) => [name, new ProtoClient(`127.0.0.1:${spoor.ports[name]}`)] as const,
  );
  await sendJson(spoor.otlpHttp, requestOf({ shop: spans }));
});
after(async () => {
  for (const [, client] of clients) client.close();
  equal(await spoor.stop(), 0, 'open connections of either kind do not keep it');
});

interface SearchResponse {
  readonly traces?: readonly { readonly traceID: string; readonly spanSets?: readonly object[] }[];
  readonly metrics: { readonly completedJobs?: number; readonly totalJobs?: number };
}

async function search(client: ProtoClient, request: object): Promise<readonly SearchResponse[]> {
  return client.all<SearchResponse>(service, 'Search', request as Record<string, unknown>);
}

test('Search: what Grafana asks to see whether streaming works', async () => {
  for (const [port, client] of clients) {
    const answers = await search(client, { Query: '{}', start: first, end: first + 900, Limit: 1 });
    const traces = answers.flatMap(({ traces: some = [] }) => some);
    deepEqual(
      traces.map(({ traceID }) => traceID),
      [(901).toString(16)],
      port,
    );
    const { metrics } = answers.at(-1)!;
    equal(metrics.completedJobs, metrics.totalJobs);
  }
});

test('Search: newest first over messages that a client can take, none of them twice', async () => {
  for (const [port, client] of clients) {
    const answers = await search(client, { Query: '{} | select(span.note)', Limit: 5_000, SpansPerSpanSet: 1 });
    ok(answers.length > 1, `${port}: more than a message holds comes in ${answers.length}`);
    const ids = answers.flatMap(({ traces = [] }) => traces.map(({ traceID }) => Number.parseInt(traceID, 16)));
    deepEqual(
      ids,
      Array.from({ length: traceCount }, (_, i) => traceCount - i),
    );
    ok(answers.every(({ metrics }) => metrics.totalJobs !== undefined));
  }
});

test('Search: packets are at most a MiB', async () => {
  const client = new Client(`127.0.0.1:${spoor.ports['tempo-grpc']}`, credentials.createInsecure());
  const same = (bytes: Buffer): Buffer => bytes;
  // 8 Query `{} | select(span.note)`, 4 Limit 5000
  const text = Buffer.from('{} | select(span.note)');
  const request = Buffer.concat([Buffer.from([0x42, text.length]), text, Buffer.from([0x20, 0x88, 0x27])]);
  const stream = client.makeServerStreamRequest(`/${service}/Search`, same, same, request);
  const sizes: number[] = [];
  for await (const packet of stream) sizes.push((packet as Buffer).length);
  ok(sizes.length > 1 && Math.max(...sizes) <= 1024 * 1024, `sizes: ${sizes.join(', ')}`);
  client.close();
});

test('Search: by tags, as older clients do', async () => {
  const [, client] = clients[0];
  const [answer] = await search(client, { Tags: { name: 'GET /77', 'service.name': 'sho' }, MinDurationMs: 2 });
  deepEqual(
    answer.traces?.map(({ traceID }) => Number.parseInt(traceID, 16)),
    [779, 778, 777, 776, 775, 774, 773, 772, 771, 770, 77],
  );
  deepEqual(answer.traces?.[0].spanSets, undefined);
});

test('tags and values', async () => {
  const [, client] = clients[1];
  deepEqual(await client.all(service, 'SearchTags', { scope: 'span' }), [{ tagNames: ['note'], metrics: {} }]);
  const [{ scopes }] = await client.all<{ scopes: { name: string }[] }>(service, 'SearchTagsV2', {
    maxTagsPerScope: 1,
  });
  deepEqual(
    scopes.map(({ name }) => name),
    ['resource', 'span', 'intrinsic'],
  );
  deepEqual(await client.all(service, 'SearchTagValues', { tagName: 'service.name' }), [
    { tagValues: ['shop'], metrics: {} },
  ]);
  deepEqual(await client.all(service, 'SearchTagValuesV2', { tagName: 'span.note', query: '{ name = "GET /1" }' }), [
    { tagValues: [{ type: 'string', value: note }], metrics: {} },
  ]);
});

test('MetricsQueryRange, MetricsQueryInstant: as over HTTP', async () => {
  const range = { query: '{} | count_over_time()', start: `${first}000000000`, end: `${first + 600}000000000` };
  for (const [, client] of clients) {
    const ranges = await client.all<{ series: { samples: object[] }[] }>(service, 'MetricsQueryRange', {
      ...range,
      step: '300000000000',
    });
    const { series } = ranges.at(-1)!;
    const asked = new URLSearchParams({ q: range.query, start: `${first}`, end: `${first + 600}`, step: '300' });
    const reply = await fetch(
      `http://127.0.0.1:${spoor.ports['tempo-http']}/api/metrics/query_range?${asked.toString()}`,
    );
    deepEqual(series, ((await reply.json()) as { series: object }).series);
    const instants = await client.all<{ series: { value: number }[] }>(service, 'MetricsQueryInstant', range);
    // (start, end]: the span at the start itself is outside.
    equal(instants.at(-1)!.series[0].value, 600);
  }
});

test('errors: Tempo’s texts under the codes of gRPC', async () => {
  const [, client] = clients[0];
  const refused = async (name: string, request: Record<string, unknown>): Promise<[number, string]> => {
    try {
      await client.all(service, name, request);
    } catch (error) {
      return [(error as ServiceError).code, (error as ServiceError).details];
    }
    throw new Error('it was answered');
  };
  const [code, text] = await refused('Search', { Query: '{ .foo = ' });
  equal(code, status.INVALID_ARGUMENT);
  match(text, /^invalid TraceQL query: parse error at line 1, col 10/);
  deepEqual(await refused('SearchTagsV2', { scope: 'bogus' }), [status.INVALID_ARGUMENT, 'invalid scope: bogus']);
  deepEqual(await refused('MetricsQueryRange', { query: '{} | rate()', start: '5', end: '5' }), [
    status.INVALID_ARGUMENT,
    'end must be greater than start',
  ]);
  const tooMany = { query: '{} | rate()', start: '1', end: '86400000000000', step: '1000000000' };
  const [limitCode, limitText] = await refused('MetricsQueryRange', tooMany);
  equal(limitCode, status.INVALID_ARGUMENT);
  match(limitText, /intervals are more than 10000/);
  const unknown = new Client(`127.0.0.1:${spoor.ports['tempo-http']}`, credentials.createInsecure());
  const same = (bytes: Buffer): Buffer => bytes;
  const call = unknown.makeServerStreamRequest(`/${service}/Nothing`, same, same, Buffer.alloc(0));
  await rejects(call.toArray(), { code: status.UNIMPLEMENTED });
  unknown.close();
});

test('gRPC: a tenant is accepted, health is answered, HTTP/1.1 goes on beside it', async () => {
  const metadata = new Metadata();
  metadata.set('x-scope-orgid', 'anybody');
  for (const [port, client] of clients) {
    deepEqual(await client.unary('grpc.health.v1.Health', 'Check', {}, metadata), { status: 'SERVING' });
    const stream = client.stream(service, 'SearchTags', {}, metadata);
    deepEqual((await stream.toArray()).length, 1, port);
  }
  const replies = await Promise.all(
    Array.from({ length: 20 }, () => fetch(`http://127.0.0.1:${spoor.ports['tempo-http']}/api/echo`)),
  );
  ok(replies.every((reply) => reply.status === 200));
});

test('gRPC: a call that is cancelled ends, and the next is answered', async () => {
  const [, client] = clients[1];
  const stream = client.stream(service, 'Search', { Query: '{} >> {}', Limit: 5_000 });
  const ended = rejects(stream.toArray(), { code: status.CANCELLED });
  stream.cancel();
  await ended;
  const [answer] = await search(client, { Query: '{ name = "GET /7" }' });
  equal(answer.traces?.length, 1);
});
