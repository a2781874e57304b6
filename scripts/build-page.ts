/**
 * Bundles the page into `packages/ui/dist`, if what is there is older than its sources: `npm start` runs it first, so
 * that a fresh clone serves the page. `--force` builds anyway; `--budget` fails when the first load is over its budget.
 */
import { build, type BuildOptions, type Metafile } from 'esbuild';
import { globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, extname, join, relative } from 'node:path';
import process from 'node:process';
import { gzipSync } from 'node:zlib';
import { barrelImports } from './barrel-imports.ts';

const root = join(import.meta.dirname, '..');
const outDirectory = join(root, 'packages/ui/dist');
const indexFile = join(outDirectory, 'index.html');
/** Gzipped bytes of script and of style that a first visit waits for, whatever page it opens in whatever language. */
const firstLoadBytesMax = { script: 125_000, style: 15_000 };
/** Files whose dynamic imports are the pages and the languages: a first visit waits for one of each. */
const choices = {
  page: 'packages/ui/src/shell/page-loader.ts',
  language: 'packages/ui/src/strings/language-loader.ts',
} as const;
/** Gzipped bytes of script that a part of the search page adds when it is opened, by the file that is imported. */
const laterBytesMax: Readonly<Record<string, number>> = {
  'packages/ui/src/editor/traceql-editor.ts': 130_000,
  'packages/ui/src/builder/query-builder.tsx': 25_000,
  'packages/ui/src/metrics/metrics-view.tsx': 25_000,
};

/** Builds unless it is up to date. @returns whether it built */
export async function buildPage(isForced = false): Promise<boolean> {
  if (!isForced && isFresh()) return false;
  rmSync(outDirectory, { recursive: true, force: true });
  mkdirSync(outDirectory, { recursive: true });
  const bundled = await build({
    ...buildOptions,
    entryPoints: [
      'packages/ui/src/main.tsx',
      // Not part of the first load: the map starts it when it is opened.
      'packages/ui/src/map/layout-worker.ts',
    ],
    splitting: true,
    format: 'esm',
  });
  // No module, which would wait for the document: it shares no chunk with the others.
  const early = await build({ ...buildOptions, entryPoints: ['packages/ui/src/shell/early.ts'], format: 'iife' });
  const metafile: Metafile = {
    inputs: { ...early.metafile.inputs, ...bundled.metafile.inputs },
    outputs: { ...early.metafile.outputs, ...bundled.metafile.outputs },
  };
  writeFileSync(join(outDirectory, 'metafile.json'), JSON.stringify(metafile));
  writeIndex(metafile);
  return true;
}

const buildOptions = {
  absWorkingDir: root,
  outdir: outDirectory,
  entryNames: '[name]-[hash]',
  chunkNames: 'chunk-[hash]',
  bundle: true,
  target: 'es2023',
  minify: true,
  // Or a Chinese sign would be six characters.
  charset: 'utf8',
  jsx: 'automatic',
  conditions: ['source'],
  plugins: [barrelImports(root)],
  // Other rooms' Node modules are dropped with the code that is not used; what is left would fail at once.
  external: ['node:*'],
  define: { 'process.env.NODE_ENV': '"production"' },
  metafile: true,
  logLevel: 'warning',
} as const satisfies BuildOptions;

function isFresh(): boolean {
  const built = statSync(indexFile, { throwIfNoEntry: false });
  if (built === undefined) return false;
  const sources = globSync(
    '{packages/{ui,wire,traceql,model}/src/**/*,packages/ui/index.html,scripts/{build-page,barrel-imports}.ts,package-lock.json}',
    {
      cwd: root,
    },
  );
  return sources.every((file) => statSync(join(root, file)).mtimeMs <= built.mtimeMs);
}

/** Fills in the hashed names. Relative, so that `<base href>` alone decides where the page lives. */
function writeIndex(metafile: Metafile): void {
  const nameOf = (start: string, end: string): string => {
    const path = Object.keys(metafile.outputs).find((output) => {
      const name = relative(outDirectory, join(root, output));
      return name.startsWith(start) && name.endsWith(end);
    });
    if (path === undefined) throw new Error(`the bundle has no ${start}…${end}`);
    return relative(outDirectory, join(root, path));
  };
  const main = nameOf('main-', '.js');
  const core = staticImports(metafile, main);
  const preloads = core.map((name) => `<link rel="modulepreload" href="${name}" />`);
  const parts = { ...partsOf(metafile, choices.page, core), ...partsOf(metafile, choices.language, core) };
  const html = readFileSync(join(root, 'packages/ui/index.html'), 'utf8')
    .replace('<!-- preloads -->', preloads.join(''))
    .replace('early.js"', `${nameOf('early-', '.js')}" data-parts="${JSON.stringify(parts).replaceAll('"', '&quot;')}"`)
    .replace('layout-worker.js', nameOf('layout-worker-', '.js'))
    .replace('main.js', main)
    .replace('main.css', nameOf('main-', '.css'));
  writeFileSync(indexFile, html);
}

/** Files of each part that a source loads when it is chosen, by the part's source name: its chunk and what that needs beside the core. */
function partsOf(metafile: Metafile, source: string, core: readonly string[]): Readonly<Record<string, string[]>> {
  const chosen = metafile.inputs[source].imports.filter(({ kind }) => kind === 'dynamic-import');
  const parts = chosen.map(({ path }): [string, string[]] => {
    const own = chunkOf(metafile, path);
    const needed = [own, ...staticImports(metafile, own)].filter((name) => !core.includes(name));
    return [basename(path, extname(path)), needed];
  });
  return Object.fromEntries(parts);
}

/** The name of the file that begins with a source. */
function chunkOf(metafile: Metafile, source: string): string {
  const output = Object.keys(metafile.outputs).find((path) => metafile.outputs[path].entryPoint === source);
  if (output === undefined) throw new Error(`the bundle has no ${source}`);
  return relative('packages/ui/dist', output);
}

/** Names of the chunks that a script imports before it runs. */
function staticImports(metafile: Metafile, name: string): string[] {
  const found = new Set<string>();
  const visit = (path: string): void => {
    for (const { path: imported, kind } of metafile.outputs[path]?.imports ?? []) {
      if (kind !== 'import-statement' || found.has(imported)) continue;
      found.add(imported);
      visit(imported);
    }
  };
  visit(`packages/ui/dist/${name}`);
  return [...found].map((path) => relative('packages/ui/dist', path));
}

/** Prints what a first visit waits for, and what parts add that come later. @returns whether all are within budget */
export function checkBudget(): boolean {
  const html = readFileSync(indexFile, 'utf8');
  const names = [...html.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)].map(([, name]) => name);
  const scripts = names.filter((name) => name.endsWith('.js'));
  const style = gzippedBytes(names.filter((name) => name.endsWith('.css')));
  const metafile = JSON.parse(readFileSync(join(outDirectory, 'metafile.json'), 'utf8')) as Metafile;
  const pages = partsOf(metafile, choices.page, scripts);
  const [page, pageBytes] = largest(pages);
  const [language, languageBytes] = largest(partsOf(metafile, choices.language, scripts));
  const script = gzippedBytes(scripts) + pageBytes + languageBytes;
  console.log(
    `first load, gzipped: ${script} B of script with ${page} and ${language} (at most ${firstLoadBytesMax.script}), ` +
      `${style} B of style (${firstLoadBytesMax.style})`,
  );
  const areLaterGood = Object.entries(laterBytesMax).map(([source, bytesMax]) => {
    const own = chunkOf(metafile, source);
    const later = [own, ...staticImports(metafile, own)];
    const bytes = gzippedBytes(later.filter((name) => !scripts.includes(name) && !pages['search-page'].includes(name)));
    console.log(`${source}, gzipped: ${bytes} B of script more (at most ${bytesMax})`);
    return bytes <= bytesMax;
  });
  return script <= firstLoadBytesMax.script && style <= firstLoadBytesMax.style && areLaterGood.every(Boolean);
}

/** The part of the most gzipped bytes. */
function largest(parts: Readonly<Record<string, readonly string[]>>): readonly [name: string, bytes: number] {
  const sizes = Object.entries(parts).map(([name, files]) => [name, gzippedBytes(files)] as const);
  return sizes.reduce((most, each) => (each[1] > most[1] ? each : most));
}

function gzippedBytes(names: readonly string[]): number {
  return names.reduce((sum, name) => sum + gzipSync(readFileSync(join(outDirectory, name))).length, 0);
}

if (import.meta.main) {
  const startMs = performance.now();
  if (await buildPage(process.argv.includes('--force')))
    console.log(`page built in ${Math.round(performance.now() - startMs)} ms`);
  if (process.argv.includes('--budget') && !checkBudget()) process.exitCode = 1;
}
