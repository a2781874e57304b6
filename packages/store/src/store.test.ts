import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeDisk } from './testing/fake-disk.ts';
import { TinyStore } from './testing/tiny-store.ts';

test('Store.append: acknowledged spans are searchable at once and after a restart', async () => {
  const tiny = await TinyStore.open(new FakeDisk());
  await tiny.send(1, [1, 2, 3]);
  await tiny.send(2, [4]);
  assert.deepEqual(await tiny.ids(), [1, 2, 3, 4]);
  const again = await TinyStore.open(tiny.disk.crash());
  assert.deepEqual(await again.ids(), [1, 2, 3, 4]);
});

test('Store.append: a request that does not decode leaves nothing, and its error comes out', async () => {
  const tiny = await TinyStore.open(new FakeDisk());
  await tiny.send(1, [1]);
  await assert.rejects(tiny.send(2, [2, 3], '!'), { message: 'not a span' });
  await assert.rejects(tiny.sendInSlices(2, [2, 3], '!'), { message: 'not a span' });
  await tiny.send(2, [4]);
  assert.deepEqual(await tiny.ids(), [1, 4]);
  assert.deepEqual(await (await TinyStore.open(tiny.disk.crash())).ids(), [1, 4]);
});

test('Store.snapshot: what waits for its sync is not visible, and not there after a crash', async () => {
  const tiny = await TinyStore.open(new FakeDisk());
  await tiny.send(1, [1]);
  tiny.disk.operationsLeft = 1; // the write, not the sync
  void tiny.send(1, [2]);
  await tiny.disk.stopped;
  const { heads } = tiny.store.snapshot().snapshot;
  assert.deepEqual(
    heads.map(({ counts }) => counts.spans),
    [1],
  );
  assert.equal(tiny.store.stats().ingest.rowsNotDurable, 1);
  assert.deepEqual(await (await TinyStore.open(tiny.disk.crash())).ids(), [1]);
});

test('Store.append: requests queue behind one that is decoded in slices', async () => {
  const tiny = await TinyStore.open(new FakeDisk());
  await Promise.all([
    tiny.sendInSlices(1, [1, 2, 3]),
    tiny.send(2, [4]),
    tiny.sendInSlices(3, [5, 6]),
    tiny.send(4, [7]),
  ]);
  assert.deepEqual(await tiny.ids(), [1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(await (await TinyStore.open(tiny.disk.crash())).ids(), [1, 2, 3, 4, 5, 6, 7]);
});

test('Store.sealAll: each span is in one place, before, after and across a restart', async () => {
  const tiny = await TinyStore.open(new FakeDisk());
  await tiny.send(1, [1, 2]);
  await tiny.send(2, [3]);
  await tiny.rotate();
  await tiny.send(1, [4]); // joins trace 1's segment
  await tiny.send(3, [5]);
  const before = tiny.store.snapshot();
  await tiny.sealOldest();
  assert.deepEqual(await tiny.idsBySource(), [[1, 2, 3, 4], [5]]);
  assert.deepEqual(await tiny.ids(before.snapshot), [1, 2, 3, 4, 5], 'an older snapshot sees what it saw');
  before.release();
  await tiny.send(1, [6]); // after the seal: a split trace
  const crashed = await TinyStore.open(tiny.disk.crash());
  assert.deepEqual(await crashed.idsBySource(), [
    [1, 2, 3, 4],
    [5, 6],
  ]);
  await crashed.store.sealAll();
  assert.deepEqual(await crashed.idsBySource(), [
    [1, 2, 3, 4],
    [5, 6],
  ]);
  assert.deepEqual(
    crashed.disk.paths().filter((path) => path.includes('/wal/')),
    [],
  );
  assert.deepEqual(await (await TinyStore.open(crashed.disk.crash())).ids(), [1, 2, 3, 4, 5, 6]);
});

test('Store.compact: merges small neighbours and keeps their files while a snapshot is leased', async () => {
  const tiny = await TinyStore.open(new FakeDisk(), { mergeSegmentsMin: 3 });
  for (let id = 1; id <= 3; id++) {
    await tiny.send(1, [id]);
    await tiny.store.sealAll();
  }
  const lease = tiny.store.snapshot();
  assert.equal(lease.snapshot.segments.length, 3);
  await tiny.store.compact();
  assert.deepEqual(await tiny.idsBySource(), [[1, 2, 3]]);
  assert.deepEqual(await tiny.ids(lease.snapshot), [1, 2, 3]);
  assert.equal(tiny.segmentPaths().length, 4);
  lease.release();
  lease.release();
  await tiny.settle();
  assert.equal(tiny.segmentPaths().length, 1);
  assert.deepEqual(await (await TinyStore.open(tiny.disk.crash())).idsBySource(), [[1, 2, 3]]);
});

test('Store.compact: removes what arrived too long ago, and the oldest when there is too much', async () => {
  const tiny = await TinyStore.open(new FakeDisk(), { retentionAgeMilli: 1000 });
  await tiny.send(1, [1]);
  await tiny.store.sealAll();
  tiny.nowMilli += 500;
  await tiny.send(2, [2]);
  await tiny.store.sealAll();
  tiny.nowMilli += 600;
  await tiny.store.compact();
  assert.deepEqual(await tiny.ids(), [2]);
  const small = await TinyStore.open(tiny.disk.crash(), { retentionBytesMax: 1 });
  assert.deepEqual(await small.ids(), [2]);
  await small.store.compact();
  assert.deepEqual(await small.ids(), []);
  assert.equal(small.segmentPaths().length, 0);
});

test('Store.tick: seals by age, by rows and under memory pressure, not before the traces are idle', async () => {
  const tiny = await TinyStore.open(new FakeDisk(), {
    sealAgeMilli: 1000,
    sealRowsMin: 3,
    sealAgeMaxMilli: 9000,
    sealIdleMilli: 500,
  });
  await tiny.send(1, [1, 2]);
  tiny.nowMilli += 1500;
  await tiny.store.tick();
  assert.equal(tiny.store.stats().segments, 0, 'too few rows for its age');
  await tiny.send(1, [3]);
  await tiny.store.tick();
  await tiny.store.tick();
  assert.equal(tiny.store.stats().segments, 0, 'not idle yet');
  tiny.nowMilli += 500;
  await tiny.store.tick();
  assert.equal(tiny.store.stats().segments, 1);
  await tiny.send(2, [4]);
  tiny.nowMilli += 9000;
  await tiny.store.tick();
  tiny.nowMilli += 500;
  await tiny.store.tick();
  assert.deepEqual(await tiny.idsBySource(), [[1, 2, 3], [4]]);
});

test('Store.append: refuses when unsealed spans take too much memory, and goes on after a seal', async () => {
  const tiny = await TinyStore.open(new FakeDisk(), { memoryBytesMax: 2000, sealIdleMilli: 1e9 });
  let id = 0;
  await assert.rejects(
    async () => {
      while (id < 1000) await tiny.send(1, [++id]);
    },
    { code: 'STORE_BUSY' },
  );
  await tiny.store.tick();
  await tiny.send(2, [1000]);
  assert.deepEqual(await tiny.ids(), [...Array.from({ length: id - 1 }, (_, i) => i + 1), 1000]);
});

test('Store.append: a full head ends its generation; nothing is lost', async () => {
  const tiny = await TinyStore.open(new FakeDisk(), { headRowsMax: 3 });
  for (let id = 0; id < 20; id += 2) await tiny.send(id + 1, [id + 1, id + 2]);
  assert.equal(tiny.store.stats().generations, 5);
  const ids = Array.from({ length: 20 }, (_, i) => i + 1);
  assert.deepEqual(await tiny.ids(), ids);
  const again = await TinyStore.open(tiny.disk.crash(), { headRowsMax: 7 });
  assert.deepEqual(await again.ids(), ids);
  await again.store.sealAll();
  assert.deepEqual(await again.ids(), ids);
});

test('Store.close: what was accepted is durable, what comes later is refused', async () => {
  const tiny = await TinyStore.open(new FakeDisk());
  const pending = tiny.send(1, [1]);
  const slices = tiny.sendInSlices(1, [2, 3]);
  await tiny.store.close();
  await Promise.all([pending, slices]);
  await assert.rejects(tiny.send(1, [4]), { code: 'STORE_CLOSED' });
  const again = await TinyStore.open(tiny.disk.crash());
  assert.deepEqual(await again.ids(), [1, 2, 3]);
  assert.deepEqual(again.messages, ['info: replayed unsealed spans']);
});

test('Store.snapshot: split traces are known', async () => {
  const tiny = await TinyStore.open(new FakeDisk());
  await tiny.send(1, [1]);
  await tiny.send(2, [2]);
  await tiny.store.sealAll();
  assert.deepEqual(await tiny.splitTraces(), []);
  await tiny.send(2, [3]);
  await tiny.send(3, [4]);
  assert.deepEqual(await tiny.splitTraces(), [2]);
  await tiny.rotate();
  await tiny.send(3, [5]);
  assert.deepEqual(await tiny.splitTraces(), [2, 3]);
  await tiny.sealOldest();
  assert.deepEqual(await tiny.splitTraces(), [2], 'the seal took both parts of trace 3');
});

for (const { name, matches } of [
  { name: 'the WAL', matches: (path: string) => path.endsWith('.wal') },
  { name: 'a seal', matches: (path: string) => path.endsWith('/segments') || path.endsWith('.tmp') },
  { name: 'the manifest', matches: (path: string) => path.includes('/manifest') },
]) {
  for (const kind of ['open', 'write', 'datasync', 'syncDirectory'] as const) {
    test(`Store: a full disk at ${kind} of ${name} is retryable, reads go on, and it recovers by itself`, async () => {
      const tiny = await TinyStore.open(new FakeDisk());
      await tiny.send(1, [1]);
      await tiny.store.sealAll();
      await tiny.send(1, [2]);
      tiny.disk.failWith = (operation) => (operation.kind === kind && matches(operation.path) ? 'ENOSPC' : undefined);
      const acknowledged = [1, 2];
      for (let id = 3; id < 9; id++) {
        await tiny.send(1, [id]).then(
          () => acknowledged.push(id),
          (error: unknown) => assert.equal((error as { code: string }).code, 'STORE_UNAVAILABLE'),
        );
        await tiny.rotate();
        tiny.nowMilli += 20_000;
        await tiny.store.tick();
        assert.deepEqual(await tiny.ids(), acknowledged, 'reads go on');
      }
      tiny.disk.failWith = () => undefined;
      tiny.nowMilli += 60_000;
      await tiny.send(1, [9]);
      await tiny.store.tick();
      await tiny.store.sealAll();
      assert.deepEqual(await tiny.ids(), [...acknowledged, 9]);
      assert.deepEqual(await (await TinyStore.open(tiny.disk.crash())).ids(), [...acknowledged, 9]);
    });
  }
}
