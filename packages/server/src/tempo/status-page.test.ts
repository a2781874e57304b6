import { doesNotMatch, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../config.ts';
import { buildInfo, statusText } from './status-page.ts';

function facts(args: readonly string[] = []) {
  const command = readConfig(args, { HOME: '/home/me' });
  if (command.kind !== 'serve') throw new Error('a configuration is expected');
  return { version: '1.2.3', config: command.config };
}

test('statusText: each section, and all of them', () => {
  match(statusText('version', facts(), true)!, /^spoor, version 1\.2\.3\n/);
  match(statusText('services', facts(), false)!, /^store +Stopping$/m);
  match(statusText('endpoints', facts(['--tempo-api-prefix', '/t']), true)!, /^\/t\/api\/search$/m);
  match(statusText(undefined, facts(), true)!, /version[^]*services[^]*endpoints[^]*config/);
  for (const none of ['bogus', 'constructor', '']) equal(statusText(none, facts(), true), undefined);
});

test('statusText: the configuration without passwords', () => {
  const text = statusText('config', facts(['--sampling.strategies-file', 'https://me:secret@host/file.json']), true)!;
  match(text, /https:\/\/\*\*\*@host\/file\.json/);
  doesNotMatch(text, /secret/);
});

test('buildInfo: a version that Grafana knows how to talk to', () => {
  match((buildInfo(facts()) as { version: string }).version, /^3\.\d+\.\d+$/);
});
