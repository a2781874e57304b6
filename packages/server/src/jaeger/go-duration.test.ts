import { deepEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { parseGoDuration } from './go-duration.ts';

test('parseGoDuration: reads what Go reads', () => {
  const cases: readonly (readonly [string, number])[] = [
    ['0', 0],
    ['1ns', 1],
    ['500us', 500_000],
    ['500\u00b5s', 500_000],
    ['500\u03bcs', 500_000],
    ['100ms', 1e8],
    ['1.2s', 1.2e9],
    ['.5s', 5e8],
    ['1.s', 1e9],
    ['1h2m', 3_720e9],
    ['1m30.5s', 90.5e9],
    ['-5s', -5e9],
    ['+5s', 5e9],
  ];
  for (const [text, expected] of cases) deepEqual([text, parseGoDuration(text)], [text, expected]);
});

test('parseGoDuration: refuses in Go\u2019s words', () => {
  for (const text of ['', 's', 'abc', '1 s', '1d', '1s2', '--1s', '1e3s', '.s']) {
    throws(() => parseGoDuration(text), { code: 'QUERY_INVALID', message: /^time: / }, text);
  }
  throws(() => parseGoDuration('5'), { message: 'time: missing unit in duration "5"' });
  throws(() => parseGoDuration('x1s'), { message: 'time: invalid duration "x1s"' });
});
