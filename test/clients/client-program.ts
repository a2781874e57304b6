import { spawn } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import process from 'node:process';

const root = join(import.meta.dirname, '../..');
const cacheHome = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
const cacheDir = process.env['SPOOR_CLIENTS_CACHE'] ?? join(cacheHome, 'spoor-test-clients');
/** What is installed or built beside the sources: here by people who run the examples, in the copy by the tests. */
const isProduct = (path: string): boolean => /^(node_modules|\.venv.*|__pycache__|bin|target)$/.test(basename(path));

/**
 * Copies a folder of the repository to where its dependencies may be installed, and stay for the next run:
 * `SPOOR_CLIENTS_CACHE`, or `spoor-test-clients` in the user's cache. @returns the copy's path
 */
export function copyToCache(folder: string): string {
  const source = join(root, folder);
  const target = join(cacheDir, folder);
  mkdirSync(target, { recursive: true });
  for (const path of globSync('**/*', { cwd: target, exclude: isProduct })) {
    // A source that is no more would be compiled with the others.
    const isGone = !isProduct(path) && !existsSync(join(source, path));
    if (isGone) rmSync(join(target, path), { recursive: true, force: true });
  }
  // With their times: what is newer than its lock file need not be installed again.
  cpSync(source, target, { recursive: true, preserveTimestamps: true, filter: (path) => !isProduct(path) });
  return target;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** SIGKILL to the program and its children after this; 60 s when absent */
  readonly timeoutMilli?: number;
}

/**
 * Runs a program to its end, in a process group of its own.
 *
 * @returns what it wrote, both streams in the order of arrival
 * @throws when it fails or takes too long; the message has what it wrote
 */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => void (output += text));
  }
  const timeoutMilli = options.timeoutMilli ?? 120_000;
  const killGroup = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  const timer = setTimeout(killGroup, timeoutMilli);
  process.once('exit', killGroup);
  try {
    const result = await new Promise<number | string>((resolve, reject) => {
      child.once('error', reject).once('close', (code, signal) => resolve(code ?? signal!));
    });
    if (result === 0) return output;
    const limit = result === 'SIGKILL' ? ` (it has ${timeoutMilli} ms)` : '';
    throw new Error(`${command} ${args.join(' ')} ended with ${result}${limit}:\n${output}`);
  } finally {
    clearTimeout(timer);
    process.off('exit', killGroup);
  }
}

/** Installs what a folder's `requirements.txt` names into its `.venv`. @returns the path of its Python */
export async function installPython(cwd: string, requirements = 'requirements.txt', venv = '.venv'): Promise<string> {
  const python = join(cwd, venv, 'bin/python');
  const timeoutMilli = 500_000;
  await run('python3', ['-m', 'venv', venv], { cwd, timeoutMilli });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements];
  await run(python, pip, { cwd, timeoutMilli });
  return python;
}

/** Installs what a folder's `package-lock.json` names. */
export async function installNode(cwd: string): Promise<void> {
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd, timeoutMilli: 500_000 });
}

/** Builds a folder's Go program. @returns its path */
export async function buildGo(cwd: string): Promise<string> {
  await run('nice', ['go', 'build', '-o', 'bin/client', '.'], { cwd, timeoutMilli: 550_000 });
  return join(cwd, 'bin/client');
}
