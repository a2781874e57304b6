import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { openLog, throttled } from './log.ts';

const noon = () => new Date('2026-01-02T12:00:00Z');

test('openLog: text is one line, whatever it quotes', () => {
  const lines: string[] = [];
  const log = openLog('text', (line) => lines.push(line), noon);
  log.warn('a\nb', { plain: 1, spaced: 'x y', forged: 'a\nERROR b', nothing: undefined, list: ['a'] });
  deepEqual(lines, ['2026-01-02T12:00:00.000Z WARN  a b plain=1 spaced="x y" forged="a\\nERROR b" list="[\\"a\\"]"\n']);
});

test('openLog: json', () => {
  const lines: string[] = [];
  openLog('json', (line) => lines.push(line), noon).info('ready', { port: 1, big: 2n });
  deepEqual(JSON.parse(lines[0]), {
    time: '2026-01-02T12:00:00.000Z',
    level: 'info',
    message: 'ready',
    port: 1,
    big: '2',
  });
});

test('throttled: the same message once per interval, then with how many were left out', () => {
  const lines: string[] = [];
  let now = 0;
  const log = throttled(
    openLog('text', (line) => lines.push(line), noon),
    100,
    () => now,
  );
  for (let i = 0; i < 5; i++) log.warn('full');
  log.warn('other');
  now = 100;
  log.warn('full');
  equal(lines.length, 3);
  equal(lines[2].endsWith('full suppressed=4\n'), true);
});
