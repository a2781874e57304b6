import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert, constantFrom, nat, property, tuple } from 'fast-check';
import { ConfigError } from '../config-setting.ts';
import { readTempoConfig } from './tempo-config.ts';

const valid = `
server: {http_listen_port: 3200, log_level: info}
distributor:
  receivers: &r
    jaeger: {protocols: {thrift_http: , grpc: {endpoint: "0.0.0.0:1"}}}
    otlp: {protocols: {<<: *r, http: {}}}
storage: {trace: {backend: local, local: {path: /x}}}
overrides: {defaults: {compaction: {block_retention: 1h}}}
`;
const pieces = '{ } [ ] : , & * - ? | > ! % @ ` " # << &r *r --- ... !!map null 𝒳'.split(' ');
pieces.push(' ', '\n', '\t', "'", '\u0000');

/** Reads, or refuses in one line. Nothing else may come out. */
function survives(text: string): void {
  try {
    readTempoConfig('f', text);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    equal(error.message.includes('\n'), false, error.message);
  }
}

test('readTempoConfig: cut anywhere, or with pieces of YAML put in anywhere, it is read or refused', () => {
  for (let i = 0; i <= valid.length; i++) survives(valid.slice(0, i));
  const edit = tuple(nat(valid.length), nat(3), constantFrom(...pieces));
  assert(
    property(array(edit, { minLength: 1, maxLength: 8 }), (edits) => {
      let text = valid;
      for (const [at, drop, piece] of edits) text = text.slice(0, at) + piece + text.slice(at + drop);
      survives(text);
    }),
    { numRuns: 2_000 },
  );
});

test('readTempoConfig: aliases of aliases, and an alias within itself, cost nothing', () => {
  const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 40; i++)
    bomb.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  survives(bomb.join('\n'));
  survives(`${bomb.join('\n')}\ndistributor: {receivers: {otlp: {protocols: *a39}}}`);
  survives('distributor: &d\n  receivers: *d\n');
  survives('distributor: &d {<<: *d, receivers: {otlp: &o {protocols: *o}}}');
  survives('server: *nowhere');
});

test('readTempoConfig: depth is refused, many keys are not slow', () => {
  throws(() => readTempoConfig('f', '['.repeat(200_000)), /^ConfigError: f:1: it is nested too deeply$/);
  throws(() => readTempoConfig('f', `a: ${'{b: '.repeat(100_000)}`), /it is nested too deeply/);
  const many = Array.from({ length: 50_000 }, (_, i) => `k${i}: 1`);
  const { notes } = readTempoConfig('f', many.join('\n'));
  deepEqual([notes.length, notes.at(-1)?.message], [21, 'f:1: 49980 more keys are not known']);
  survives(`server: {${many.join(', ')}}`);
});
