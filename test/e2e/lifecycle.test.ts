import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, credentials } from '@grpc/grpc-js';
import { askJaeger, eventually } from './jaeger-client.ts';
import { freshIds, traceRequest } from './otlp-body.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

const mainPath = fileURLToPath(new URL('../../packages/server/src/main.ts', import.meta.url));

const warnings = ({ log }: RunningSpoor): unknown[] => log.filter(({ level }) => level !== 'info');

async function run(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    const result = await promisify(execFile)(process.execPath, ['--conditions=source', mainPath, ...args]);
    return { code: 0, ...result };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

test('spoor --help, --version, wrong usage', async () => {
  const help = await run('--help');
  equal(help.code, 0);
  match(help.stdout, /--data-dir DIR/);
  match((await run('--version')).stdout, /^spoor \d+\.\d+\.\d+\n$/);
  const wrong = await run('--data-dirr', 'x');
  equal(wrong.code, 2);
  equal(wrong.stderr, 'spoor: unknown option --data-dirr; did you mean --data-dir?\n');
});

test('spoor: a port in use is one clear line that names port and option', async () => {
  const first = await startSpoor();
  try {
    for (const [flag, address] of [
      ['otlp-grpc-port', `http://${first.otlpGrpc}`],
      ['otlp-http-port', first.otlpHttp],
      ['jaeger-http-port', first.jaeger],
    ] as const) {
      const { port } = new URL(address);
      const message = new RegExp(`port ${port} for .* on 127\\.0\\.0\\.1 is in use by another program.*--${flag}`);
      await rejects(startSpoor({ args: [`--${flag}`, port] }), { message }, flag);
    }
  } finally {
    await first.stop();
  }
});

test('spoor: a data directory has one owner', async () => {
  const first = await startSpoor();
  try {
    await rejects(startSpoor({ dataDir: first.dataDir }), { message: /is used by process \d+.*--data-dir/ });
  } finally {
    equal(await first.stop(), 0);
  }
});

test('spoor: SIGTERM lets a request in flight finish, and what it acknowledged is there after the next start', async (context) => {
  const spoor = await startSpoor();
  context.after(() => spoor.process.kill('SIGKILL'));
  const ids = freshIds();
  const body = traceRequest('drain', [ids]);
  const sending = request(`${spoor.otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-protobuf', 'Content-Length': body.length, Expect: '100-continue' },
  });
  const awaited = once(sending, 'continue');
  const replied = once(sending, 'response') as Promise<[{ statusCode: number; resume(): void }]>;
  sending.write(body.subarray(0, 10));
  await awaited;
  const stopped = spoor.stop();
  await sleep(100);
  sending.end(body.subarray(10));
  const [response] = await replied;
  response.resume();
  equal(response.statusCode, 200);
  equal(await stopped, 0);
  const again = await startSpoor({ dataDir: spoor.dataDir });
  context.after(() => again.process.kill('SIGKILL'));
  equal((await askJaeger(again.jaeger, `/api/traces/${ids.traceId}`)).status, 200);
  equal(await again.stop(), 0);
});

test('spoor: idle keep-alive connections do not hold up the end; a second signal ends at once', async (context) => {
  const idle = await startSpoor();
  context.after(() => idle.process.kill('SIGKILL'));
  await fetch(`${idle.jaeger}/ready`).then((reply) => reply.text());
  equal(await idle.stop(), 0);
  deepEqual(warnings(idle), []);
  const hanging = await startSpoor();
  context.after(() => hanging.process.kill('SIGKILL'));
  const open = request(`${hanging.otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Expect: '100-continue' },
  });
  open.on('error', () => {});
  open.write('{');
  await once(open, 'continue');
  hanging.process.kill('SIGTERM');
  await eventually('it stops', async () => hanging.log.find(({ message }) => message === 'stopping'));
  equal(await hanging.stop('SIGINT'), 130);
});

test('spoor: a gRPC client that stays connected does not hold up the end', async (context) => {
  const spoor = await startSpoor();
  context.after(() => spoor.process.kill('SIGKILL'));
  const client = new Client(spoor.otlpGrpc, credentials.createInsecure());
  context.after(() => client.close());
  await promisify(client.waitForReady.bind(client))(Date.now() + 5_000);
  equal(await spoor.stop(), 0);
  deepEqual(warnings(spoor), []);
});
