import { equal, match, throws } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fillForeignIndex } from './foreign-index.ts';
import { inlineJson, readUiConfig, ReloadedUiConfig } from './ui-config.ts';

const directory = mkdtempSync(join(tmpdir(), 'spoor-ui-'));
after(() => rmSync(directory, { recursive: true }));

const facts = { version: '1.2.3', basePath: '', uiConfig: undefined };
/** The places as Jaeger's pages of different ages have them. */
const page = `<base href="/" data-inject-target="BASE_URL"/>
<script>
  const JAEGER_CONFIG=DEFAULT_CONFIG;
  // JAEGER_CONFIG_JS
  // the line after it goes too
  const JAEGER_VERSION  =  DEFAULT_VERSION;
  JAEGER_STORAGE_CAPABILITIES = DEFAULT_STORAGE_CAPABILITIES;
  JAEGER_BACKEND_CAPABILITIES=DEFAULT_BACKEND_CAPABILITIES;
</script>`;

test('fillForeignIndex: version, capabilities and base path', () => {
  const filled = fillForeignIndex(page, { ...facts, basePath: '/jaeger' }).split('\n');
  equal(filled[0], '<base href="/jaeger/" data-inject-target="BASE_URL"/>');
  equal(filled[2], '  const JAEGER_CONFIG=DEFAULT_CONFIG;', 'without a configuration the page has its own');
  equal(filled[3], '  // JAEGER_CONFIG_JS');
  equal(filled[5], '  const JAEGER_VERSION = {"gitCommit":"","gitVersion":"v1.2.3","buildDate":""};');
  equal(filled[6], '  JAEGER_STORAGE_CAPABILITIES = {"archiveStorage":true,"metricsStorage":true};');
  equal(
    filled[7],
    '  JAEGER_BACKEND_CAPABILITIES = {"archiveStorage":true,"metricsStorage":true,"searchWithoutServiceName":true,"aiAssistant":false};',
  );
  equal(fillForeignIndex(page, facts).split('\n')[0], '<base href="/" data-inject-target="BASE_URL"/>');
  equal(fillForeignIndex('<html></html>', facts), '<html></html>');
});

test('fillForeignIndex: a JSON configuration is a value that cannot end the script', () => {
  const path = write('ui.json', '{ "menu": "</script>", "cost": "$&" }');
  const filled = fillForeignIndex(page, { ...facts, uiConfig: readUiConfig(path) });
  equal(filled.split('\n')[2], '  const JAEGER_CONFIG = {"menu":"\\u003c/script\\u003e","cost":"$\\u0026"};');
  equal(filled.includes('// JAEGER_CONFIG_JS'), true);
});

test('fillForeignIndex: a script takes the place of its line and the next', () => {
  const script = 'function UIConfig() {\n  return { a: "$1" };\n}';
  const filled = fillForeignIndex(page, { ...facts, uiConfig: readUiConfig(write('ui.js', `\n${script}\n`)) });
  match(filled, /DEFAULT_CONFIG;\nfunction UIConfig\(\) \{\n {2}return \{ a: "\$1" \};\n\}\n {2}const JAEGER_VERSION/);
});

test('readUiConfig: says what is wrong with a file', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [join(directory, 'absent.json'), /^cannot read UI config file .*absent\.json: ENOENT/],
    [write('broken.json', '{'), /^cannot parse UI config file .*broken\.json: /],
    [write('list.json', '[]'), /an object is expected$/],
    [write('other.js', 'var x = 1;'), /^UI config file must define function UIConfig\(\): /],
    [write('ui.yaml', 'x: 1'), /^unrecognized UI config file format, expecting \.js or \.json file: /],
  ];
  for (const [path, message] of cases) throws(() => readUiConfig(path), { name: 'ConfigError', message });
});

test('ReloadedUiConfig: is read again every ten seconds, and outlives a broken file', () => {
  let now = 0;
  const errors: Error[] = [];
  const path = write('live.json', '{"n":1}');
  const config = new ReloadedUiConfig(
    path,
    (error) => errors.push(error),
    () => now,
  );
  write('live.json', '{"n":2}');
  now = 9_999;
  equal(config.current.text, '{"n":1}');
  now = 10_000;
  equal(config.current.text, '{"n":2}');
  write('live.json', '{');
  now = 20_000;
  equal(config.current.text, '{"n":2}');
  equal(errors.length, 1);
});

test('inlineJson: is the same value', () => {
  const value = { text: '<!-- & \u2028 -->' };
  equal(/[<>&\u2028]/.test(inlineJson(value)), false);
  equal(JSON.stringify(JSON.parse(inlineJson(value))), JSON.stringify(value));
});

function write(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}
