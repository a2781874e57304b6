import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, testSeed } from './testing/seeded-random.ts';
import { TraceIdMap } from './trace-id-map.ts';

test('TraceIdMap: agrees with a Map of strings', () => {
  const seed = testSeed();
  console.log(`SEED=${seed}`);
  const random = seededRandom(seed);
  const map = new TraceIdMap();
  const model = new Map<string, number>();
  for (let round = 0; round < 20_000; round++) {
    // Few distinct words, so that ids differ in one word only; zero words too.
    const words = Uint32Array.from({ length: 6 }, () =>
      random() < 0.3 ? 0 : Math.floor(random() * 9) << (random() < 0.5 ? 0 : 29),
    );
    const at = Math.floor(random() * 3);
    const key = words.subarray(at, at + 4).join();
    assert.equal(map.has(words, at), model.has(key));
    assert.equal(map.get(words, at), model.get(key) ?? -1);
    const value = Math.floor(random() * 255);
    map.set(words, at, value);
    model.set(key, value);
  }
  assert.equal(map.size, model.size);
  map.forEach((words, at, value) => assert.equal(model.get(words.subarray(at, at + 4).join()), value));
});
