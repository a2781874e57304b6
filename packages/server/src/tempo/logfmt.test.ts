import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseLogfmt } from './logfmt.ts';

test('parseLogfmt: pairs, quoted values, keys alone', () => {
  const read = (text: string): unknown => [...parseLogfmt(text)];
  deepEqual(read(''), []);
  deepEqual(read('  a=1  b.c=x/y '), [
    ['a', '1'],
    ['b.c', 'x/y'],
  ]);
  deepEqual(read('name="GET /cart" note="a \\"b\\" \\u00e9" empty= alone'), [
    ['name', 'GET /cart'],
    ['note', 'a "b" é'],
    ['empty', ''],
    ['alone', ''],
  ]);
  deepEqual(read('a=1 a=2'), [['a', '2']]);
  deepEqual(read('a=b=c'), [['a', 'b=c']]);
});

test('parseLogfmt: what it is not, with the place', () => {
  for (const text of ['=x', 'a="b', 'a="b"c', 'a=1 "b"', 'a="\\q"']) {
    throws(() => parseLogfmt(text), { code: 'QUERY_INVALID', message: /^invalid tags: / }, text);
  }
  throws(() => parseLogfmt('a=1 ="x'), { message: 'invalid tags: logfmt syntax error at pos 4: unexpected "=\\"x"' });
});

test('parseLogfmt: whatever is written, an answer or a refusal', () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  const pieces = fc.array(fc.constantFrom('a', '=', '"', '\\', ' ', '\n', 'é', '\u0000', 'b="c d"'), { maxLength: 30 });
  fc.assert(
    fc.property(pieces, (text) => {
      try {
        parseLogfmt(text.join(''));
      } catch (error) {
        equal((error as { code?: string }).code, 'QUERY_INVALID');
      }
    }),
    { seed, numRuns: 2_000 },
  );
  const pairs = fc.dictionary(fc.stringMatching(/^[a-z.]{1,5}$/), fc.string());
  fc.assert(
    fc.property(pairs, (given) => {
      const text = Object.entries(given).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
      deepEqual(Object.fromEntries(parseLogfmt(text.join(' '))), { ...given });
    }),
    { seed, numRuns: 500 },
  );
});
