import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';

// Every benchmark runs once with BENCH_SMOKE=1, so that it cannot rot. Nothing here looks at its figures.
const root = join(import.meta.dirname, '..');
for (const file of globSync('{packages/*/src,bench}/**/*.bench.ts', { cwd: root }).toSorted()) {
  test(`${file}: runs once`, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=source', file], {
      cwd: root,
      env: { ...process.env, BENCH_SMOKE: '1' },
      encoding: 'utf8',
      timeout: 120_000,
    });
    assert.equal(status, 0, `${stdout}\n${stderr}`);
  });
}
