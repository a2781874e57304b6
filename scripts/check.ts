/**
 * `npm run check`: every rule that a machine can hold. All steps run, whatever the others said, so that one look
 * shows everything; the exit code is 1 when any failed.
 */
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import process from 'node:process';

const root = join(import.meta.dirname, '..');
const script = (name: string): readonly string[] => ['node', '--conditions=source', join('scripts', name)];

const steps: readonly (readonly [name: string, command: readonly string[]])[] = [
  ['types', ['tsc', '-p', 'tsconfig.json', '--noEmit']],
  ['types of the page', ['tsc', '-p', 'packages/ui/tsconfig.json']],
  ['types of its tests', ['tsc', '-p', 'test/page/tsconfig.json']],
  ['lint', ['oxlint', '--deny-warnings', '--report-unused-disable-directives']],
  ['format', ['oxfmt', '--check']],
  ['dead code', ['knip', '--no-progress']],
  ['layers', script('check-layers.ts')],
  ['docs', script('check-docs.ts')],
  ['image', ['dockerfile-utils', 'lint', 'deploy/Dockerfile']],
  ['compose file', ['dclint', '-c', 'deploy/dclint.json', '--max-warnings', '0', 'deploy/docker-compose.yaml']],
  ['page size', [...script('build-page.ts'), '--budget']],
];

/** Runs one command with its output passed through. @returns whether it succeeded */
function run(name: string, command: readonly string[]): boolean {
  console.log(`\n── ${name}: ${command.join(' ')}`);
  const startMs = performance.now();
  const env = { ...process.env, PATH: [join(root, 'node_modules', '.bin'), process.env['PATH']].join(delimiter) };
  const { status, error } = spawnSync(command[0], command.slice(1), { cwd: root, env, stdio: 'inherit' });
  if (error !== undefined) console.error(error.message);
  const isGood = status === 0;
  console.log(`── ${name} ${isGood ? 'passed' : 'FAILED'} in ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
  return isGood;
}

const failed = steps.filter(([name, command]) => !run(name, command)).map(([name]) => name);
console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join(', ')}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
