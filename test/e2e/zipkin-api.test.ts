import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

let spoor: RunningSpoor;
let base: string;
before(async () => {
  spoor = await startSpoor();
  base = `http://127.0.0.1:${spoor.receivers.zipkin}`;
});
after(() => spoor?.stop('SIGKILL'));

interface ZipkinSpan {
  readonly traceId: string;
  readonly id: string;
  readonly [field: string]: unknown;
}

async function send(spans: readonly object[] | Uint8Array): Promise<void> {
  const body = spans instanceof Uint8Array ? new Uint8Array(spans) : JSON.stringify(spans);
  const response = await fetch(`${base}/api/v2/spans`, { method: 'POST', body });
  equal(response.status, 202, await response.text());
}

async function get(path: string): Promise<[status: number, body: string]> {
  const response = await fetch(`${base}${path}`);
  return [response.status, await response.text()];
}

async function json<T>(path: string): Promise<T> {
  const [status, body] = await get(path);
  equal(status, 200, body);
  return JSON.parse(body) as T;
}

/*
 *  front  get /            ├─────────────────────┤  100 ms
 *  front   get /users  →    ├───────────────┤        80 ms, CLIENT, id shared
 *  users   get /users        ├────────────┤          60 ms, SERVER
 *  users    select →           ├───┤                 10 ms, CLIENT, error
 */
const now = Date.now() * 1000;
const front = { serviceName: 'front', ipv4: '10.0.0.1', port: 80 };
const users = { serviceName: 'users', ipv6: '2001:db8::2' };
const trace = [
  {
    traceId: '00000000000000a1',
    id: '00000000000000a1',
    kind: 'SERVER',
    name: 'get /',
    timestamp: now,
    duration: 100_000,
    localEndpoint: front,
  },
  {
    traceId: '00000000000000a1',
    parentId: '00000000000000a1',
    id: '00000000000000a2',
    kind: 'CLIENT',
    name: 'get /users',
    timestamp: now + 1_000,
    duration: 80_000,
    localEndpoint: front,
    remoteEndpoint: users,
    tags: { 'http.method': 'GET' },
  },
  {
    traceId: '00000000000000a1',
    parentId: '00000000000000a1',
    id: '00000000000000a2',
    kind: 'SERVER',
    name: 'get /users',
    timestamp: now + 2_000,
    duration: 60_000,
    localEndpoint: users,
    shared: true,
    annotations: [{ timestamp: now + 3_000, value: 'cache.miss' }],
  },
  {
    traceId: '00000000000000a1',
    parentId: '00000000000000a2',
    id: '00000000000000a3',
    kind: 'CLIENT',
    name: 'select',
    timestamp: now + 4_000,
    duration: 10_000,
    localEndpoint: users,
    remoteEndpoint: { serviceName: 'mysql' },
    tags: { error: 'deadlock', 'otel.status_code': 'ERROR' },
  },
] as const;
const other = [
  {
    traceId: '00000000000000b1',
    id: '00000000000000b1',
    kind: 'SERVER',
    name: 'get /',
    timestamp: now + 500_000,
    duration: 5,
    localEndpoint: front,
  },
] as const;

test('Zipkin API: what was sent comes back as it was', async () => {
  await send([...trace, ...other]);
  const byOrder = (spans: readonly ZipkinSpan[]): unknown[] =>
    spans.toSorted((a, b) => Number(a['timestamp']) - Number(b['timestamp']));
  deepEqual(byOrder(await json<ZipkinSpan[]>('/api/v2/trace/a1')), trace);
  deepEqual(byOrder(await json<ZipkinSpan[]>('/zipkin/api/v2/trace/00000000000000a1')), trace);
  const many = await json<ZipkinSpan[][]>('/api/v2/traceMany?traceIds=00000000000000b1,00000000000000a1,c1');
  deepEqual(
    many.map((spans) => spans.length),
    [1, 4],
  );
});

test('Zipkin API: names', async () => {
  deepEqual(await json('/api/v2/services'), ['front', 'users']);
  deepEqual(await json('/api/v2/spans?serviceName=front'), ['get /', 'get /users']);
  deepEqual(await json('/api/v2/spans?serviceName=nobody'), []);
  deepEqual(await json('/api/v2/remoteServices?serviceName=front'), ['users']);
  deepEqual(await json('/api/v2/remoteServices?serviceName=users'), ['mysql']);
  ok((await json<string[]>('/api/v2/autocompleteKeys')).includes('http.method'));
  deepEqual(await json('/api/v2/autocompleteValues?key=http.method'), ['GET']);
});

test('Zipkin API: search, each condition on any span of the service', async () => {
  const found = async (parameters: string): Promise<string[]> =>
    (await json<ZipkinSpan[][]>(`/api/v2/traces?endTs=${Date.now() + 60_000}&${parameters}`)).map(
      ([span]) => span.traceId,
    );
  const [a, b] = ['00000000000000a1', '00000000000000b1'];
  deepEqual(await found(''), [b, a]);
  deepEqual(await found('limit=1'), [b]);
  deepEqual(await found('serviceName=users'), [a]);
  deepEqual(await found('serviceName=front&spanName=get+%2F'), [b, a]);
  deepEqual(await found('serviceName=front&remoteServiceName=users'), [a]);
  deepEqual(await found('serviceName=front&remoteServiceName=mysql'), []);
  deepEqual(await found('annotationQuery=error'), [a]);
  deepEqual(await found('annotationQuery=error%3Ddeadlock'), [a]);
  deepEqual(await found('serviceName=front&annotationQuery=error'), []);
  deepEqual(await found('serviceName=users&annotationQuery=cache.miss+and+error'), [a]);
  deepEqual(await found('annotationQuery=http.method%3DGET'), [a]);
  deepEqual(await found('annotationQuery=http.method%3DPOST'), []);
  deepEqual(await found('minDuration=100000'), [a]);
  deepEqual(await found('minDuration=5&maxDuration=5'), [b]);
  deepEqual(await found(`serviceName=users&minDuration=70000`), []);
  deepEqual(await json(`/api/v2/traces?endTs=${Date.now() - 3_600_000}&lookback=1000`), []);
});

test('Zipkin API: dependencies, and what its page asks first', async () => {
  const links = await json<{ parent: string; child: string; callCount: number }[]>(
    `/api/v2/dependencies?endTs=${Date.now() + 60_000}&lookback=3600000`,
  );
  deepEqual(
    links.map(({ parent, child, callCount }) => [parent, child, Number.isInteger(callCount)]),
    [['front', 'users', true]],
  );
  equal((await json<{ status: string }>('/health')).status, 'UP');
  equal((await json<{ searchEnabled: boolean }>('/zipkin/config.json')).searchEnabled, true);
});

test('Zipkin API: errors as Zipkin has them', async () => {
  deepEqual(await get('/api/v2/trace/c1'), [404, 'c1 not found']);
  deepEqual(await get('/api/v2/trace/0e8b46e1-81b'), [400, '0e8b46e1-81b should be lower-hex encoded with no prefix']);
  deepEqual(await get('/api/v2/traceMany?traceIds='), [400, 'traceIds parameter is empty']);
  deepEqual(await get('/api/v2/traceMany?traceIds=a1'), [
    400,
    'Use /api/v2/trace/{traceId} endpoint to retrieve a single trace',
  ]);
  deepEqual(await get('/api/v2/traceMany?traceIds=a1,b1,00a1'), [400, 'redundant traceId: 00a1']);
  deepEqual(await get('/api/v2/traces?limit=0'), [400, 'limit <= 0']);
  equal((await get('/api/v2/spans'))[0], 400);
  const [status, body] = await get('/api/v2/nothing');
  equal(status, 404);
  match(body, /POST \/api\/v2\/spans/);
});

const captured = new URL('../../../shared/data/zipkin/messaging-kafka.json', import.meta.url);
const skip = existsSync(captured) ? false : 'the reference data is not beside the repository';

test("Zipkin API: Zipkin's own example, ids, kinds and times unchanged", { skip }, async () => {
  const bytes = readFileSync(captured);
  const sent = JSON.parse(bytes.toString('utf8')) as ZipkinSpan[];
  await send(bytes);
  const got = await json<ZipkinSpan[]>(`/api/v2/trace/${sent[0].traceId}`);
  const facts = (spans: readonly ZipkinSpan[]): string[] =>
    spans
      .map((span) => JSON.stringify([span.id, span['parentId'], span['kind'], span['timestamp'], span['duration']]))
      .sort();
  deepEqual(facts(got), facts(sent));
});
