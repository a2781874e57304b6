/**
 * The layer rule: which room may import which, as data. Type imports count. A room imports another only through its
 * `index.ts`; no file takes part in an import cycle; `model` and `traceql` also run in browsers, so they
 * know no Node.
 */
import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';

const mayImport: Readonly<Record<string, readonly string[] | undefined>> = {
  model: [],
  wire: ['model'],
  traceql: ['model'],
  store: ['model'],
  query: ['model', 'traceql', 'store'],
  server: ['model', 'wire', 'traceql', 'store', 'query'],
  // `wire` for the skeleton's decoder: the page's one binary answer has one definition.
  ui: ['model', 'traceql', 'wire'],
  demo: [],
};
/** Tests, what lies in `testing/` for them, and benchmarks may reach further than the code beside them, to have real data. */
const testsMayAlsoImport: Readonly<Record<string, readonly string[]>> = {
  wire: ['store'],
  store: ['wire'],
  query: ['wire'],
};
const browserRooms = ['model', 'traceql', 'ui'];

/** The specifiers a source text imports, re-exports or loads; comments are not parsed, so examples must not look alike. */
export function importsOf(source: string): readonly string[] {
  const pattern = /^\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s+)?'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm;
  return [...source.matchAll(pattern)].map((match) => match[1] ?? match[2]);
}

/** What is wrong with one import, in words; `undefined` when it is allowed. */
export function layerViolation(file: string, specifier: string): string | undefined {
  const room = /^packages\/(\w+)\/src\//.exec(file)?.[1];
  if (room === undefined) return undefined;
  const isTest = /\.(test|bench)\.ts$|\/testing\//.test(file);
  if (specifier.startsWith('.')) {
    const target = join(dirname(file), specifier);
    return target.startsWith(`packages/${room}/`) || isTest ? undefined : `leaves the room by a path: ${target}`;
  }
  if (isBuiltin(specifier) && browserRooms.includes(room) && !isTest) return `'${room}' must run in a browser`;
  const other = /^@spoor\/(\w+)(\/.*)?$/.exec(specifier);
  if (other === null || other[1] === room) return undefined;
  if (other[2] !== undefined) return `'${other[1]}' is imported past its index.ts`;
  const own = mayImport[room];
  if (own === undefined) return `'${room}' is not in the table of scripts/check-layers.ts`;
  const allowed = isTest ? [...own, ...(testsMayAlsoImport[room] ?? [])] : own;
  return allowed.includes(other[1]) ? undefined : `'${room}' may import ${allowed.join(', ') || 'no room'} only`;
}

/** The first import cycle among `graph`'s files, as a path that ends where it began. */
export function findCycle(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const finished = new Set<string>();
  const visit = (file: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (finished.has(file)) return undefined;
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next, [...path, file]);
      if (cycle !== undefined) return cycle;
    }
    finished.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const cycle = visit(file, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

function main(root: string): void {
  const files = globSync('{packages/*/src,scripts,bench,test}/**/*.{ts,tsx}', { cwd: root }).toSorted();
  const graph = new Map<string, readonly string[]>();
  const problems: string[] = [];
  for (const file of files) {
    const specifiers = importsOf(readFileSync(join(root, file), 'utf8'));
    graph.set(
      file,
      specifiers.filter((specifier) => specifier.startsWith('.')).map((specifier) => join(dirname(file), specifier)),
    );
    for (const specifier of specifiers) {
      const violation = layerViolation(file, specifier);
      if (violation !== undefined) problems.push(`${file}: imports '${specifier}': ${violation}`);
    }
  }
  const cycle = findCycle(graph);
  if (cycle !== undefined) problems.push(`import cycle: ${cycle.join(' → ')}`);
  for (const problem of problems) console.error(problem);
  console.log(`${files.length} files, ${problems.length} broken layer rules`);
  if (problems.length > 0) process.exitCode = 1;
}

if (import.meta.main) main(relative(process.cwd(), join(import.meta.dirname, '..')) || '.');
