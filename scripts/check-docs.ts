/**
 * Documents that list what code declares must list exactly that: `docs/errors.md` the error codes,
 * `docs/limits.md` the limits. A row is a table line that begins with a name in backquotes.
 */
import { errorCodes, limits } from '@spoor/model';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const root = join(import.meta.dirname, '..');

/** The names in the first column of a Markdown text's tables, with the rest of their line. */
export function documentedRows(markdown: string): ReadonlyMap<string, string> {
  const rows = [...markdown.matchAll(/^\|\s*`(\w+)`\s*\|(.*)$/gm)];
  return new Map(rows.map((row) => [row[1], row[2]]));
}

/** Names that one side has and the other has not, in words. */
export function differences(
  path: string,
  declared: readonly string[],
  documented: readonly string[],
): readonly string[] {
  return [
    ...declared.filter((name) => !documented.includes(name)).map((name) => `${path} does not list ${name}`),
    ...documented.filter((name) => !declared.includes(name)).map((name) => `${path} lists ${name}, which is no more`),
  ];
}

function main(): void {
  const errorRows = documentedRows(readFileSync(join(root, 'docs/errors.md'), 'utf8'));
  const limitRows = documentedRows(readFileSync(join(root, 'docs/limits.md'), 'utf8'));
  const problems = [
    ...differences('docs/errors.md', Object.keys(errorCodes), [...errorRows.keys()]),
    ...differences('docs/limits.md', Object.keys(limits), [...limitRows.keys()]),
  ];
  for (const [name, { retryable, meaning }] of Object.entries(errorCodes)) {
    const row = errorRows.get(name);
    if (row === undefined) continue;
    if (!row.includes(meaning)) problems.push(`docs/errors.md: ${name} should say “${meaning}”`);
    if (!row.includes(retryable ? '| yes |' : '| no |')) problems.push(`docs/errors.md: ${name} is wrong on retrying`);
  }
  for (const [name, value] of Object.entries(limits)) {
    const row = limitRows.get(name);
    if (row !== undefined && !row.replaceAll(/[,\s]/g, '').startsWith(`${value}|`)) {
      problems.push(`docs/limits.md: ${name} should be ${value.toLocaleString('en')}`);
    }
  }
  for (const problem of problems) console.error(problem);
  console.log(`${errorRows.size} error codes, ${limitRows.size} limits, ${problems.length} differences`);
  if (problems.length > 0) process.exitCode = 1;
}

if (import.meta.main) main();
