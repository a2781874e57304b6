import { execFile } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, matchesGlob, relative } from 'node:path';
import { promisify } from 'node:util';

/** What a container of the last stage is made of. */
export interface BuiltImage {
  /** the directory that is its root file system, but for what its base image brings */
  readonly root: string;
  readonly workingDirectory: string;
  readonly env: Readonly<Record<string, string>>;
  /** `10001:10001` */
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly healthCheck: readonly string[];
}

interface Stage {
  readonly root: string;
  workingDirectory: string;
  user: string;
  entrypoint: readonly string[];
  healthCheck: readonly string[];
  readonly env: Record<string, string>;
}

interface Instruction {
  readonly keyword: string;
  readonly options: Readonly<Record<string, string>>;
  readonly rest: string;
}

/**
 * Carries out the steps of a Dockerfile without a container engine: each stage in a directory of its own, commands with
 * this machine's Node and npm. What a stage does outside of its directory is not caught, so its commands have to keep to
 * relative paths. Of the language it knows what ours uses, and refuses the rest.
 *
 * @param context  what `docker build` would be given; files that `.dockerignore` names are left out
 * @param into  an empty directory
 */
export async function buildDockerfile(path: string, context: string, into: string): Promise<BuiltImage> {
  const ignored = ignoreRules(readFileSync(`${path}.dockerignore`, 'utf8'));
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  for (const { keyword, options, rest } of instructions(readFileSync(path, 'utf8'))) {
    if (keyword === 'FROM') {
      const name = / as (\S+)$/i.exec(rest)?.[1] ?? `${stages.size}`;
      stage = newStage(join(into, name));
      stages.set(name, stage);
      continue;
    }
    if (stage === undefined) throw new Error(`${keyword} before FROM`);
    if (keyword === 'COPY') copy(stage, options, rest.split(/\s+/), stages, context, ignored);
    else await apply(stage, keyword, rest);
  }
  return stage!;
}

function newStage(root: string): Stage {
  mkdirSync(root);
  return { root, workingDirectory: '/', user: '0:0', entrypoint: [], healthCheck: [], env: {} };
}

async function apply(stage: Stage, keyword: string, rest: string): Promise<void> {
  switch (keyword) {
    case 'WORKDIR':
      stage.workingDirectory = rest;
      mkdirSync(join(stage.root, rest), { recursive: true });
      return;
    case 'RUN':
      await promisify(execFile)('/bin/sh', ['-e', '-c', rest], {
        cwd: join(stage.root, stage.workingDirectory),
        // What this machine installed already need not come again.
        env: { ...process.env, npm_config_prefer_offline: 'true' },
      });
      return;
    case 'ENV':
      for (const [, name, value] of rest.matchAll(/(\w+)=(\S*)/g)) stage.env[name] = value;
      return;
    case 'USER':
      stage.user = rest;
      return;
    case 'ENTRYPOINT':
      stage.entrypoint = JSON.parse(rest) as string[];
      return;
    case 'HEALTHCHECK':
      stage.healthCheck = JSON.parse(rest.replace(/^CMD /, '')) as string[];
      return;
    case 'VOLUME':
    case 'EXPOSE':
      return;
    default:
      throw new Error(`this test does not know ${keyword}`);
  }
}

/** One line each: comments gone, continued lines joined, `--name=value` taken off. */
function instructions(text: string): readonly Instruction[] {
  const joined = text.replace(/^\s*#.*\n/gm, '').replace(/\\\n\s*/g, '');
  return joined.split('\n').flatMap((line) => {
    const match = /^([A-Z]+)\s+((?:--\S+\s+)*)(.*)$/.exec(line.trim());
    if (match === null) return [];
    const options = [...match[2].matchAll(/--([\w-]+)=(\S+)/g)].map(([, name, value]) => [name, value] as const);
    return [{ keyword: match[1], options: Object.fromEntries(options), rest: match[3] }];
  });
}

function copy(
  stage: Stage,
  options: Readonly<Record<string, string>>,
  paths: readonly string[],
  stages: ReadonlyMap<string, Stage>,
  context: string,
  isIgnored: (path: string) => boolean,
): void {
  const to = paths.at(-1)!;
  const source = options['from'] === undefined ? context : stages.get(options['from'])!.root;
  // What is ignored is not even looked into.
  const filter = (path: string): boolean => source !== context || !isIgnored(relative(source, path));
  const target = to.startsWith('/') ? join(stage.root, to) : join(stage.root, stage.workingDirectory, to);
  for (const from of paths.slice(0, -1)) {
    const path = join(source, from);
    if (!existsSync(path)) throw new Error(`COPY ${from}: it is not there`);
    const isInto = to.endsWith('/') || paths.length > 2;
    const destination = isInto ? join(target, basename(from)) : target;
    mkdirSync(dirname(destination), { recursive: true });
    cpSync(path, destination, { recursive: true, verbatimSymlinks: true, filter });
  }
}

/** The last rule that fits a path decides, as Docker has it. */
function ignoreRules(text: string): (path: string) => boolean {
  const rules = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return (path) => {
    const parts = path.split('/');
    const itsParents = parts.map((_part, i) => parts.slice(0, i + 1).join('/'));
    let isIgnored = false;
    for (const rule of rules) {
      const pattern = rule.replace(/^!/, '');
      if (itsParents.some((each) => matchesGlob(each, pattern))) isIgnored = !rule.startsWith('!');
    }
    return isIgnored;
  };
}

/** Bytes of all files below a directory. */
export function sizeOf(directory: string): number {
  let sizeBytes = 0;
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) sizeBytes += lstatSync(join(entry.parentPath, entry.name)).size;
  return sizeBytes;
}
