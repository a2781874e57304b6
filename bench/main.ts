/**
 * `npm run bench`: lists the benchmarks; `npm run bench -- ingest --rate 50_000` runs one with its flags. A benchmark
 * is a file `*.bench.ts`, here or beside the code it measures, known by the first part of its name.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';

const root = join(import.meta.dirname, '..');
const files = globSync('{bench,packages/*/src}/**/*.bench.ts', { cwd: root }).toSorted();
const byName = new Map(files.map((file) => [basename(file, '.bench.ts'), file]));
const [name, ...args] = process.argv.slice(2);
const file = byName.get(name ?? '');

if (file === undefined) {
  if (name !== undefined) console.error(`there is no benchmark '${name}'`);
  console.log(
    `npm run bench -- NAME [flags], where NAME is one of\n${[...byName].map((row) => `  ${row.join('  ')}`).join('\n')}`,
  );
  process.exitCode = name === undefined ? 0 : 1;
} else {
  const { status } = spawnSync(process.execPath, ['--conditions=source', join(root, file), ...args], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}
