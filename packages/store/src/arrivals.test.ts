import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ArrivalBatch, arrivedSource } from './arrivals.ts';
import { FakeDisk } from './testing/fake-disk.ts';
import { tinyOf } from './testing/tiny-protocol.ts';
import { TinyStore } from './testing/tiny-store.ts';

/** The memory that spans are written to now. */
function openMemory({ store }: TinyStore): unknown {
  const lease = store.snapshot();
  lease.release();
  return lease.snapshot.heads.at(-1)!.buffers;
}

async function idsOf(batch: ArrivalBatch): Promise<number[]> {
  const ids: number[] = [];
  for (const rows of batch.rows) {
    const source = arrivedSource(rows);
    const spans = await source.spans(Uint32Array.from({ length: source.rowCount }, (_, row) => row));
    ids.push(...spans.map((span) => tinyOf(span).id));
  }
  batch.release();
  return ids.sort((a, b) => a - b);
}

test('Arrivals: every span once, however it is sealed in between; nothing of before the start', async () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  let state = seed;
  const below = (end: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >>> 8) % end;
  };
  for (let round = 0; round < 60; round++) {
    const before = await TinyStore.open(new FakeDisk());
    await before.send(1, [1, 2]);
    const tiny = await TinyStore.open(before.disk.crash());
    const arrivals = tiny.store.arrivals(() => undefined);
    const seen: number[] = [];
    const sent: number[] = [];
    for (let step = 0; step < 30; step++) {
      const choice = below(6);
      if (choice < 3) {
        const ids = Array.from({ length: 1 + below(3) }, (_, i) => 1000 + 10 * step + i);
        // Few traces, so that rows of newer heads are sealed with those of older ones.
        await tiny.send(1 + below(3), ids);
        sent.push(...ids);
      } else if (choice === 3) await tiny.rotate();
      else if (choice === 4) await tiny.sealOldest();
      else seen.push(...(await idsOf(arrivals.take())));
      // One head may leave between two batches without loss; here there never are more.
      if (choice === 4) seen.push(...(await idsOf(arrivals.take())));
    }
    const last = arrivals.take();
    assert.equal(last.missedSpanCount, 0);
    seen.push(...(await idsOf(last)));
    assert.deepEqual(
      seen.sort((a, b) => a - b),
      sent,
      `SEED=${seed}, round ${round}`,
    );
    await tiny.store.close();
  }
});

test('Arrivals: a head that is sealed keeps its memory until it is taken; of too many the oldest are missed and counted', async () => {
  const tiny = await TinyStore.open(new FakeDisk());
  let leftCount = 0;
  const arrivals = tiny.store.arrivals(() => leftCount++);
  for (let i = 1; i <= 4; i++) {
    await tiny.send(i, [i]);
    await tiny.rotate();
    await tiny.sealOldest();
  }
  assert.equal(leftCount, 4);
  // New heads would be written over the memory of sealed ones that nobody holds.
  await tiny.send(9, [9]);
  const batch = arrivals.take();
  assert.equal(batch.missedSpanCount, 2);
  assert.deepEqual(await idsOf(batch), [3, 4, 9]);
  const empty = arrivals.take();
  assert.deepEqual([await idsOf(empty), empty.missedSpanCount], [[], 0]);
});

test('Arrivals: closed, it holds no memory: heads that it kept, and those that are sealed from then on, are written again', async () => {
  const tiny = await TinyStore.open(new FakeDisk());
  const sealed = async (id: number): Promise<unknown> => {
    await tiny.send(id, [id]);
    const memory = openMemory(tiny);
    await tiny.rotate();
    await tiny.sealOldest();
    await tiny.settle();
    return memory;
  };
  let leftCount = 0;
  const arrivals = tiny.store.arrivals(() => leftCount++);
  const kept = await sealed(1);
  await tiny.send(2, [2]);
  const second = openMemory(tiny);
  assert.notEqual(second, kept, 'as long as nobody took it, its memory is kept');
  arrivals.close();
  await tiny.rotate();
  await tiny.sealOldest();
  await tiny.settle();
  for (let id = 3; id < 9; id++) assert.ok([kept, second].includes(await sealed(id)), 'no memory is added');
  assert.equal(leftCount, 1, 'nothing is told any more');
  const again = tiny.store.arrivals(() => undefined);
  await tiny.send(9, [9]);
  assert.deepEqual(await idsOf(again.take()), [9], 'only what arrives from then on');
});
