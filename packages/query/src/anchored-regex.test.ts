import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from '@spoor/model';
import { RE2JS } from 're2js';
import { anchoredRegex } from './anchored-regex.ts';
import { SeededRandom, testSeed } from './testing/seeded-random.ts';

/** Pieces whose products take every way there is: literals, `.*` between them, alternatives, everything else. */
const pieces = [
  'a',
  'b',
  'ab',
  '.*',
  '.+',
  '.',
  '|',
  'a?',
  'b*',
  'a+?',
  '[ab]',
  '(a|b)',
  '\\.',
  '^',
  '$',
  '\u{1f600}',
  '\u{1f600}*',
  '\n',
  '',
];
const letters = ['a', 'b', '.', '\n', '\u{1f600}', 'B'];

test('anchoredRegex: says what RE2 says of the whole text, whichever way it takes', () => {
  const seed = testSeed();
  const random = new SeededRandom(seed);
  let matched = 0;
  for (let round = 0; round < 3000; round++) {
    const pattern = random.list(5, () => random.pick(pieces)).join('');
    const { matches } = anchoredRegex(pattern);
    const slow = RE2JS.compile(`^(?s:${pattern})$`);
    for (let i = 0; i < 8; i++) {
      const text = random.list(5, () => random.pick(letters)).join('');
      assert.equal(
        matches(text),
        slow.matches(text),
        `SEED=${seed}: ${JSON.stringify(pattern)} on ${JSON.stringify(text)}`,
      );
      if (matches(text)) matched++;
    }
  }
  assert.ok(matched > 1000, `only ${matched} texts matched`);
});

test('anchoredRegex: what RE2 does not accept is refused with its code', () => {
  for (const pattern of ['(', 'a)(b', '(?=a)', '[', 'a**', '\\1']) {
    assert.throws(
      () => anchoredRegex(pattern),
      (error) => codeOf(error) === 'QUERY_INVALID',
      pattern,
    );
  }
});
