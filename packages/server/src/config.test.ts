import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { configOptions } from './config-option.ts';
import { readConfig, type Config } from './config.ts';
import { helpText } from './help.ts';
import { parseBytes, parseTime } from './quantity.ts';

const home = { HOME: '/home/me' };

test('readConfig: nothing to configure', () => {
  const config = serve([], home);
  equal(config.dataDir, '/home/me/.local/share/spoor');
  equal(serve([], { ...home, XDG_DATA_HOME: '/data' }).dataDir, '/data/spoor');
  deepEqual(
    Object.values(config.ports).map(({ port }) => port),
    [4317, 4318, 16686, 16685, 17271, 14269, 16687],
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
  deepEqual(['500ms', '36h', '7d', '4w', '7', ''].map(parseTime), [
    500,
    129600000,
    604800000,
    2419200000,
    undefined,
    undefined,
  ]);
});

function serve(args: readonly string[], env: Readonly<Record<string, string>>): Config {
  const command = readConfig(args, env);
  if (command.kind !== 'serve') throw new Error('a configuration is expected');
  return command.config;
}
