import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeDisk } from '../../packages/store/src/testing/fake-disk.ts';
import { seededRandom, testSeed } from '../../packages/store/src/testing/seeded-random.ts';
import { TinyStore } from '../../packages/store/src/testing/tiny-store.ts';

const options = { mergeSegmentsMin: 3, headRowsMax: 1000, retentionBytesMax: 1e12 };

const spanCount = 130;

/** A store with a merged segment, two plain ones, and two WAL files, of which a segment has taken a part. */
async function grownDisk(): Promise<{ disk: FakeDisk; idsOf: Map<string, readonly number[]> }> {
  const tiny = await TinyStore.open(new FakeDisk(), options);
  const idsOf = new Map<string, readonly number[]>();
  let id = 0;
  const send = async (count: number): Promise<number[]> => {
    const ids = Array.from({ length: count }, () => ++id);
    for (const one of ids) await tiny.send(1 + (one % 7), [one]);
    return ids;
  };
  for (let i = 0; i < 3; i++) {
    await send(20);
    await tiny.store.sealAll();
  }
  await tiny.store.compact();
  await send(20);
  await tiny.store.sealAll();
  await send(20);
  await tiny.rotate();
  const joined = await send(10);
  await tiny.sealOldest();
  const second = [...joined, ...(await send(10))];
  await tiny.rotate();
  const third = await send(10);
  const lease = tiny.store.snapshot();
  const sources = await tiny.idsBySource();
  for (const [index, { path }] of lease.snapshot.segments.entries()) idsOf.set(path, sources[index]);
  lease.release();
  await tiny.store.close();
  const wals = tiny.disk.paths().filter((path) => path.endsWith('.wal'));
  assert.equal(wals.length, 2);
  idsOf.set(wals[0], second);
  idsOf.set(wals[1], third);
  idsOf.set('/data/default/manifest', []);
  assert.equal(idsOf.size, 6);
  assert.equal(id, spanCount);
  return { disk: tiny.disk, idsOf };
}

function damaged(content: Uint8Array, random: () => number): Uint8Array {
  const choice = random();
  if (choice < 0.3) return content.slice(0, Math.floor(random() * content.length));
  const copy = content.slice();
  const at = Math.floor(random() * copy.length);
  if (choice < 0.8) copy[at] ^= 1 << Math.floor(random() * 8);
  else copy.fill(0, at, at + 4096);
  return copy;
}

test('Store: a file cut or flipped anywhere loses no more than it held, and is named', async () => {
  const seed = testSeed();
  console.log(`SEED=${seed}`);
  const random = seededRandom(seed);
  const { disk, idsOf } = await grownDisk();
  // Not the newest, which are in WAL files: one cut between two records is what a crash leaves; nothing tells that there were more.
  const all = Array.from({ length: spanCount - 20 }, (_, index) => index + 1);
  const paths = [...idsOf.keys()];
  for (let round = 0; round < 200; round++) {
    const path = paths[round % paths.length];
    const copy = disk.crash();
    copy.poke(path, damaged(copy.peek(path), random));
    const tiny = await TinyStore.open(copy, options);
    await tiny.ids(); // finds damage in segments, and takes them out of service
    const found = await tiny.ids();
    const missing = all.filter((id) => !found.includes(id));
    assert.deepEqual(
      found.filter((id, index) => found.indexOf(id) !== index),
      [],
      `${path}: twice`,
    );
    assert.deepEqual(
      missing.filter((id) => !idsOf.get(path)!.includes(id)),
      [],
      `${path}: more is missing than it held`,
    );
    assert.ok(
      missing.length === 0 || tiny.messages.some((message) => message.includes(path)),
      `${path}: ${tiny.messages.join('\n')}`,
    );
    await tiny.store.sealAll();
    assert.deepEqual(await tiny.ids(), found, `${path}: after a seal`);
    assert.deepEqual(await (await TinyStore.open(tiny.disk.crash(), options)).ids(), found, `${path}: after a restart`);
  }
});

test('Store: a manifest cut between two records, where it does not look damaged, loses nothing', async () => {
  const { disk } = await grownDisk();
  const whole = disk.peek('/data/default/manifest');
  const marks = [...Buffer.from(whole).toString('latin1').matchAll(/MREC/g)].map(({ index }) => index);
  assert.ok(marks.length >= 6);
  for (const end of marks) {
    const copy = disk.crash();
    copy.poke('/data/default/manifest', whole.slice(0, end));
    const tiny = await TinyStore.open(copy, options);
    const found = await tiny.ids();
    assert.deepEqual(
      found.toSorted((a, b) => a - b),
      Array.from({ length: spanCount }, (_, index) => index + 1),
      `cut at ${end}`,
    );
    assert.deepEqual(await (await TinyStore.open(tiny.disk.crash(), options)).ids(), found, `${end}: after a restart`);
  }
});

test('Store: a damaged segment is set aside, its bytes are kept', async () => {
  const { disk, idsOf } = await grownDisk();
  const [path, ids] = [...idsOf][0];
  const copy = disk.crash();
  const content = copy.peek(path);
  copy.poke(path, content.subarray(0, content.length - 1));
  const tiny = await TinyStore.open(copy, options);
  assert.deepEqual(
    (await tiny.ids()).filter((id) => ids.includes(id)),
    [],
  );
  assert.deepEqual(
    tiny.disk.paths().filter((name) => name.includes('/quarantine/')),
    [path.replace('/segments/', '/quarantine/')],
  );
  assert.equal(tiny.store.stats().quarantined, 1);
});
