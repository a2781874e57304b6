import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startSpoor } from './start-spoor.ts';

const mainPath = fileURLToPath(new URL('../../packages/server/src/main.ts', import.meta.url));

/** What a ConfigMap for Tempo holds, but for its backend, and with ports that a test may have. */
async function configFile(backend: string): Promise<{ path: string; http: number; grpc: number; page: number }> {
  const [http, grpc, page, thrift] = await freePorts(4);
  const directory = await mkdtemp(join(tmpdir(), 'spoor-tempo-'));
  const path = join(directory, 'tempo.yaml');
  await writeFile(
    path,
    `server:
  http_listen_port: \${TEMPO_PORT:-0}
  grpc_listen_port: 0

distributor:
  receivers:
    jaeger:
      protocols:
        thrift_http:
          endpoint: 0.0.0.0:${thrift}
        grpc:
          endpoint: localhost:0
    otlp:
      protocols:
        http:
          endpoint: :${http}
        grpc:
          endpoint: 0.0.0.0:${grpc}

storage:
  trace:
    backend: ${backend}
    local:
      path: ${join(directory, 'blocks')}
    s3:
      bucket: tempo-traces
      endpoint: s3.amazonaws.com

querier:
  frontend_worker:
    frontend_address: tempo-query-frontend:9095
`,
  );
  return { path, http, grpc, page };
}

test('spoor -config.file: starts as Tempo does, with the listed receivers open to everybody', async () => {
  const { path, http, grpc, page } = await configFile('local');
  const moved = [`--jaeger-http-port=${page}`, '--sampling-http-port=0', '--sampling-grpc-port=0'];
  const args = [`-config.file=${path}`, '-config.expand-env=true', ...moved];
  const spoor = await startSpoor({ onlyArgs: [...args, '--log-format=json'], env: { TEMPO_PORT: '' } });
  try {
    deepEqual([spoor.ports['otlp-http'], spoor.ports['otlp-grpc'], spoor.ports['jaeger-http']], [http, grpc, page]);
    deepEqual(Object.keys(spoor.receivers).toSorted(), [
      'jaeger-grpc',
      'jaeger-thrift-http',
      'sampling-grpc',
      'sampling-http',
    ]);
    const body = JSON.stringify({ resourceSpans: [] });
    const headers = { 'Content-Type': 'application/json' };
    for (const host of ['127.0.0.1', ...ownAddresses()]) {
      equal((await fetch(`http://${host}:${http}/v1/traces`, { method: 'POST', headers, body })).status, 200, host);
      equal((await fetch(`http://${host}:${page}/ready`)).status, 200, host);
      ok(await connects(host, grpc), host);
    }
    equal(await connects('127.0.0.1', spoor.receivers['jaeger-grpc']!), true);
    for (const host of ownAddresses()) equal(await connects(host, spoor.receivers['jaeger-grpc']!), false, host);
    const lines = spoor.log.map(({ level, message }) => `${level} ${message.replace(path, 'tempo.yaml')}`);
    ok(lines.includes('info tempo.yaml: Spoor needs none of querier'), lines.join('\n'));
    match(
      lines.find((line) => line.startsWith('warn'))!,
      /storage\.trace\.s3 has no effect/,
    );
    match(spoor.log.find(({ message }) => message === 'ready')!['dataDir'] as string, /blocks$/);
  } finally {
    equal(await spoor.stop(), 0);
  }
});

test('spoor -config.verify: 0 for what would start, 1 and a reason for what would not', async () => {
  const verify = async (backend: string, ...args: readonly string[]): Promise<readonly [number | null, string]> => {
    const { path } = await configFile(backend);
    const all = [
      '--conditions=source',
      mainPath,
      `-config.file=${path}`,
      '-config.expand-env',
      '-config.verify',
      ...args,
    ];
    const { status, stderr } = spawnSync(process.execPath, all, { encoding: 'utf8' });
    return [status, stderr.replaceAll(path, 'tempo.yaml')];
  };
  equal((await verify('local'))[0], 0);
  const [status, text] = await verify('s3');
  equal(status, 1);
  match(
    text,
    /^error: tempo\.yaml:\d+: storage\.trace\.backend is s3, and Spoor keeps traces on local disk only so far: set/,
  );
  match((await verify('local', '-target=querier'))[1], /^error: --target is 'querier', but Spoor is one process/m);
  deepEqual(await verify('local', '--query.base-pth=/x').then(([code]) => code), 1);
});

/** Addresses of this machine that others reach it by. */
function ownAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address);
}

function connects(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
