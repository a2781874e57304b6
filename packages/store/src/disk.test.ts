import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { realDisk } from './disk.ts';

test('realDisk: what is written at an offset is read back; a read past the end is short', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'spoor-disk-'));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, 'a', 'b', 'file');
  await realDisk.mkdir(join(directory, 'a', 'b'));
  await realDisk.mkdir(join(directory, 'a', 'b'));
  assert.equal(await realDisk.stat(path), undefined);

  const file = await realDisk.open(path, 'create');
  const chunks = Array.from({ length: 3000 }, (_, i) => new Uint8Array(i % 3).fill(i));
  await file.write(chunks, 0);
  await file.write([Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3)], 3000);
  await file.datasync();
  assert.equal(await file.sizeBytes(), 3003);
  assert.deepEqual([...(await file.read(3000, 100))], [1, 2, 3]);
  assert.deepEqual(Buffer.from(await file.read(0, 2999)), Buffer.concat(chunks).subarray(0, 2999));
  assert.equal((await file.read(9999, 1)).length, 0);
  await file.truncate(10);
  await file.close();

  const appended = await realDisk.open(path, 'append');
  await appended.write([Uint8Array.of(9)], 10);
  assert.equal(await appended.sizeBytes(), 11);
  await appended.close();
  const moved = join(directory, 'moved');
  await realDisk.rename(path, moved);
  await realDisk.syncDirectory(directory);
  assert.deepEqual((await realDisk.readdir(directory)).sort(), ['a', 'moved']);
  assert.deepEqual(await realDisk.stat(moved), { sizeBytes: 11 });
  await assert.rejects(realDisk.open(path, 'read'), { code: 'ENOENT' });
  await realDisk.unlink(moved);
  await assert.rejects(realDisk.unlink(moved), { code: 'ENOENT' });
  const space = await realDisk.statfs(directory);
  assert.ok(space.freeBytes > 0 && space.freeBytes <= space.totalBytes);
});
