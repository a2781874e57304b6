import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { askJaeger } from '../e2e/jaeger-client.ts';
import { ProtoClient } from '../e2e/proto-client.ts';
import { startSpoor, type RunningSpoor } from '../e2e/start-spoor.ts';
import { copyToCache, run } from './client-program.ts';
import { pathTo, spanNamed, storedTrace, type StoredSpan } from './stored-trace.ts';
import { clientTest, type Tool } from './toolchain.ts';

let spoor: RunningSpoor;
before(async () => void (spoor = await startSpoor()));
after(async () => void (await spoor.stop()));

/** An example in one of its two forms, and what it must leave behind. */
interface Example {
  readonly name: string;
  readonly form: 'guide' | 'otlp';
  readonly needs: readonly Tool[];
  /** spans of a good request, and of a failed one if they differ */
  readonly spanCount: number;
  /** how the span that fails hangs together with the request, across both services */
  readonly path: readonly string[];
  /** the exception's type, as its language names it */
  readonly exception: string;
  /** how a whole number arrives */
  readonly number: 'int64' | 'float64';
}

const examples: readonly Example[] = [
  {
    name: 'python-flask',
    form: 'guide',
    needs: ['python'],
    spanCount: 5,
    path: ['my-service: GET /api/users', 'my-service: get_users', 'downstream-service: GET /api', 'load_profile'],
    exception: 'LookupError',
    number: 'int64',
  },
  {
    name: 'python-flask',
    form: 'otlp',
    needs: ['python'],
    spanCount: 6,
    path: [
      'my-service: GET /api/users',
      'my-service: get_users',
      'my-service: GET',
      'downstream-service: GET /api',
      'load_profile',
    ],
    exception: 'LookupError',
    number: 'int64',
  },
  {
    name: 'node-express',
    form: 'guide',
    needs: ['npm'],
    spanCount: 12,
    // The guide's startSpan does not make get_users active, so that the call is no child of it.
    path: ['my-service: GET /api/users', 'my-service: GET', 'downstream-service: GET /api', 'load_users'],
    exception: 'RangeError',
    number: 'float64',
  },
  {
    name: 'node-express',
    form: 'otlp',
    needs: ['npm'],
    spanCount: 7,
    path: [
      'my-service: GET /api/users',
      'my-service: request handler',
      'my-service: get_users',
      'my-service: GET',
      'downstream-service: GET /api',
      'downstream-service: request handler',
      'SELECT users',
    ],
    exception: 'RangeError',
    number: 'int64',
  },
  {
    name: 'go',
    form: 'guide',
    needs: ['go'],
    spanCount: 5,
    path: [
      'my-service: GET /api/users',
      'my-service: get_users',
      'my-service: HTTP GET',
      'downstream-service: GET /api',
      'load_users',
    ],
    exception: '*errors.errorString',
    number: 'int64',
  },
  {
    name: 'go',
    form: 'otlp',
    needs: ['go'],
    spanCount: 5,
    path: [
      'my-service: GET /api/users',
      'my-service: get_users',
      'my-service: HTTP GET',
      'downstream-service: GET /api',
      'SELECT users',
    ],
    exception: '*errors.errorString',
    number: 'int64',
  },
];

for (const example of examples) {
  const { name, form, needs } = example;
  clientTest(`examples/${name} ${form}: its traces arrive whole`, ['bash', 'curl', ...needs], async () => {
    const output = await runExample(name, form);
    const ids = {
      good: linkedId(output, 'good'),
      failed: linkedId(output, 'failed'),
      called: linkedId(output, "caller's"),
    };
    equal(new Set(Object.values(ids)).size, 3);
    for (const id of Object.values(ids)) checkLog(output, id);
    const stored = (id: string): Promise<readonly StoredSpan[]> => storedTrace(spoor.jaeger, id, example.spanCount);
    checkGood(await stored(ids.good), example);
    checkFailed(await stored(ids.failed), example);
    checkCalled(await stored(ids.called), example);
    await checkElsewhere(ids.failed, example);
  });
}

const defaults = 'examples: without any variable they send to where Spoor listens without any option';
const inOwnNetwork = ['--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];
if (spawnSync('unshare', [...inOwnNetwork, 'true']).status === 0) {
  clientTest(defaults, ['bash', 'curl', ...new Set(examples.flatMap(({ needs }) => needs))], async () => {
    const folder = copyToCache('examples'); // where the tests above have installed: here is no way to a registry
    const program = [process.execPath, '--conditions=source', join(import.meta.dirname, 'default-ports.ts')];
    const names = examples.map(({ name, form }) => `${name} ${form}`);
    const options = { cwd: '/', env: { npm_config_offline: 'true' }, timeoutMilli: 200_000 };
    const output = await run('unshare', [...inOwnNetwork, ...program, folder, ...names], options);
    deepEqual(
      output.trim().split('\n'),
      examples.map(({ name, form, spanCount }) => `${name} ${form}: ${spanCount} spans`),
    );
  });
} else {
  void test(defaults, { skip: 'this machine gives no network of its own (unshare --net, ip)' });
}

/** Runs the command of its README, with all its ports elsewhere. @returns what it printed */
async function runExample(name: string, form: string): Promise<string> {
  const [port, downstreamPort] = [await freePort(), await freePort()];
  const env = {
    PORT: `${port}`,
    DOWNSTREAM_PORT: `${downstreamPort}`,
    SPOOR_URL: spoor.jaeger,
    JAEGER_AGENT_PORT: `${spoor.receivers['jaeger-compact']}`,
    JAEGER_ENDPOINT: `http://127.0.0.1:${spoor.receivers['jaeger-thrift-http']}/api/traces`,
    OTEL_EXPORTER_OTLP_ENDPOINT: spoor.otlpHttp,
  };
  return run(join(copyToCache('examples'), name, 'run.sh'), [form], { cwd: '/', env, timeoutMilli: 550_000 });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The id in one of the links that it ends with. */
function linkedId(output: string, which: string): string {
  const [, traceId] = new RegExp(`the ${which} trace: .*/trace/([0-9a-f]{32})`).exec(output) ?? [];
  ok(traceId !== undefined, output);
  return traceId;
}

function checkGood(spans: readonly StoredSpan[], { path, number }: Example): void {
  equal(spanNamed(spans, 'my-service', 'GET /api/users').parentId, undefined);
  const lastSpan = spanNamed(spans, 'downstream-service', path.at(-1)!);
  deepEqual(pathTo(lastSpan, spans), [...path.slice(0, -1), `downstream-service: ${path.at(-1)}`]);
  const users = spanNamed(spans, 'my-service', 'get_users');
  equal(users.attributes['user.count'], 100);
  equal(users.types['user.count'], number);
  deepEqual(users.events, [{ name: 'users.fetched', attributes: { 'user.count': 100 } }]);
  // Set by one service, carried by a header, read by the other.
  equal(users.attributes['user_id'], '42');
  equal(lastSpan.attributes['user_id'], '42');
  const [cacheMiss] = lastSpan.events;
  equal(cacheMiss.name, 'cache.miss');
  match(String(cacheMiss.attributes['cache.key']), /:42$/);
  equal(spans.filter(({ attributes }) => attributes['error'] === true).length, 0);
}

function checkFailed(spans: readonly StoredSpan[], { path, exception }: Example): void {
  const cause = spanNamed(spans, 'downstream-service', path.at(-1)!);
  equal(cause.attributes['error'], true);
  match(String(cause.attributes['otel.status_description']), /nobody has id 0/);
  deepEqual(
    cause.events.map(({ name }) => name),
    ['cache.miss', 'exception'],
  );
  equal(cause.events[1].attributes['exception.type'], exception);
  equal(cause.events[1].attributes['exception.message'], 'nobody has id 0');
  equal(cause.attributes['user_id'], '0');
  // The failure came up through both services.
  const users = spanNamed(spans, 'my-service', 'get_users');
  equal(users.attributes['error'], true);
  equal(users.events.at(-1)!.name, 'exception');
  const request = spanNamed(spans, 'my-service', 'GET /api/users');
  equal(request.attributes['error'], true);
  equal(request.attributes['http.response.status_code'] ?? request.attributes['http.status_code'], 502);
}

/** The caller's trace state came through both services, and its span, which it keeps to itself, is the parent of the first. */
function checkCalled(spans: readonly StoredSpan[], { form }: Example): void {
  const { parentId } = spanNamed(spans, 'my-service', 'GET /api/users');
  ok(parentId !== undefined && spans.every(({ id }) => id !== parentId), `its parent is ${parentId}`);
  // Jaeger's Thrift has no field for the trace state; OTLP has.
  const traceStates = new Set(spans.map(({ attributes }) => attributes['w3c.tracestate']));
  deepEqual([...traceStates], form === 'otlp' ? ['congo=t61rcWkgMzE'] : [undefined]);
}

/** Both services wrote the stored trace's id into their logs. */
function checkLog(output: string, traceId: string): void {
  const lines = output.split('\n').filter((line) => /trace_id"?[=:]/.test(line) && line.includes(traceId));
  ok(lines.length >= 2, `${traceId} is not twice in the logs:\n${output}`);
}

/** Other ways to ask find the failed trace, too: TraceQL through Tempo's API, Jaeger's gRPC, the services' map. */
async function checkElsewhere(traceId: string, { spanCount }: Example): Promise<void> {
  const q =
    '{ resource.service.name = "my-service" } >> { resource.service.name = "downstream-service" && status = error }';
  const search = `http://127.0.0.1:${spoor.ports['tempo-http']}/api/search?${new URLSearchParams({ q }).toString()}`;
  const { traces } = (await (await fetch(search)).json()) as { traces: readonly { readonly traceID: string }[] };
  ok(
    traces.some(({ traceID }) => traceID.padStart(32, '0') === traceId),
    JSON.stringify(traces),
  );

  const client = new ProtoClient(`127.0.0.1:${spoor.ports['jaeger-query-grpc']}`);
  const chunks = await client.all<{ readonly spans: readonly unknown[] }>('jaeger.api_v2.QueryService', 'GetTrace', {
    traceId: Buffer.from(traceId, 'hex'),
  });
  client.close();
  equal(chunks.flatMap(({ spans }) => spans).length, spanCount);

  const parameters = { endTs: `${Date.now()}`, lookback: '3600000' };
  const { data } = await askJaeger<readonly { readonly parent: string; readonly child: string }[]>(
    spoor.jaeger,
    '/api/dependencies',
    parameters,
  );
  deepEqual(
    data.map(({ parent, child }) => `${parent} → ${child}`),
    ['my-service → downstream-service'],
  );
}
