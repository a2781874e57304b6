/**
 * `npm test`: every `*.test.ts` of the repository, but for outside clients (`npm run test:clients`), through node:test,
 * two files at a time. Benchmarks run once each from `test/bench-smoke.test.ts`. Arguments narrow it:
 * `npm test -- wal otlp` runs the files whose path has one of
 * these words; those that begin with `--` go to node (`npm test -- --test-name-pattern=…`).
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const root = join(import.meta.dirname, '..');
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const words = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const all = globSync('{packages/*/src,scripts,bench,test}/**/*.test.ts', {
  cwd: root,
  exclude: ['test/clients'],
}).toSorted();
const files = words.length === 0 ? all : all.filter((file) => words.some((word) => file.includes(word)));

console.log(`${files.length} of ${all.length} test files`);
if (files.length === 0) {
  console.error(`no test file has ${words.join(' or ')} in its path`);
  process.exit(1);
}
const nodeFlags = ['--conditions=source', '--test', '--test-concurrency=2', '--test-timeout=600000'];
const { status } = spawnSync(process.execPath, [...nodeFlags, '--test-reporter=spec', ...flags, ...files], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
});
process.exitCode = status ?? 1;
