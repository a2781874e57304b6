import { deepEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { readJaegerConfigFile } from './jaeger-config-file.ts';

function read(text: string, name = 'jaeger.yaml'): readonly unknown[] {
  const { settings, notes } = readJaegerConfigFile(name, text);
  return [
    Object.fromEntries([...settings].map(([flag, { text: value }]) => [flag, value])),
    notes.map((note) => note.message),
  ];
}

test('readJaegerConfigFile: options nested and dotted, in YAML and JSON', () => {
  const expected = { 'collector.zipkin.host-port': ':9411', 'query.base-path': '/jaeger', 'log-level': 'warn' };
  deepEqual(read('collector:\n  zipkin:\n    host-port: ":9411"\nquery.base-path: /jaeger\nlog-level: warn\n'), [
    expected,
    [],
  ]);
  deepEqual(read('Collector: {zipkin.host-port: ":9411"}\nQUERY: {Base-Path: /jaeger}\nlog-level: warn'), [
    expected,
    [],
  ]);
  const json = {
    collector: { zipkin: { 'host-port': ':9411' } },
    query: { 'base-path': '/jaeger' },
    'log-level': 'warn',
  };
  deepEqual(read(JSON.stringify(json, undefined, 2), 'jaeger.json'), [expected, []]);
  deepEqual(read(''), [{}, []]);
});

test('readJaegerConfigFile: what has no effect, and what nobody knows', () => {
  deepEqual(read('collector:\n  queue-size: 5000\nquery:\n  basepath: /x\nmulti-tenancy: {enabled: false}\nes:\n'), [
    {},
    [
      'jaeger.yaml:2: --collector.queue-size has no effect: there is no queue before the store; --memory bounds what is not on disk yet',
      'jaeger.yaml:4: there is no --query.basepath; did you mean --query.base-path?',
    ],
  ]);
});

test('readJaegerConfigFile: what cannot be read', () => {
  throws(() => read('a = 1', 'jaeger.toml'), /^ConfigError: jaeger\.toml: this file may be YAML or JSON/);
  throws(() => read('[1]'), /there are no options in it/);
  throws(() => read('query:\n  base-path: [a]'), /^ConfigError: jaeger\.yaml:2: query\.base-path must be a word/);
  throws(() => read(`${'a: {'.repeat(12)}${'}'.repeat(12)}`), /must be a word or a number/);
  const bomb = ['a0: &a0 {x: 1}'];
  for (let i = 1; i < 12; i++)
    bomb.push(`a${i}: &a${i} {${Array.from({ length: 10 }, (_, k) => `k${k}: *a${i - 1}`).join(', ')}}`);
  throws(() => read(bomb.join('\n')), /there are too many options in it/);
});
