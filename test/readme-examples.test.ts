import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ScratchDirectory } from '../bench/bench-options.ts';
import { ServerProcess } from '../bench/server-process.ts';

const hasCurl = spawnSync('curl', ['--version']).status === 0;

/** The README's `curl` commands in order, each with its continuation lines. */
function curlCommands(): readonly string[] {
  const markdown = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const blocks = [...markdown.matchAll(/^```sh\n(.*?)^```/gms)].map((match) => match[1]);
  return blocks.flatMap((block) =>
    block
      .split(/^(?=curl |#)|\n\n/m)
      .map((command) => command.trim())
      .filter((command) => command.startsWith('curl ')),
  );
}

test('README: its examples work, in order', { skip: hasCurl ? false : 'there is no curl' }, async () => {
  using scratch = new ScratchDirectory();
  await using server = await ServerProcess.start(scratch.path);
  const commands = curlCommands();
  assert.equal(commands.length, 6);
  for (const command of commands) {
    const here = command
      .replace('localhost:4318', `127.0.0.1:${server.otlpHttpPort}`)
      .replace('localhost:16686', `127.0.0.1:${server.jaegerPort}`);
    const { status, stdout, stderr } = spawnSync(
      'bash',
      ['-c', here.replace('curl ', 'curl --silent --show-error --fail ')],
      { encoding: 'utf8' },
    );
    assert.equal(status, 0, `${command}\n${stderr}`);
    const answer = JSON.parse(stdout) as { errors?: unknown; data?: unknown };
    assert.equal(answer.errors ?? undefined, undefined, stdout);
    if (command.includes('/api/') && !command.includes('dependencies')) {
      assert.ok(Array.isArray(answer.data) && answer.data.length > 0, `${command}\nfound nothing: ${stdout}`);
    }
  }
});
