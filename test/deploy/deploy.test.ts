import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { portEntries, readConfig, receiverEntries, type Config } from 'spoor';
import { parseAllDocuments } from 'yaml';
import { buildDockerfile, sizeOf, type BuiltImage } from './dockerfile.ts';

const root = join(import.meta.dirname, '../..');
const allEntries = [...portEntries, ...receiverEntries];

/** Documents of a YAML file of ours, placeholders filled in. */
function documents(path: string): readonly unknown[] {
  const text = readFileSync(join(root, 'deploy', path), 'utf8').replaceAll(/<[\w:>/<-]+>/g, 'x');
  return parseAllDocuments(text).map((document) => {
    deepEqual(document.errors, []);
    return document.toJS() as unknown;
  });
}

interface ComposeFile {
  readonly services: { readonly spoor: { readonly environment: readonly string[]; readonly ports: readonly string[] } };
}

interface ConfigMap {
  readonly data: { readonly 'tempo.yaml': string };
}

interface Deployment {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly [Container] } } };
}

interface Container {
  readonly args: readonly string[];
  readonly ports: readonly { readonly containerPort: number }[];
  readonly volumeMounts: readonly { readonly mountPath: string }[];
}

interface Service {
  readonly spec: { readonly ports: readonly { readonly port: number }[] };
}

type OptionTree = { readonly [name: string]: OptionTree | string | number | boolean };

interface JaegerResource {
  readonly spec: {
    readonly strategy: string;
    readonly allInOne: { readonly options: OptionTree };
    readonly storage: { readonly type: string; readonly options: OptionTree };
  };
}

function configOf(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): { config: Config; notes: readonly string[] } {
  const command = readConfig(args, { HOME: '/home/me', ...env });
  if (command.kind !== 'serve') throw new Error('a configuration is expected');
  return {
    config: command.config,
    notes: command.notes.filter(({ level }) => level === 'warn').map(({ message }) => message),
  };
}

test('Dockerfile: its steps give a small program that runs as nobody in particular, where it can write its data only', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'spoor-image-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const image = await buildDockerfile(join(root, 'deploy/Dockerfile'), root, directory);
  const program = join(image.root, image.workingDirectory);
  equal(existsSync(join(program, 'packages/demo')), false);
  equal(existsSync(join(program, 'packages/server/src/config.test.ts')), false);
  const megabytes = sizeOf(program) / 1e6;
  t.diagnostic(`${megabytes.toFixed(1)} MB of program`);
  ok(megabytes < 25, `${megabytes} MB`);
  const { port, stop } = await run(image);
  try {
    const page = await fetch(`http://127.0.0.1:${port}/`);
    match(await page.text(), /<script type="module" [^>]*src="main-/);
    equal(healthCheck(image, { SPOOR_JAEGER_HTTP_PORT: `${port}` }), 0);
    equal(healthCheck(image, { QUERY_HTTP_SERVER_HOST_PORT: `0.0.0.0:${port}` }), 0);
    equal(existsSync(join(image.root, 'data/spoor')), true);
  } finally {
    equal(await stop(), 0);
  }
  equal(healthCheck(image, { SPOOR_JAEGER_HTTP_PORT: `${port}` }), 1);
});

/** Starts the image's program as its user, from a file system it cannot write to, and waits until it is ready. */
async function run(image: BuiltImage): Promise<{ port: number; stop: () => Promise<number | null> }> {
  const data = join(image.root, image.env['XDG_DATA_HOME']);
  const program = join(image.root, image.workingDirectory);
  const [uid, gid] = image.user.split(':').map(Number);
  const isRoot = process.getuid?.() === 0;
  ok(uid > 0 && gid > 0);
  spawnSync('chmod', ['-R', 'a+rX,a-w', image.root]);
  if (isRoot) chownSync(data, uid, gid);
  chmodSync(data, 0o700);
  chmodSync(join(image.root, '..'), 0o755);
  // The image's Node is its base image's; ours may lie where that user may not look.
  const node = join(image.root, '..', 'node');
  copyFileSync(process.execPath, node);
  chmodSync(node, 0o755);
  const port = await freePort();
  const off = allEntries.filter(({ name }) => name !== 'jaeger-http').flatMap(({ flag }) => [`--${flag}`, 'off']);
  const [, ...args] = image.entrypoint;
  const child = spawn(node, [...args, ...off, '--jaeger-http-port', `${port}`], {
    cwd: program,
    env: { ...image.env, XDG_DATA_HOME: data, XDG_CACHE_HOME: join(data, 'cache') },
    stdio: ['ignore', 'ignore', 'inherit'],
    ...(isRoot && { uid, gid }),
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const stop = (): Promise<number | null> => {
    child.kill('SIGTERM');
    return ended;
  };
  for (let i = 0; i < 200 && child.exitCode === null; i++) {
    const isReady = await fetch(`http://127.0.0.1:${port}/ready`).then(
      ({ ok: isOk }) => isOk,
      () => false,
    );
    if (isReady) return { port, stop };
    await sleep(100);
  }
  await stop();
  throw new Error('the image’s program did not become ready');
}

function healthCheck({ healthCheck: [, ...args] }: BuiltImage, env: Readonly<Record<string, string>>): number | null {
  return spawnSync(process.execPath, args, { env }).status;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('Dockerfile: names every port there is, but that of a storage for another Jaeger', () => {
  const text = readFileSync(join(root, 'deploy/Dockerfile'), 'utf8');
  const exposed = /^EXPOSE (.*)$/m
    .exec(text)![1]
    .split(' ')
    .map((port) => Number.parseInt(port, 10));
  const ports = allEntries.filter(({ name }) => name !== 'remote-storage').map(({ port }) => port);
  deepEqual(new Set(exposed), new Set<number>(ports));
});

test('docker-compose.yaml: the ports are those the program has, and its variables are understood', () => {
  const { environment, ports } = (documents('docker-compose.yaml')[0] as ComposeFile).services.spoor;
  const env = Object.fromEntries(environment.map((one) => one.split(/=(.*)/s))) as Record<string, string>;
  const { config, notes } = configOf([], env);
  deepEqual(notes, []);
  equal(config.receivers.zipkin.port, 9411);
  const known = allEntries.map(({ port }) => port as number);
  const mapped = ports.map((mapping) => Number(/^(\d+):\1(\/udp)?$/.exec(mapping)![1]));
  for (const port of mapped) ok(known.includes(port), `${port}`);
  // What Jaeger's all-in-one is started with.
  for (const port of [5775, 6831, 6832, 5778, 16686, 14268, 14250, 9411]) ok(mapped.includes(port), `${port}`);
});

test('kubernetes.yaml: its file opens the ports that its service names, and keeps data on the volume', (t) => {
  const [configMap, , deployment, service] = documents('kubernetes.yaml') as [ConfigMap, unknown, Deployment, Service];
  const directory = mkdtempSync(join(tmpdir(), 'spoor-kubernetes-'));
  t.after(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'tempo.yaml'), configMap.data['tempo.yaml']);
  const [container] = deployment.spec.template.spec.containers;
  const { config, notes } = configOf(container.args.map((arg) => arg.replace('/etc/tempo', directory)));
  deepEqual([notes, config.dataDir, config.host], [[], '/data', '::']);
  ok(container.volumeMounts.some(({ mountPath }) => mountPath === config.dataDir));
  const open = [...Object.values(config.ports), ...Object.values(config.receivers)].map(({ port }) => port);
  const served = service.spec.ports.map(({ port }) => port);
  deepEqual(
    served,
    container.ports.map(({ containerPort }) => containerPort),
  );
  for (const port of served) ok(open.includes(port), `${port}`);
});

test('jaeger-config.yaml.template: what the Operator makes of it starts', () => {
  const { storage, allInOne, strategy } = (documents('jaeger-config.yaml.template')[0] as JaegerResource).spec;
  equal(strategy, 'allInOne');
  const args = [...flagsOf(storage.options), ...flagsOf(allInOne.options)];
  // What else the Operator sets.
  const env = {
    SPAN_STORAGE_TYPE: storage.type,
    COLLECTOR_ZIPKIN_HOST_PORT: ':9411',
    COLLECTOR_OTLP_ENABLED: 'true',
    JAEGER_DISABLED: 'false',
  };
  const { config, notes } = configOf([...args, '--sampling.strategies-file=/etc/jaeger/sampling/sampling.json'], env);
  deepEqual([config.dataDir, config.retentionAgeMilli], ['/data', 336 * 3_600_000]);
  deepEqual(
    notes.map((note) => note.split(' ', 1)[0]),
    ['--badger.directory-key'],
  );
  throws(
    () => configOf(['--es.server-urls=http://elasticsearch:9200'], { SPAN_STORAGE_TYPE: 'elasticsearch' }),
    /keeps traces in its own store/,
  );
});

/** Nested or dotted, as the Operator flattens them. */
function flagsOf(tree: OptionTree, prefix = ''): readonly string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'object' ? flagsOf(value, `${prefix}${key}.`) : [`--${prefix}${key}=${value}`],
  );
}
