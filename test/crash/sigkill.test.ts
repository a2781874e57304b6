import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import process from 'node:process';
import { test } from 'node:test';
import { DataDirectoryLock } from '../../packages/store/src/data-directory-lock.ts';
import { realDisk } from '../../packages/store/src/disk.ts';
import type { StoreLogger } from '../../packages/store/src/store-logger.ts';
import { SnapshotReader } from '../../packages/store/src/store-snapshot-reader.ts';
import { Store } from '../../packages/store/src/store.ts';
import { replayTiny, tinyOf } from '../../packages/store/src/testing/tiny-protocol.ts';
import { seededRandom, testSeed } from '../../packages/store/src/testing/seeded-random.ts';

const roundCount = Number(process.env['ROUNDS'] ?? 20);

/** Runs the child until it has been acknowledging for so long. @returns the id ranges it wrote, both ends included */
async function runAndKill(
  dataDirectory: string,
  firstId: number,
  milli: number,
): Promise<readonly (readonly [number, number])[]> {
  const script = new URL('./sigkill-child.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--conditions=source', script, dataDirectory, String(firstId)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<string | null>((resolve) => child.on('exit', (_, signal) => resolve(signal)));
  let text = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      if (text === '') setTimeout(resolve, milli);
      text += String(chunk);
    });
    void ended.then(() => reject(new Error('the child ended by itself')));
  });
  child.kill('SIGKILL');
  assert.equal(await ended, 'SIGKILL');
  // The last line may be half of one.
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' ').map(Number) as [number, number]);
}

async function storedIds(dataDirectory: string, errors: string[]): Promise<number[]> {
  using lock = DataDirectoryLock.acquire(dataDirectory);
  assert.ok(fs.existsSync(lock.path));
  const logger: StoreLogger = { info() {}, warn() {}, error: (message) => errors.push(message) };
  const store = await Store.open({
    dataDirectory,
    tenant: 'default',
    disk: realDisk,
    replay: replayTiny,
    logger,
    schedule: 'manual',
  });
  const reader = new SnapshotReader({
    disk: realDisk,
    cacheBytesMax: 1 << 20,
    onDamaged: (id) => errors.push(`segment ${id}`),
  });
  const lease = store.snapshot();
  const ids: number[] = [];
  for (const source of await reader.sources(lease.snapshot)) {
    const spans = await source.spans(Uint32Array.from({ length: source.rowCount }, (_, row) => row));
    for (const span of spans) ids.push(tinyOf(span).id);
  }
  lease.release();
  await store.close();
  return ids;
}

test('Store: killed at random moments under load, it has every acknowledged span once', async (t) => {
  const seed = testSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = seededRandom(seed);
  const dataDirectory = fs.mkdtempSync(`${os.tmpdir()}/spoor-sigkill-`);
  t.after(() => fs.rmSync(dataDirectory, { recursive: true, force: true }));
  const acknowledged: number[] = [];
  let largest = 0;
  for (let round = 0; round < roundCount; round++) {
    for (const [first, last] of await runAndKill(dataDirectory, largest, Math.floor(random() * 500))) {
      for (let id = first; id <= last; id++) acknowledged.push(id);
    }
    const errors: string[] = [];
    const stored = await storedIds(dataDirectory, errors);
    const distinct = new Set(stored);
    assert.deepEqual(errors, []);
    assert.equal(distinct.size, stored.length, `round ${round}: none twice`);
    assert.deepEqual(
      acknowledged.filter((id) => !distinct.has(id)),
      [],
      `round ${round}: none missing`,
    );
    for (const id of stored) largest = Math.max(largest, id);
  }
  t.diagnostic(`${acknowledged.length} spans acknowledged, ${largest} ids used`);
});
