/**
 * Documents that list what code declares must list exactly that: `docs/errors.md` the error codes, `docs/limits.md`
 * the limits, `docs/configuration.md` the options, `docs/jaeger-setup.md` the ports. A row is a table line that begins with
 * a name in backquotes, or with a port's number. Links between documents must lead somewhere.
 */
import { errorCodes, limits } from '@spoor/model';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { configOptions } from '../packages/server/src/config-option.ts';
import { portEntries } from '../packages/server/src/port-entry.ts';
import { receiverEntries } from '../packages/server/src/receivers/receiver-entry.ts';

const root = join(import.meta.dirname, '..');

/** The names in the first column of a Markdown text's tables, with the rest of their line. */
export function documentedRows(markdown: string): ReadonlyMap<string, string> {
  const rows = [...markdown.matchAll(/^\|\s*`(?:--)?([\w.-]+)[^`]*`\s*\|(.*)$/gm)];
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

/** Relative links of a document that lead to no file. */
export function deadLinks(path: string, markdown: string, exists: (path: string) => boolean): readonly string[] {
  const targets = [...markdown.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map((match) => match[1]);
  const relative = targets.filter((target) => !/^[a-z]+:/.test(target));
  return relative
    .filter((target) => !exists(join(dirname(path), target)))
    .map((target) => `${path} links to ${target}, which does not exist`);
}

function errorProblems(): readonly string[] {
  const rows = documentedRows(read('docs/errors.md'));
  const problems = [...differences('docs/errors.md', Object.keys(errorCodes), [...rows.keys()])];
  for (const [name, { retryable, meaning }] of Object.entries(errorCodes)) {
    const row = rows.get(name) ?? `| ${meaning} ${retryable ? '| yes |' : '| no |'}`;
    if (!row.includes(meaning)) problems.push(`docs/errors.md: ${name} should say “${meaning}”`);
    if (!`|${row}`.includes(retryable ? '| yes |' : '| no |'))
      problems.push(`docs/errors.md: ${name} is wrong on retrying`);
  }
  return problems;
}

function limitProblems(): readonly string[] {
  const rows = documentedRows(read('docs/limits.md'));
  const problems = [...differences('docs/limits.md', Object.keys(limits), [...rows.keys()])];
  for (const [name, value] of Object.entries(limits)) {
    const documented = rows.get(name)?.split('|')[0].replaceAll(/[,\s]/g, '');
    if (documented !== undefined && documented !== `${value}`) {
      problems.push(`docs/limits.md: ${name} should be ${value.toLocaleString('en')}`);
    }
  }
  return problems;
}

function optionProblems(): readonly string[] {
  const rows = documentedRows(read('docs/configuration.md'));
  const problems = [
    ...differences(
      'docs/configuration.md',
      configOptions.map(({ flag }) => flag),
      [...rows.keys()],
    ),
  ];
  for (const { flag, env, defaultText } of configOptions) {
    const row = rows.get(flag);
    if (row === undefined) continue;
    if (!row.includes(`\`${env}\``)) problems.push(`docs/configuration.md: --${flag} is also ${env}`);
    if (!row.includes(`| ${defaultText} |`))
      problems.push(`docs/configuration.md: --${flag} is ${defaultText} by default`);
  }
  return problems;
}

/** Jaeger's users find every port of theirs, with both of its options, in one line of a table. */
function portProblems(): readonly string[] {
  const path = 'docs/jaeger-setup.md';
  const rows = read(path)
    .split('\n')
    .filter((line) => /^\| \d/.test(line));
  return [...portEntries, ...receiverEntries]
    .filter(({ name }) => !name.startsWith('tempo-'))
    .filter(({ port, flag, jaegerFlag }) => {
      const row = rows.find((line) => line.startsWith(`| ${port} `));
      return !row?.includes(`\`--${flag}\``) || !row.includes(jaegerFlag === undefined ? '| |' : `\`--${jaegerFlag}\``);
    })
    .map(({ port, flag }) => `${path} should list port ${port} with --${flag} and with Jaeger's name for that`);
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function main(): void {
  const documents = globSync('{*.md,docs/**/*.md}', { cwd: root });
  const problems = [
    ...errorProblems(),
    ...limitProblems(),
    ...optionProblems(),
    ...portProblems(),
    ...documents.flatMap((path) => deadLinks(path, read(path), (target) => existsSync(join(root, target)))),
  ];
  for (const problem of problems) console.error(problem);
  console.log(`${documents.length} documents, ${problems.length} differences from the code`);
  if (problems.length > 0) process.exitCode = 1;
}

if (import.meta.main) main();
