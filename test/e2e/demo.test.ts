import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { askJaeger, eventually, type JaegerSpan, type JaegerTrace } from './jaeger-client.ts';
import { startSpoor } from './start-spoor.ts';

const demoPath = fileURLToPath(new URL('../../packages/demo/src/main.ts', import.meta.url));
const allServices = ['api-gateway', 'auth-service', 'database', 'frontend', 'user-service'];

/*
 *   frontend  GET /orders                      user_id, tenant from here on in the baggage
 *   └─ frontend  GET /api/orders (client)
 *      └─ api-gateway  GET /api/orders
 *         ├─ api-gateway  POST /verify (client)
 *         │  └─ auth-service  POST /verify     fails for expired tokens
 *         └─ api-gateway  GET /users/{id}/orders (client)
 *            └─ user-service  GET /users/{id}/orders
 *               └─ user-service  SELECT orders (client)
 *                  └─ database  SELECT orders  slow for tenant globex
 */
test('demo: one trace through five services, an error and a slow query, and who calls whom', async () => {
  const spoor = await startSpoor();
  try {
    const { child, output } = startDemo(['--for', '8s', '--endpoint', spoor.otlpHttp, '--page', spoor.jaeger]);
    deepEqual(await once(child, 'exit'), [0, null], output.join(''));
    match(output.join(''), /what is slow +http:\/\/127\.0\.0\.1:\d+\/\S*minDuration=250ms/);
    match(output.join(''), /\d+ requests: [1-9]\d* denied for an expired token, [1-9]\d* slow for want of an index\n$/);
    const services = await askJaeger<readonly string[]>(spoor.jaeger, '/api/services');
    deepEqual(services.data, allServices);
    await checkWholeTrace(spoor.jaeger);
    await checkError(spoor.jaeger);
    await checkSlow(spoor.jaeger);
    await checkEdges(spoor.jaeger);
  } finally {
    await spoor.stop();
  }
});

test('demo: starts Spoor where nobody listens, and Ctrl-C ends it all', async () => {
  const [otlpHttp, otlpGrpc, jaeger] = await freePorts(3);
  const { child, output } = startDemo([], {
    SPOOR_OTLP_HTTP_PORT: `${otlpHttp}`,
    SPOOR_OTLP_GRPC_PORT: `${otlpGrpc}`,
    SPOOR_JAEGER_HTTP_PORT: `${jaeger}`,
  });
  await eventually('all services are seen', async () => {
    equal(child.exitCode, null, output.join(''));
    const answer = await askJaeger<readonly string[]>(`http://127.0.0.1:${jaeger}`, '/api/services').catch(
      () => undefined,
    );
    return answer?.data?.length === allServices.length ? true : undefined;
  });
  const dataDir = /keeps them in (\S+);/.exec(output.join(''))?.[1];
  ok(dataDir !== undefined && existsSync(dataDir));
  child.kill('SIGINT');
  deepEqual(await once(child, 'exit'), [0, null]);
  equal(existsSync(dataDir), false, 'its data is gone');
  equal(await fetch(`http://127.0.0.1:${jaeger}/ready`).catch(() => 'nobody'), 'nobody');
});

test('demo: says so when nobody takes the spans', async () => {
  const [port] = await freePorts(1);
  const { child, output } = startDemo(['--for', '100ms', '--endpoint', `http://127.0.0.1:${port}`]);
  deepEqual(await once(child, 'exit'), [0, null]);
  match(output.join(''), /Nobody listens at http:\/\/127\.0\.0\.1:\d+: spans are lost until somebody does\./);
});

test('demo: says what is wrong with an option', async () => {
  const { child, output } = startDemo(['--rate', 'fast']);
  deepEqual(await once(child, 'exit'), [2, null]);
  equal(output.join(''), "demo: --rate must be a number of requests a second, up to 1000, not 'fast'\n");
});

async function checkWholeTrace(jaeger: string): Promise<void> {
  const { data } = await askJaeger(jaeger, '/api/traces', { service: 'database', limit: '1000' });
  const whole = data.filter((trace) => servicesOf(trace).length === 5);
  ok(whole.length > 0, 'a trace has all five services');
  for (const trace of whole) {
    deepEqual(edgesOf(trace), [
      'api-gateway > auth-service',
      'api-gateway > user-service',
      'frontend > api-gateway',
      'user-service > database',
    ]);
    const users = new Set(trace.spans.map((span) => tagOf(span, 'user_id')));
    equal(users.size, 1, 'every span has the user from the baggage');
    match(String([...users][0]), /^(acme|initech|globex)-\d\d$/);
  }
}

async function checkError(jaeger: string): Promise<void> {
  const { data } = await askJaeger(jaeger, '/api/traces', { service: 'auth-service', tags: '{"error":"true"}' });
  ok(data.length > 0, 'an error is found');
  deepEqual(servicesOf(data[0]), ['api-gateway', 'auth-service', 'frontend'], 'and nothing was asked beyond it');
  const failed = data[0].spans.find((span) => serviceOf(data[0], span) === 'auth-service')!;
  match(String(tagOf(failed, 'otel.status_description')), /^token expired at /);
  const exception = failed.logs.find((log) => log.fields.some(({ value }) => value === 'exception'))!;
  ok(exception.fields.some(({ key, value }) => key === 'exception.type' && value === 'TokenExpiredError'));
}

async function checkSlow(jaeger: string): Promise<void> {
  const { data } = await askJaeger(jaeger, '/api/traces', { service: 'database', minDuration: '250ms' });
  ok(data.length > 0, 'a slow trace is found');
  const slow = data[0].spans.find((span) => tagOf(span, 'db.plan') === 'full scan')!;
  equal(serviceOf(data[0], slow), 'database');
  equal(tagOf(slow, 'tenant'), 'globex');
}

interface Dependency {
  readonly parent: string;
  readonly child: string;
  readonly requestRate: number;
  readonly errorRate: number;
  readonly meanLatencyMs: number;
}

async function checkEdges(jaeger: string): Promise<void> {
  const { data } = await askJaeger<readonly Dependency[]>(jaeger, '/api/dependencies', { lookback: '60000' });
  deepEqual(
    data.map(({ parent, child }) => `${parent} > ${child}`),
    ['api-gateway > auth-service', 'api-gateway > user-service', 'frontend > api-gateway', 'user-service > database'],
  );
  for (const edge of data) {
    ok(edge.requestRate > 0 && edge.meanLatencyMs > 0);
    equal(edge.errorRate > 0, edge.child === 'auth-service', `${edge.child} has errors only where tokens expire`);
  }
}

function serviceOf(trace: JaegerTrace, span: JaegerSpan): string {
  return trace.processes[span.processID].serviceName;
}

function servicesOf(trace: JaegerTrace): readonly string[] {
  return [...new Set(trace.spans.map((span) => serviceOf(trace, span)))].toSorted();
}

/** Calls from one service to another, sorted. */
function edgesOf(trace: JaegerTrace): readonly string[] {
  const edges = trace.spans.flatMap((span) => {
    const parent = trace.spans.find(({ spanID }) => spanID === span.references[0]?.spanID);
    if (parent === undefined || serviceOf(trace, parent) === serviceOf(trace, span)) return [];
    return `${serviceOf(trace, parent)} > ${serviceOf(trace, span)}`;
  });
  return [...new Set(edges)].toSorted();
}

function tagOf(span: JaegerSpan, key: string): unknown {
  return span.tags.find((tag) => tag.key === key)?.value;
}

function startDemo(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): { child: ChildProcess; output: readonly string[] } {
  const child = spawn(process.execPath, ['--conditions=source', demoPath, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killAtExit = (): void => void child.kill('SIGTERM');
  process.once('exit', killAtExit);
  child.once('exit', () => process.off('exit', killAtExit));
  const output: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => output.push(text));
  return { child, output };
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((server) => once(server.listen(0, '127.0.0.1'), 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
