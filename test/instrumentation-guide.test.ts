import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startSpoor } from './e2e/start-spoor.ts';
import { codeBlocks, curlCommands } from './markdown-code.ts';

const path = 'docs/instrumentation.md';
const root = join(import.meta.dirname, '..');
const hasCurl = spawnSync('curl', ['--version']).status === 0;

for (const [language, extension] of Object.entries({ js: 'js', python: 'py', go: 'go' })) {
  test(`${path}: its ${language} is what the examples run`, () => {
    const files = globSync(`examples/*/{guide,otlp}/*.${extension}`, { cwd: root });
    const sources = files.map((file) => readFileSync(join(root, file), 'utf8'));
    const blocks = codeBlocks(path, language);
    assert.ok(blocks.length >= 3, `${blocks.length} blocks`);
    for (const block of blocks)
      assert.ok(
        sources.some((source) => source.includes(block)),
        `in no example:\n${block}`,
      );
  });
}

test(`${path}: its commands work, in order`, { skip: hasCurl ? false : 'there is no curl' }, async (t) => {
  const spoor = await startSpoor();
  t.after(() => spoor.stop());
  const commands = curlCommands(path);
  assert.equal(commands.length, 4);
  const answers = commands.map((command) => {
    const here = command
      .replace('http://localhost:4318', spoor.otlpHttp)
      .replace('http://localhost:16686', spoor.jaeger)
      .replace('localhost:5778', `127.0.0.1:${spoor.receivers['sampling-http']}`);
    const { status, stdout, stderr } = spawnSync('bash', ['-c', here], { encoding: 'utf8', timeout: 20_000 });
    assert.equal(status, 0, `${command}\n${stderr}`);
    return stdout;
  });
  assert.match(answers[2], /^spoor_spans_accepted_total.* 1$/m);
  assert.match(answers[1], /"operationName":"hello"/);
  assert.match(answers[3], /"samplingRate":1/);
});
