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

test('openLog: an error is its message, code and cause; a stack only where no code explains it', () => {
  const full = Object.assign(new Error('no space left'), { code: 'ENOSPC', syscall: 'write' });
  const error = Object.assign(new Error('cannot write "a"', { cause: full }), { code: 'STORE_UNAVAILABLE' });
  const bug = Object.assign(new Error('a bug'), { stack: 'Error: a bug\n    at b.ts' });
  const lines: string[] = [];
  openLog('text', (line) => lines.push(line), noon).error('failed', { error, retryMilli: 5 });
  openLog('text', (line) => lines.push(line), noon).error('failed', { error: bug });
  openLog('json', (line) => lines.push(line), noon).error('failed', { error });
  deepEqual(lines.slice(0, 2), [
    '2026-01-02T12:00:00.000Z ERROR failed error="cannot write \\"a\\"" error.code=STORE_UNAVAILABLE ' +
      'error.cause="no space left" error.cause.code=ENOSPC retryMilli=5\n',
    '2026-01-02T12:00:00.000Z ERROR failed error="a bug" error.stack="Error: a bug\\n    at b.ts"\n',
  ]);
  deepEqual((JSON.parse(lines[2]) as { error: unknown }).error, {
    message: 'cannot write "a"',
    code: 'STORE_UNAVAILABLE',
    cause: { message: 'no space left', code: 'ENOSPC' },
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
