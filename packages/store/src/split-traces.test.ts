import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeDisk } from './testing/fake-disk.ts';
import { seededRandom, testSeed } from './testing/seeded-random.ts';
import { TinyStore } from './testing/tiny-store.ts';
import { TraceOwners } from './trace-owners.ts';

test('SplitTraces: names every trace with parts in several sources, however the store changes', async () => {
  const seed = testSeed();
  console.log(`SEED=${seed}`);
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const tiny = await TinyStore.open(new FakeDisk(), { mergeSegmentsMin: 3 });
  let named = 0;
  let split = 0;
  for (let step = 0; step < 400; step++) {
    const what = random();
    if (what < 0.6) await tiny.send(1 + below(40), [step + 1]);
    else if (what < 0.75) await tiny.rotate();
    else if (what < 0.9) await tiny.sealOldest();
    else await tiny.store.compact();
    if (random() < 0.5) continue;
    await tiny.check(({ isSplit, isNamed, found, looked, told }) => {
      if (isSplit) assert.ok(isNamed, 'a split trace is named');
      for (const source of found) assert.ok(looked.includes(source), 'each source with the trace is looked into');
      for (const source of isSplit ? found : []) assert.ok(told.includes(source), 'a source is told its split traces');
      if (isSplit) split++;
      if (isNamed) named++;
    });
  }
  assert.ok(split > 0 && named < 2 * split + 50, `${named} named, ${split} split`);
});

test('TraceOwners: agrees with a Map', () => {
  const seed = testSeed();
  console.log(`SEED=${seed}`);
  const random = seededRandom(seed);
  const owners = new TraceOwners();
  const model = new Map<string, { owner: number; isSplit: boolean }>();
  for (let round = 0; round < 20_000; round++) {
    // Few distinct words, so that ids differ in one word only, and some words are zero.
    const word = (): number => (random() < 0.3 ? 0 : Math.floor(random() * 9) << (random() < 0.5 ? 0 : 29));
    const words = Uint32Array.from({ length: 6 }, word);
    const at = Math.floor(random() * 3);
    const key = words.subarray(at, at + 4).join();
    const known = model.get(key);
    assert.equal(owners.ownerOf(words, at), known?.owner ?? 0);
    assert.equal(owners.isSplit(words, at), known?.isSplit ?? false);
    if (random() < 0.5) continue;
    const entry = { owner: 1 + Math.floor(random() * 100), isSplit: random() < 0.5 };
    owners.set(words, at, entry.owner, entry.isSplit);
    model.set(key, entry);
  }
  assert.equal(owners.size, model.size);
});
