/**
 * `npm run test:clients`: released clients of other makers send to a running Spoor, and what they sent is asked back.
 * Their dependencies are installed outside the repository (`test/clients/client-program.ts` says where). A client whose
 * language is not on the machine is left out with a word; with `CI=true` that is a failure. Arguments narrow it:
 * `npm run test:clients -- go java`; those that begin with `--` go to node.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const root = join(import.meta.dirname, '..');
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const words = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const all = globSync('test/clients/*.test.ts', { cwd: root }).toSorted();
const files = words.length === 0 ? all : all.filter((file) => words.some((word) => file.includes(word)));

if (files.length === 0) {
  console.error(`no test file of clients has ${words.join(' or ')} in its path`);
  process.exit(1);
}
// One after the other: installing and compiling keep two cores busy by themselves.
const nodeFlags = ['--conditions=source', '--test', '--test-concurrency=1', '--test-reporter=spec'];
const { status } = spawnSync(process.execPath, [...nodeFlags, ...flags, ...files], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
});
process.exitCode = status ?? 1;
