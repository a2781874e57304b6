import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Manifest } from './manifest.ts';
import type { ManifestRecord, SegmentEntry } from './manifest-record.ts';
import { FakeDisk } from './testing/fake-disk.ts';
import { seededRandom, testSeed } from './testing/seeded-random.ts';

const path = '/data/manifest';

function entry(id: number, more: Partial<SegmentEntry> = {}): SegmentEntry {
  const counts = { rowCount: 10, traceCount: 2, sizeBytes: 100 };
  const times = { startMinNano: '1', endMaxNano: '2', receivedMaxMilli: 3 };
  return { id, ...counts, ...times, mergeLevel: 0, consumedWals: [], joined: [], replaces: [], ...more };
}

const history: readonly ManifestRecord[] = [
  { type: 'added', segment: entry(1, { consumedWals: [1], joined: [{ walId: 2, offset: 500 }] }) },
  { type: 'added', segment: entry(2, { consumedWals: [2, 3] }) },
  { type: 'consumed', wals: [4] },
  { type: 'replaced', segment: entry(3, { replaces: [1, 2], mergeLevel: 1 }) },
  { type: 'added', segment: entry(4, { consumedWals: [5] }) },
  { type: 'removed', ids: [3], reason: 'age' },
  { type: 'added', segment: entry(5, { consumedWals: [6] }) },
  { type: 'quarantined', id: 4, reason: 'checksum' },
];

async function withHistory(disk: FakeDisk): Promise<Manifest> {
  const manifest = await Manifest.open(disk, '/data');
  for (const record of history) await manifest.append(record);
  return manifest;
}

test('Manifest: state is what the records add up to, and survives a crash', async () => {
  const disk = new FakeDisk();
  const manifest = await withHistory(disk);
  assert.deepEqual([...manifest.state.segments.keys()], [5]);
  assert.equal(manifest.state.walFloor, 7);
  assert.equal(manifest.state.nextSegmentId, 6);
  const again = await Manifest.open(disk.crash(), '/data');
  assert.deepEqual(again.state, manifest.state);
  assert.deepEqual(again.damage, []);
});

test('Manifest: a long history is rewritten without losing anything', async () => {
  const disk = new FakeDisk();
  const manifest = await Manifest.open(disk, '/data');
  for (let id = 1; id <= 700; id++) {
    await manifest.append({ type: 'added', segment: entry(id, { consumedWals: [id] }) });
    if (id > 3) await manifest.append({ type: 'removed', ids: [id - 3], reason: 'bytes' });
  }
  assert.ok(disk.peek(path).length < 300 * 300, 'history is dropped');
  const again = await Manifest.open(disk.crash(), '/data');
  assert.deepEqual([...again.state.segments.keys()], [698, 699, 700]);
  assert.equal(again.state.walFloor, 701);
});

test('Manifest: after a failed write the next one rewrites the file', async () => {
  for (const kind of ['write', 'datasync', 'rename', 'syncDirectory', 'open'] as const) {
    const disk = new FakeDisk();
    const manifest = await withHistory(disk);
    const record: ManifestRecord = { type: 'added', segment: entry(6, { consumedWals: [7] }) };
    disk.failWith = (operation) => (operation.kind === 'datasync' || operation.kind === kind ? 'EIO' : undefined);
    for (let i = 0; i < 3; i++) await assert.rejects(manifest.append(record), { code: 'STORE_UNAVAILABLE' });
    assert.deepEqual([...manifest.state.segments.keys()], [5], 'not applied');
    disk.failWith = () => undefined;
    await manifest.append(record);
    const again = await Manifest.open(disk.crash(), '/data');
    assert.deepEqual([...again.state.segments.keys()], [5, 6], kind);
    assert.deepEqual(again.damage, []);
  }
});

test('Manifest: cut at every byte, it keeps the whole records before the cut and says that more was there', async () => {
  const disk = new FakeDisk();
  await withHistory(disk);
  const content = disk.peek(path);
  let whole = 0;
  for (let cut = 0; cut <= content.length; cut++) {
    disk.poke(path, content.subarray(0, cut));
    const { damage, state } = await Manifest.open(disk, '/data');
    if (damage.length === 0) whole++;
    assert.ok(state.segments.size <= 3);
    assert.ok(
      damage.length <= 1 && damage.every(({ isTail }) => isTail === whole > 1),
      'the first record is never torn',
    );
  }
  // After the header, after the first state record, and after each record of the history.
  assert.equal(whole, history.length + 2);
});

test('Manifest: a flipped bit hides one record only', async () => {
  const seed = testSeed();
  console.log(`SEED=${seed}`);
  const random = seededRandom(seed);
  const disk = new FakeDisk();
  await withHistory(disk);
  const content = disk.peek(path);
  for (let round = 0; round < 500; round++) {
    const flipped = content.slice();
    const bit = Math.floor(random() * 8 * flipped.length);
    flipped[bit >> 3] ^= 1 << (bit & 7);
    disk.poke(path, flipped);
    const { damage } = await Manifest.open(disk, '/data');
    assert.equal(damage.length, 1, `bit ${bit}`);
    assert.ok(damage[0].offset <= bit >> 3 && bit >> 3 < damage[0].endOffset, `bit ${bit}`);
  }
});
