import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { ScratchDirectory } from '../bench/bench-options.ts';
import { ServerProcess } from '../bench/server-process.ts';
import { curlCommands } from './markdown-code.ts';

const hasCurl = spawnSync('curl', ['--version']).status === 0;

test('README: its examples work, in order', { skip: hasCurl ? false : 'there is no curl' }, async () => {
  using scratch = new ScratchDirectory();
  await using server = await ServerProcess.start(scratch.path);
  const commands = curlCommands('README.md');
  assert.equal(commands.length, 8);
  for (const command of commands) {
    const here = command
      .replace('localhost:4318', `127.0.0.1:${server.otlpHttpPort}`)
      .replace('localhost:16686', `127.0.0.1:${server.jaegerPort}`)
      .replace('localhost:3200', `127.0.0.1:${server.tempoPort}`);
    const { status, stdout, stderr } = spawnSync(
      'bash',
      ['-c', here.replace('curl ', 'curl --silent --show-error --fail ')],
      { encoding: 'utf8' },
    );
    assert.equal(status, 0, `${command}\n${stderr}`);
    const answer = JSON.parse(stdout) as { errors?: unknown; data?: unknown; traces?: unknown; series?: unknown };
    assert.equal(answer.errors ?? undefined, undefined, stdout);
    if (command.includes('/api/') && !command.includes('dependencies')) {
      const found = answer.data ?? answer.traces ?? answer.series;
      assert.ok(Array.isArray(found) && found.length > 0, `${command}\nfound nothing: ${stdout}`);
    }
  }
});
