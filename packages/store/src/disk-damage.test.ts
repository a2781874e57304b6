import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from '@spoor/model';
import type { Disk, DiskFile } from './disk.ts';
import { damageOfDisk } from './disk-damage.ts';
import { type DiskOperation, FakeDisk } from './testing/fake-disk.ts';
import { TinyStore } from './testing/tiny-store.ts';

/** Segment 1 with span 1, and segment 2 with span 2 whose trace goes on in the WAL (span 3): the start reads segment 2. */
async function twoSegments(): Promise<FakeDisk> {
  const tiny = await TinyStore.open(new FakeDisk());
  await tiny.send(1, [1]);
  await tiny.store.sealAll();
  await tiny.send(2, [2]);
  await tiny.rotate();
  await tiny.send(2, [3]);
  await tiny.send(9, [4]);
  await tiny.sealOldest();
  assert.deepEqual(await tiny.idsBySource(), [[1], [2, 3], [4]]);
  return tiny.disk.crash();
}

function unreadable(
  id: number,
  kinds: readonly DiskOperation['kind'][],
): (operation: DiskOperation) => 'EIO' | undefined {
  return ({ kind, path }) => (kinds.includes(kind) && path.endsWith(`${id}.segment`) ? 'EIO' : undefined);
}

for (const kinds of [['open'], ['read'], ['open', 'read', 'rename']] as const) {
  test(`Store.open: a segment whose ${kinds.join(', ')} ends in EIO is set aside, the rest is served`, async () => {
    const disk = await twoSegments();
    disk.failWith = unreadable(2, kinds);
    const tiny = await TinyStore.open(disk);
    assert.ok(tiny.messages.some((message) => message.startsWith('error: segment is damaged; moved to quarantine')));
    // Span 3 is still in the WAL and comes back; span 2 was in the damaged segment alone.
    assert.deepEqual(await tiny.ids(), [1, 3, 4]);
    assert.equal(tiny.store.stats().quarantined, 1);
  });
}

test('SnapshotReader: a segment that the device cannot read is left out of the answer and set aside', async () => {
  for (const kinds of [['open'], ['read']] as const) {
    const tiny = await TinyStore.open(await twoSegments());
    tiny.disk.failWith = unreadable(1, kinds);
    assert.deepEqual(await tiny.ids(), [2, 3, 4]);
    assert.equal(tiny.store.stats().quarantined, 1);
    tiny.disk.failWith = () => undefined;
    assert.ok(tiny.disk.paths().includes('/data/default/quarantine/0000000001.segment'), 'a person may look at it');
  }
});

test('Store.compact: an input that the device cannot read is set aside, the others are merged', async () => {
  const tiny = await TinyStore.open(new FakeDisk(), { mergeSegmentsMin: 3 });
  for (let id = 1; id <= 4; id++) {
    await tiny.send(id, [id]);
    await tiny.store.sealAll();
  }
  tiny.disk.failWith = unreadable(2, ['read']);
  await tiny.store.compact();
  assert.deepEqual(await tiny.idsBySource(), [[1, 3, 4]]);
});

test('damageOfDisk: a file that can be read at once stays one, and EIO is damage there too', async () => {
  const fake = new FakeDisk();
  let failure: Error | undefined;
  const readNow = (_offset: number, length: number): Uint8Array => {
    if (failure !== undefined) throw failure;
    return new Uint8Array(length).fill(7);
  };
  const withReadNow = async (file: Promise<DiskFile>): Promise<DiskFile> => Object.assign(await file, { readNow });
  const disk: Disk = Object.assign(Object.create(fake), {
    open: (path: string, flags: 'create') => withReadNow(fake.open(path, flags)),
  });
  await fake.mkdir('/data');
  const file = await damageOfDisk(disk).open('/data/file', 'create');
  assert.deepEqual(file.readNow?.(0, 2), Uint8Array.of(7, 7));
  failure = Object.assign(new Error('EIO'), { code: 'EIO' });
  assert.throws(
    () => file.readNow?.(3, 2),
    (error) => codeOf(error) === 'STORE_CORRUPT',
  );
  failure = Object.assign(new Error('EACCES'), { code: 'EACCES' });
  assert.throws(() => file.readNow?.(3, 2), /EACCES/);
});
