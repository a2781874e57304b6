import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spaceReserve, StoreSpace } from './store-space.ts';
import { FakeDisk } from './testing/fake-disk.ts';
import { seededRandom } from './testing/seeded-random.ts';
import { TinyStore } from './testing/tiny-store.ts';

const mebi = 1 << 20;

test('spaceReserve: 16 MiB, less on a small file system, more when a generation is large', () => {
  assert.equal(spaceReserve(100e9, 0), 16 * mebi);
  assert.equal(spaceReserve(24 * mebi, 0), 6 * mebi);
  assert.equal(spaceReserve(100e9, 100e6), 100e6);
});

test('StoreSpace: counts what is under way, and believes the file system again when it is asked', async () => {
  const disk = new FakeDisk();
  disk.capacityBytes = 100 * mebi;
  const space = new StoreSpace(
    disk,
    '/data',
    () => ({ walBytes: 0, walBytesOfLargest: 0 }),
    () => 0,
  );
  space.check(1e9); // nothing known yet: trusted
  await space.poll();
  assert.throws(() => space.check(85 * mebi), { code: 'STORE_UNAVAILABLE' });
  space.check(80 * mebi);
  space.admit(80 * mebi);
  await space.poll();
  assert.throws(() => space.check(10 * mebi), {
    message: 'the disk is nearly full: 21.0 MB are free, and 16.8 MB are kept for sealing the spans that are there',
  });
  space.settle(80 * mebi);
  await space.poll();
  space.check(10 * mebi);
  assert.equal(space.refusedCount, 2);
});

test('Store.append: a disk that spans fill is never full: refused, sealed, accepted again, nothing lost', async () => {
  const disk = new FakeDisk();
  disk.capacityBytes = 3 * mebi;
  const options = { retentionBytesMax: 1e9, walWindowMilli: 0 };
  const tiny = await TinyStore.open(disk, options);
  const random = seededRandom(1);
  const acknowledged: number[] = [];
  let refusals = 0;
  for (let id = 1; id < 4000 && refusals < 3; id++) {
    try {
      // Names that no compression makes small.
      const name = Array.from({ length: 1000 }, () => Math.floor(random() * 36).toString(36)).join('');
      await tiny.send(id, [id], name);
      acknowledged.push(id);
    } catch (error) {
      assert.match((error as Error).message, /the disk is nearly full/);
      refusals++;
      // The open generation is neither old nor large: it is sealed for want of space.
      tiny.nowMilli += 300;
      await tiny.store.tick();
    }
  }
  assert.equal(refusals, 3);
  assert.equal(tiny.store.stats().ingest.walFailures, 0, 'the WAL never met the end of the disk');
  assert.ok(tiny.store.stats().segments > 0, 'it was sealed');
  assert.deepEqual(await tiny.ids(), acknowledged);
  assert.deepEqual(await (await TinyStore.open(disk.crash(), options)).ids(), acknowledged);
});

test('Store.tick: on a full small disk the oldest segments go by default, and spans are always taken again', async () => {
  const disk = new FakeDisk();
  disk.capacityBytes = 2 * mebi;
  const tiny = await TinyStore.open(disk);
  const random = seededRandom(2);
  let accepted = 0;
  let refusedInARow = 0;
  for (let id = 1; accepted < 3000; id++) {
    const name = Array.from({ length: 1000 }, () => Math.floor(random() * 36).toString(36)).join('');
    try {
      await tiny.send(id, [id], name);
      accepted++;
      refusedInARow = 0;
    } catch (error) {
      assert.equal((error as { code: string }).code, 'STORE_UNAVAILABLE');
      assert.ok(++refusedInARow < 10, 'it is stuck');
      tiny.nowMilli += 300;
      await tiny.store.tick();
    }
  }
  assert.equal(tiny.store.stats().ingest.walFailures, 0);
  assert.ok(tiny.store.stats().sealing.expiredSegments > 0);
});
