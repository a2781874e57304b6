import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, testSeed } from './testing/seeded-random.ts';
import { TraceIdSet } from './trace-id-set.ts';

test('TraceIdSet: agrees with a Set of strings', () => {
  const seed = testSeed();
  console.log(`SEED=${seed}`);
  const random = seededRandom(seed);
  const set = new TraceIdSet();
  const model = new Set<string>();
  for (let round = 0; round < 20_000; round++) {
    // Few distinct words, so that ids differ in one word only, and some words are zero.
    const word = (): number => (random() < 0.3 ? 0 : Math.floor(random() * 9) << (random() < 0.5 ? 0 : 29));
    const words = Uint32Array.from({ length: 6 }, word);
    const at = Math.floor(random() * 3);
    words[at] ||= 1;
    const key = words.subarray(at, at + 4).join();
    assert.equal(set.has(words, at), model.has(key));
    if (random() < 0.5) continue;
    assert.equal(set.add(words, at), !model.has(key));
    model.add(key);
    assert.equal(set.has(words, at), true);
  }
  assert.equal(set.size, model.size);
});
