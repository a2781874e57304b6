import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeStrings } from './string-merge.ts';
import { PagedStrings } from './testing/paged-strings.ts';
import { SeededRandom, testSeed } from './testing/seeded-random.ts';
import { TurnTaker } from './turn-taker.ts';

const letters = ['', 'a', 'b', 'é', '\u{1f600}', '￿'];

test('mergeStrings: visits the distinct strings of all lists in order, as many as are wanted', async () => {
  const seed = testSeed();
  const random = new SeededRandom(seed);
  for (let round = 0; round < 300; round++) {
    const expected = new Set<string>();
    const lists = random.list(6, () => {
      const texts = new Set(random.list(30, () => random.list(4, () => random.pick(letters)).join('')));
      const strings = Array.from(texts, (text) => Buffer.from(text)).sort((a, b) => Buffer.compare(a, b));
      const codes = Uint32Array.from(strings.keys()).filter(() => random.below(3) > 0);
      for (const code of codes) expected.add(strings[code].toString());
      return { source: new PagedStrings(strings, 1 + random.below(5)).asSource(), codes };
    });
    const sorted = [...expected].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const wanted = 1 + random.below(40);
    const visited: string[] = [];
    const isWhole = await mergeStrings(lists, new TurnTaker(), (text) =>
      visited.push(text) === wanted ? 'enough' : 'more',
    );
    assert.deepEqual(visited, sorted.slice(0, wanted), `SEED=${seed}, round ${round}`);
    assert.equal(isWhole, sorted.length < wanted, `SEED=${seed}, round ${round}`);
  }
});

test('mergeStrings: pages past the strings that are wanted are not read', async () => {
  const strings = Array.from({ length: 1000 }, (_, i) => Buffer.from(String(10_000 + i)));
  const sources = [new PagedStrings(strings, 10), new PagedStrings(strings, 10)];
  const lists = sources.map((source) => ({ source: source.asSource(), codes: Uint32Array.from(strings.keys()) }));
  let count = 0;
  assert.equal(await mergeStrings(lists, new TurnTaker(), () => (++count === 25 ? 'enough' : 'more')), false);
  assert.deepEqual(
    sources.map(({ pageCount }) => pageCount),
    [3, 3],
  );
});
