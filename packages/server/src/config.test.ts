import { deepEqual, equal, throws } from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { configOptions } from './config-option.ts';
import { defaultQueryCacheBytes, readConfig, type Config } from './config.ts';
import { helpText } from './help.ts';
import { parseBytes, parseTime } from './quantity.ts';

const home = { HOME: '/home/me' };

test('readConfig: nothing to configure', () => {
  const config = serve([], home);
  equal(config.dataDir, '/home/me/.local/share/spoor');
  equal(serve([], { ...home, XDG_DATA_HOME: '/data' }).dataDir, '/data/spoor');
  deepEqual(
    Object.values(config.ports).map(({ port }) => port),
    [4317, 4318, 16686, 16685, 17271, 3200, 9095, 14269, 16687],
  );
  deepEqual([config.host, config.basePath, config.corsOrigins, config.logFormat], [undefined, '', ['*'], 'text']);
  equal(config.retentionAgeMilli, 14 * 24 * 3600 * 1000);
  equal(config.memoryBytes, 512 * 1024 * 1024);
});

test('readConfig: a flag wins over the environment, the environment over the default', () => {
  equal(serve([], { ...home, SPOOR_OTLP_HTTP_PORT: '1' }).ports['otlp-http'].port, 1);
  equal(serve(['--otlp-http-port', '2'], { ...home, SPOOR_OTLP_HTTP_PORT: '1' }).ports['otlp-http'].port, 2);
  equal(serve(['--otlp-http-port=2'], home).ports['otlp-http'].port, 2);
  equal(serve([], { ...home, SPOOR_OTLP_HTTP_PORT: '' }).ports['otlp-http'].port, 4318);
});

test('defaultQueryCacheBytes: a sixteenth of the memory, within bounds', () => {
  const gib = 2 ** 30;
  equal(defaultQueryCacheBytes(gib), 128 * 2 ** 20);
  equal(defaultQueryCacheBytes(8 * gib), gib / 2);
  equal(defaultQueryCacheBytes(64 * gib), gib);
});

test('readConfig: values', () => {
  equal(serve(['--base-path', '/spoor/'], home).basePath, '/spoor');
  equal(serve(['--base-path', '/'], home).basePath, '');
  equal(serve(['--data-dir', '/x/../y'], home).dataDir, '/y');
  deepEqual(serve(['--cors-origins', 'https://a.example, http://localhost:3000'], home).corsOrigins, [
    'https://a.example',
    'http://localhost:3000',
  ]);
  deepEqual(serve(['--cors-origins', 'none'], home).corsOrigins, []);
  equal(serve(['--retention-bytes', '20GB'], home).retentionBytesMax, 20e9);
  equal(serve(['--host', 'localhost'], home).host, 'localhost');
});

test("readConfig: Tempo's ports can be moved and switched off", () => {
  const { ports, tempoApiPrefix } = serve([], home);
  deepEqual([ports['tempo-http'].port, ports['tempo-grpc'].port, tempoApiPrefix], [3200, 9095, '']);
  const told = serve(['--tempo-http-port', '0', '--tempo-api-prefix=/tempo/'], {
    ...home,
    SPOOR_TEMPO_GRPC_PORT: 'off',
  });
  deepEqual([told.ports['tempo-http'].port, told.ports['tempo-grpc'].port], [0, undefined]);
  equal(told.tempoApiPrefix, '/tempo');
});

test("readConfig: Jaeger's options for sampling, by flag and by variable", () => {
  const { sampling } = serve([], home);
  deepEqual([sampling.type, sampling.strategiesFile, sampling.defaultProbability], ['file', undefined, 1]);
  deepEqual(
    [sampling.reloadMilli, sampling.adaptive.intervalMilli, sampling.adaptive.delayMilli],
    [10_000, 60_000, 15_000],
  );
  const flags = ['--sampling.strategies-file=/a.json', '--sampling.strategies-reload-interval', '0s'];
  const told = serve([...flags, '--sampling.calculation-interval', '1m30s'], {
    ...home,
    SAMPLING_CONFIG_TYPE: 'adaptive',
    SAMPLING_DEFAULT_SAMPLING_PROBABILITY: '0.001',
    SAMPLING_TARGET_SAMPLES_PER_SECOND: '2.5',
  }).sampling;
  deepEqual([told.type, told.strategiesFile, told.reloadMilli], ['adaptive', '/a.json', undefined]);
  deepEqual(
    [told.defaultProbability, told.adaptive.targetPerSecond, told.adaptive.intervalMilli],
    [0.001, 2.5, 90_000],
  );
  equal(serve([], { ...home, SAMPLING_TYPE: 'adaptive' }).sampling.type, 'adaptive');
  equal(serve([], { ...home, SAMPLING_TYPE: 'adaptive', SAMPLING_CONFIG_TYPE: 'file' }).sampling.type, 'file');
  throws(() => serve([], { ...home, SAMPLING_CONFIG_TYPE: 'tail' }), /SAMPLING_CONFIG_TYPE must be file or adaptive/);
  throws(() => serve(['--sampling.default-sampling-probability', '2'], home), /must be a number from 0 to 1, not '2'/);
  throws(() => serve(['--sampling.delay', 'soon'], home), /--sampling\.delay must be a time/);
});

test('readConfig: says what is wrong in one line', () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['--data-dri', 'x'], /^unknown option --data-dri; did you mean --data-dir\?$/],
    [['--quite-unknown'], /^unknown option --quite-unknown; see spoor --help$/],
    [['serve'], /^'serve' is not an option/],
    [['--otlp-http-port', '99999'], /^--otlp-http-port must be a port/],
    [['--otlp-http-port', 'x'], /^--otlp-http-port must be a port/],
    [['--memory', 'lots'], /^--memory must be a size such as 512MiB/],
    [['--retention-age', '7'], /^--retention-age must be a time such as 36h/],
    [['--query-cache', 'much'], /^--query-cache must be a size/],
    [['--query-workers', '0'], /^--query-workers must be a number/],
    [['--log-format', 'xml'], /^--log-format must be text or json/],
    [['--base-path', 'no slash'], /^--base-path must be a path/],
    [['--cors-origins', 'example.com'], /^--cors-origins must list origins/],
    [['--data-dir'], /data-dir/],
  ];
  for (const [args, message] of cases) {
    throws(() => readConfig(args, home), { name: 'ConfigError', message }, args.join(' '));
    try {
      readConfig(args, home);
    } catch (error) {
      equal((error as Error).message.includes('\n'), false);
    }
  }
  throws(() => readConfig([], { ...home, SPOOR_MEMORY: 'x' }), { message: /^SPOOR_MEMORY must be/ });
});

test('readConfig: help and version', () => {
  equal(readConfig(['--help'], {}).kind, 'help');
  equal(readConfig(['-v'], {}).kind, 'version');
});

test('helpText: names every option, and no line is wider than a terminal should have to be', () => {
  const text = helpText();
  for (const { flag } of configOptions) equal(text.includes(`--${flag} `), true, flag);
  for (const line of text.split('\n')) equal(line.length <= 110, true, line);
});

test('parseBytes, parseTime', () => {
  deepEqual(['0', '512MiB', '1.5g', '20GB', '7 kib', 'x', '-1', '1 parsec'].map(parseBytes), [
    0,
    536870912,
    1610612736,
    20e9,
    7168,
    undefined,
    undefined,
    undefined,
  ]);
  deepEqual(['500ms', '36h', '7d', '4w', '1y', '1d12h', ' 1w 2d', '1.5 d'].map(parseTime), [
    500,
    129_600_000,
    604_800_000,
    2_419_200_000,
    31_536_000_000,
    129_600_000,
    undefined,
    129_600_000,
  ]);
  for (const text of ['7', '', '1d12', '1d-2h', 'd', '1.2.3d', '1 parsec', '1h1x'])
    equal(parseTime(text), undefined, text);
});

test('readConfig: a configuration file, weaker than variables, which are weaker than flags', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'spoor-config-')), 'tempo.yaml');
  await writeFile(
    path,
    'server: {http_listen_port: 3300}\nstorage: {trace: {backend: local, local: {path: "${WHERE:-/var/tempo}"}}}\n' +
      'compactor: {compaction: {block_retention: 336h0m0s}}\ndistributor: {receivers: {otlp: {protocols: {grpc: }}}}\n',
  );
  const read = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Config =>
    serve([`-config.file=${path}`, '-config.expand-env', ...args], { ...home, ...env });
  const config = read([]);
  deepEqual([config.dataDir, config.host, config.retentionAgeMilli], ['/var/tempo', '::', 14 * 24 * 3600 * 1000]);
  deepEqual(
    [config.ports['tempo-http'].port, config.ports['otlp-grpc'].port, config.ports['otlp-http'].port],
    [3300, 4317, undefined],
  );
  deepEqual([config.ports.admin.port, config.receivers.zipkin.port], [undefined, undefined]);
  equal(read([], { WHERE: '/w' }).dataDir, '/w');
  deepEqual(otlpPorts(read([], { COLLECTOR_OTLP_ENABLED: 'false' })), [undefined, undefined]);
  deepEqual(otlpPorts(read(['--otlp-grpc-port=5'], { COLLECTOR_OTLP_ENABLED: 'false' })), [5, undefined]);
  const env = { SPOOR_HOST: '127.0.0.1', COLLECTOR_ZIPKIN_HOST_PORT: ':9411', SPOOR_DATA_DIR: '/env' };
  const told = read(['--tempo-http-port', '1', '--badger.directory-value=/flag'], env);
  deepEqual([told.host, told.receivers.zipkin.port, told.ports['tempo-http'].port], ['127.0.0.1', 9411, 1]);
  equal(told.dataDir, '/flag');
  equal(serve([], { ...home, SPOOR_CONFIG_FILE: path, SPOOR_CONFIG_EXPAND_ENV: 'true' }).dataDir, '/var/tempo');
  throws(() => serve(['-config.file=/no/such/file'], home), /^ConfigError: --config\.file: ENOENT/);
  throws(() => serve([`-config.file=${dirname(path)}`], home), /^ConfigError: --config\.file: EISDIR/);
  throws(() => serve(['-config.file=/dev/zero'], home), /at most 1048576 bytes/);
  throws(() => read([], { WHERE: 'x'.repeat(2 ** 20) }), /at most 1048576 bytes/);
  throws(
    () => serve([], { SPOOR_CONFIG_FILE: path, SPOOR_CONFIG_EXPAND_ENV: 'perhaps' }),
    /must be true or false, not 'perhaps'/,
  );
});

test('readConfig: -config.verify says what is wrong in place of starting', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'spoor-config-')), 'tempo.yaml');
  const verify = async (yaml: string): Promise<readonly unknown[]> => {
    await writeFile(path, yaml);
    const command = readConfig([`-config.file=${path}`, '-config.verify=true'], home);
    if (command.kind !== 'verify') throw new Error('it should not start');
    return [command.problem, command.notes.map(({ message, isUnknown }) => `${isUnknown} ${message}`)];
  };
  deepEqual(await verify('server: {http_listen_port: 1}'), [undefined, []]);
  deepEqual(await verify('servr: {}'), [undefined, [`true ${path}:1: there is no servr; did you mean server?`]]);
  deepEqual(await verify('server: {http_listen_port: x}'), [
    `${path}:1: server.http_listen_port must be a port, 0 to 65535, an address such as 0.0.0.0:4317, or off; not 'x'`,
    [],
  ]);
  equal(readConfig(['-config.verify=false'], home).kind, 'serve');
});

test('readConfig: Jaeger’s file is weaker than variables and flags', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'spoor-config-')), 'jaeger.json');
  await writeFile(path, '{"query": {"base-path": "/file", "http-server.host-port": ":1"}, "log-level": "error"}');
  const config = serve([`--config-file=${path}`, '--log-level=warn'], { ...home, QUERY_BASE_PATH: '/variable' });
  deepEqual([config.basePath, config.ports['jaeger-http'].port, config.logLevel], ['/variable', 1, 'warn']);
  equal(serve([], { ...home, SPOOR_JAEGER_CONFIG_FILE: path }).basePath, '/file');
});

test('readConfig: Tempo’s flags, for those who have no file', () => {
  const flags = ['-server.http-listen-port=3300', '-server.grpc-listen-port', '9195', '-storage.trace.backend=local'];
  const more = ['-storage.trace.local.path=/var/tempo', '-compactor.compaction.block-retention=48h', '-log.level=warn'];
  const config = serve([...flags, ...more, '-http-api-prefix=/tempo'], home);
  deepEqual([config.ports['tempo-http'].port, config.ports['tempo-grpc'].port], [3300, 9195]);
  deepEqual(
    [config.dataDir, config.retentionAgeMilli, config.logLevel, config.tempoApiPrefix],
    ['/var/tempo', 48 * 3_600_000, 'warn', '/tempo'],
  );
  equal(serve(['-server.http-listen-port=1', '--tempo-http-port=2'], home).ports['tempo-http'].port, 2);
  throws(
    () => serve(['-storage.trace.backend=s3'], home),
    /^ConfigError: --storage\.trace\.backend is s3, and Spoor keeps/,
  );
});

test('readConfig: Jaeger’s options for what is here', () => {
  const table: readonly (readonly [
    readonly string[],
    Readonly<Record<string, string>>,
    (config: Config) => unknown,
    unknown,
  ])[] = [
    [[], { COLLECTOR_OTLP_ENABLED: 'false' }, otlpPorts, [undefined, undefined]],
    [['--collector.otlp.enabled=false', '--otlp-http-port', '1'], {}, otlpPorts, [undefined, 1]],
    [['--collector.otlp.enabled'], { COLLECTOR_OTLP_ENABLED: 'false' }, otlpPorts, [4317, 4318]],
    [[], { COLLECTOR_OTLP_GRPC_HOST_PORT: '0.0.0.0:4317' }, ({ ports }) => ports['otlp-grpc'].host, '0.0.0.0'],
    [['--query.http-server.host-port=:16680'], {}, ({ ports }) => ports['jaeger-http'].port, 16680],
    [[], { ADMIN_HTTP_HOST_PORT: ':1' }, ({ ports }) => ports.admin.port, 1],
    [[], { BADGER_DIRECTORY_VALUE: '/badger' }, ({ dataDir }) => dataDir, '/badger'],
    [[], { BADGER_SPAN_STORE_TTL: '72h0m0s' }, ({ retentionAgeMilli }) => retentionAgeMilli, 72 * 3_600_000],
    [[], { SPAN_STORAGE_TYPE: 'badger' }, ({ dataDir }) => dataDir, '/home/me/.local/share/spoor'],
    [['--log-level=debug'], {}, ({ logLevel }) => logLevel, 'info'],
    [[], { LOG_LEVEL: 'error' }, ({ logLevel }) => logLevel, 'error'],
    [[], { LOG_LEVEL: 'chatty' }, ({ logLevel }) => logLevel, 'info'],
    // What Kubernetes puts there for a service called spoor-zipkin.
    [
      [],
      { SPOOR_ZIPKIN_PORT: 'tcp://10.0.0.7:9411' },
      ({ receivers }) => receivers.zipkin,
      { port: 9411, host: undefined, isAskedFor: false },
    ],
  ];
  for (const [args, env, of, expected] of table)
    deepEqual(of(serve(args, { ...home, ...env })), expected, args.join() + JSON.stringify(env));
  for (const type of ['elasticsearch', 'opensearch', 'cassandra', 'grpc', 'memory,kafka'])
    throws(
      () => serve([], { ...home, SPAN_STORAGE_TYPE: type }),
      /^ConfigError: SPAN_STORAGE_TYPE is \w+, and Spoor keeps traces in its own store/,
    );
  const tags = serve(['--collector.tags=a=1, b=x=y ,c=${WHERE:none},d=${NONE:none},e=${NONE}'], {
    ...home,
    WHERE: 'w',
  });
  deepEqual(
    tags.resourceTags.map(({ key, value }) => `${key}:${value}`),
    ['a:1', 'b:x=y', 'c:w', 'd:none', 'e:'],
  );
  throws(() => serve([], { COLLECTOR_TAGS: 'a' }), /^ConfigError: COLLECTOR_TAGS must list tags such as/);
  throws(() => serve(['--span-storage.type=tape'], home), /--span-storage\.type must be memory or badger, not 'tape'/);
  throws(() => serve(['-target=ingester'], home), /^ConfigError: --target is 'ingester', but Spoor is one process/);
  equal(serve(['-target=all'], home).logFormat, 'text');
});

function otlpPorts({ ports }: Config): unknown {
  return [ports['otlp-grpc'].port, ports['otlp-http'].port];
}

function serve(args: readonly string[], env: Readonly<Record<string, string>>): Config {
  const command = readConfig(args, env);
  if (command.kind !== 'serve') throw new Error('a configuration is expected');
  return command.config;
}
