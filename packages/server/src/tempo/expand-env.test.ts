import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { expandEnv } from './expand-env.ts';

const env = { PORT: '3200', EMPTY: '', NESTED: '${PORT}' };

test('expandEnv: values, defaults, escapes', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a: ${PORT}', 'a: 3200'],
    ['${PORT}${PORT}', '32003200'],
    ['${PORT:-1}', '3200'],
    ['${NONE:-1}', '1'],
    ['${EMPTY:-1}', '1'],
    ['${EMPTY-1}', ''],
    ['${NONE-1}', '1'],
    ['${NONE:-}', ''],
    ['${NONE:=1} ${EMPTY:=1} ${EMPTY=1} ${NONE=1}', '1 1  1'],
    ['${NONE:-a:-b}', 'a:-b'],
    ['$${PORT}', '${PORT}'],
    ['$PORT $ {PORT} }', '$PORT $ {PORT} }'],
    ['${NESTED}', '${PORT}'],
  ];
  for (const [text, expected] of cases) equal(expandEnv('f', text, env).text, expected, text);
});

test('expandEnv: what is missing is told once, what is not understood is refused', () => {
  deepEqual(expandEnv('f', '${A} ${A} ${B:-x} ${C-} ${EMPTY}', env), { text: '  x  ', missing: ['A'] });
  for (const text of ['${A', '${}', '${A:+b}', '${A/b/c}', '${1}', '${A\n}'])
    throws(() => expandEnv('f', text, env), { name: 'ConfigError', message: /^f: only \$\{VAR\} and/ }, text);
});
