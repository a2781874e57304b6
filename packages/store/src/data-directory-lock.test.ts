import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import { test } from 'node:test';
import { DataDirectoryLock } from './data-directory-lock.ts';

function temporaryDirectory(): string {
  return fs.mkdtempSync(`${os.tmpdir()}/spoor-lock-`);
}

test('DataDirectoryLock: the same directory cannot be taken twice, and can after a release', () => {
  const directory = `${temporaryDirectory()}/new`;
  const lock = DataDirectoryLock.acquire(directory);
  assert.throws(() => DataDirectoryLock.acquire(directory), {
    code: 'STORE_LOCKED',
    message: new RegExp(`process ${process.pid};`),
  });
  lock.release();
  using again = DataDirectoryLock.acquire(directory);
  assert.deepEqual(fs.readdirSync(directory), ['LOCK']);
  assert.ok(again.path.startsWith(directory));
});

test('DataDirectoryLock: a dead process, a reused pid and a torn file do not hold it', async () => {
  const directory = temporaryDirectory();
  const child = spawn(process.execPath, ['--eval', '']);
  await new Promise((resolve) => child.on('exit', resolve));
  const stale = [
    JSON.stringify({ pid: child.pid, startedAt: 'boot 1' }),
    JSON.stringify({ pid: process.pid, startedAt: 'another boot 17' }),
    '{"pid":',
    '',
  ];
  for (const content of stale.slice(0, fs.existsSync('/proc/self/stat') ? stale.length : 0)) {
    fs.writeFileSync(`${directory}/LOCK`, content);
    DataDirectoryLock.acquire(directory).release();
  }
});
