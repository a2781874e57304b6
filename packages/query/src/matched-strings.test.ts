import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RE2JS } from 're2js';
import { anchoredRegex } from './anchored-regex.ts';
import { ByteAutomaton, UNDECIDED } from './byte-automaton.ts';
import { matchedStrings } from './matched-strings.ts';
import { PagedStrings } from './testing/paged-strings.ts';
import { SeededRandom, testSeed } from './testing/seeded-random.ts';
import { TurnTaker } from './turn-taker.ts';

const pieces = [
  'a',
  'ab',
  'Ab',
  'cart|abb',
  '.*',
  '.+',
  '.',
  '|',
  'b*',
  'a+?',
  '[ab]',
  '[^a]',
  '[\\x00-\\x{10ffff}]',
  '(a|b)',
  '(?:ab|ba){2}',
  '(?i)',
  '(?i:AB\u00df)',
  '(?-s)',
  '(?m)',
  '^',
  '$',
  '\\b',
  '\\B',
  '\\A',
  '\\z',
  '\\w',
  '\\W+',
  '\\s',
  '\\pL',
  '\\p{Greek}*',
  '\u00e9',
  '\u{1f600}?',
  '\ufffd',
  '\\n',
  '',
];

/** Characters, and bytes that are none: a lone continuation, cut sequences, a surrogate, an overlong slash. */
const bytes = [
  ...['a', 'b', 'ab', 'A', '_', ' ', '\n', '\0', '\u00df', '\u017f', '\u00e9', '\u03b1', '\u{1f600}', '\ufffd'].map(
    (text) => Buffer.from(text),
  ),
  ...[[0x80], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xff]].map((each) =>
    Buffer.from(each),
  ),
];

test('matchedStrings: says of bytes what RE2 says of the texts they decode to', async () => {
  const seed = testSeed();
  const random = new SeededRandom(seed);
  let matched = 0;
  for (let round = 0; round < 1500; round++) {
    const pattern = random.list(6, () => random.pick(pieces)).join('');
    let slow: RE2JS;
    try {
      RE2JS.compile(pattern);
      slow = RE2JS.compile(`^(?s:${pattern})$`);
    } catch {
      continue;
    }
    const strings = random.list(40, () => Buffer.concat(random.list(5, () => random.pick(bytes))));
    const codes = Uint32Array.from(strings.keys()).filter(() => random.below(5) > 0);
    const source = new PagedStrings(strings, 1 + random.below(20)).asSource();
    const found = await matchedStrings(source, codes, anchoredRegex(pattern), new TurnTaker());
    for (const [i, code] of codes.entries()) {
      const text = strings[code].toString('utf8');
      const where = `SEED=${seed}: ${JSON.stringify(pattern)} on ${strings[code].toString('hex')}`;
      assert.equal(found[i], slow.matches(text) ? 1 : 0, where);
      matched += found[i];
    }
  }
  assert.ok(matched > 1000, `only ${matched} texts matched`);
});

test('matchedStrings: strings that too many states are needed for are matched all the same', async () => {
  const seed = testSeed();
  const random = new SeededRandom(seed);
  const pattern = '[ab]*a[ab]{9}b[ab]{9}';
  const regex = anchoredRegex(pattern);
  const slow = RE2JS.compile(pattern);
  const automaton = new ByteAutomaton(RE2JS.compile(pattern), 1000);
  const strings = Array.from({ length: 1000 }, () =>
    Buffer.from(random.list(60, () => random.pick(['a', 'b'])).join('')),
  );
  const verdicts = strings.map((string) => automaton.run(string, 0, string.length));
  const found = await matchedStrings(
    new PagedStrings(strings, 100).asSource(),
    Uint32Array.from(strings.keys()),
    { ...regex, ofBytes: () => ({ automaton, required: undefined }) },
    new TurnTaker(),
  );
  for (const [i, string] of strings.entries()) {
    const expected = slow.matches(string.toString()) ? 1 : 0;
    assert.equal(found[i], expected, `SEED=${seed}: ${string.toString()}`);
    if (verdicts[i] !== UNDECIDED) assert.equal(verdicts[i], expected, `SEED=${seed}: ${string.toString()}`);
  }
  assert.ok(verdicts.includes(UNDECIDED) && found.includes(0) && found.includes(1));
});

test('matchedStrings: a pattern longer than a regex may be, of plain texts alone, is still answered', async () => {
  const pattern = Array.from({ length: 5000 }, (_, i) => `text${i}`).join('|');
  const strings = ['text0', 'text4999', 'text5000', 'text', ''].map((text) => Buffer.from(text));
  const source = new PagedStrings(strings, 2).asSource();
  const found = await matchedStrings(source, Uint32Array.from(strings.keys()), anchoredRegex(pattern), new TurnTaker());
  assert.deepEqual([...found], [1, 1, 0, 0, 0]);
});
