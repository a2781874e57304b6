import { equal, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { codeCacheDirectory } from './code-cache.ts';

test('codeCacheDirectory: where the system has caches, if the user has a place for them', () => {
  equal(codeCacheDirectory({ XDG_CACHE_HOME: '/caches', HOME: '/home/me' }), join('/caches', 'spoor', 'code'));
  equal(codeCacheDirectory({ HOME: '/home/me' }), join('/home/me', '.cache', 'spoor', 'code'));
  equal(codeCacheDirectory({ XDG_CACHE_HOME: '', HOME: '' }), undefined);
  equal(codeCacheDirectory({ HOME: '/' }), undefined, 'a user without a home has the root directory');
});

const mainPath = join(import.meta.dirname, `main${import.meta.url.slice(-3)}`);

function version(cache: string): string {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [...process.execArgv.filter((one) => one.startsWith('--conditions')), mainPath, '--version'],
    { encoding: 'utf8', env: { ...process.env, NODE_COMPILE_CACHE: '', XDG_CACHE_HOME: cache } },
  );
  equal(stderr, '');
  equal(status, 0);
  return stdout;
}

test('keepCompiledCode: compiled code is there for the next start; damage and an unwritable place change nothing', () => {
  const cache = mkdtempSync(join(tmpdir(), 'spoor-code-'));
  try {
    const first = version(cache);
    const files = readdirSync(cache, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    ok(files.length > 10, `${files.length} files`);
    equal(version(cache), first);
    for (const { parentPath, name } of files) writeFileSync(join(parentPath, name), 'not what was written');
    equal(version(cache), first);
    const file = join(cache, 'file');
    writeFileSync(file, '');
    equal(version(join(file, 'nowhere')), first);
    ok(!existsSync(join(file, 'nowhere')));
  } finally {
    rmSync(cache, { recursive: true });
  }
});
