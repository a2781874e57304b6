import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { realDisk } from './disk.ts';
import { allocateHeadBuffers, headCapacity } from './head-buffers.ts';
import { Head } from './head.ts';
import { WorkerExecutor } from './seal-executor.ts';
import { SnapshotReader } from './store-snapshot-reader.ts';
import { Store } from './store.ts';
import { decodeTiny, encodeTiny, replayTiny, tinyMeta, tinyOf } from './testing/tiny-protocol.ts';

async function openStore(dataDirectory: string, problems: string[]): Promise<Store> {
  const logger = {
    info() {},
    warn: (message: string) => problems.push(message),
    error: (message: string) => problems.push(message),
  };
  const more = { mergeSegmentsMin: 3, schedule: 'manual' } as const;
  return Store.open({ dataDirectory, tenant: 'default', disk: realDisk, replay: replayTiny, logger, ...more });
}

async function send(store: Store, ids: readonly number[]): Promise<void> {
  const body = encodeTiny(ids.map((id) => ({ trace: 1 + (id % 5), id, name: 'span', startMilli: id })));
  await store.append({ ...tinyMeta, receivedMilli: Date.now() }, body, (sink) => decodeTiny(body, sink));
}

async function storedIds(store: Store): Promise<number[]> {
  const reader = new SnapshotReader({
    disk: realDisk,
    cacheBytesMax: 1 << 20,
    onDamaged: (id) => assert.fail(`segment ${id}`),
  });
  const lease = store.snapshot();
  const ids: number[] = [];
  for (const source of await reader.sources(lease.snapshot)) {
    const spans = await source.spans(Uint32Array.from({ length: source.rowCount }, (_, row) => row));
    ids.push(...spans.map((span) => tinyOf(span).id));
  }
  lease.release();
  return ids.sort((a, b) => a - b);
}

test('WorkerExecutor: seals and merges on the real disk, and a close in the middle of a seal loses nothing', async (t) => {
  const dataDirectory = fs.mkdtempSync(`${os.tmpdir()}/spoor-executor-`);
  t.after(() => fs.rmSync(dataDirectory, { recursive: true, force: true }));
  const problems: string[] = [];
  const store = await openStore(dataDirectory, problems);
  for (let first = 1; first < 12; first += 4) {
    await send(store, [first, first + 1]);
    await store.rotate();
    await send(store, [first + 2, first + 3]); // partly joined into the segment before
    await store.sealAll();
  }
  await store.compact();
  assert.ok(store.stats().segments < 3);
  assert.deepEqual(await storedIds(store), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  await send(store, [13, 14]);
  await store.rotate();
  const sealing = assert.rejects(store.sealOldest(), { code: 'STORE_CLOSED' });
  await store.close();
  await sealing;
  const again = await openStore(dataDirectory, problems);
  assert.deepEqual(await storedIds(again), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  await again.close();
  assert.deepEqual(problems, []);
});

test('WorkerExecutor: a thread without work ends, and the next job gets another', async (t) => {
  const directory = fs.mkdtempSync(`${os.tmpdir()}/spoor-executor-`);
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  const executor = new WorkerExecutor({ seal: 0, merge: 60_000 });
  const ended: string[] = [];
  const diagnose = (worker: unknown): void => {
    (worker as Worker).once('exit', () => ended.push('exit'));
  };
  process.on('worker', diagnose);
  t.after(() => process.off('worker', diagnose));
  const { buffers, counts } = new Head(allocateHeadBuffers(headCapacity(16)));
  const head = { buffers, counts: { ...counts } };
  for (let job = 1; job <= 2; job++) {
    const origin = { id: job, receivedMaxMilli: 0, mergeLevel: 0, consumedWals: [], joined: [], replaces: [] };
    const path = `${directory}/${job}.segment`;
    const { segment } = await executor.run({ kind: 'seal', path, tenant: 't', origin, head, newer: [] });
    assert.equal(segment, undefined, 'there was no row');
    while (ended.length < job) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await executor.close();
  assert.equal(ended.length, 2);
});
