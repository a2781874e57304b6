import { equal } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

test('tuneCollector: the engine knows the option, or is not told of it', () => {
  const url = new URL(`./collector-tuning${import.meta.url.slice(-3)}`, import.meta.url).href;
  const code = `const { tuneCollector } = await import(${JSON.stringify(url)}); tuneCollector();`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
  });
  equal(stdout + stderr, '');
  equal(status, 0);
});
