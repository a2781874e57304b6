import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/** True under `npm test`: one small round, to see that a benchmark still runs. */
export const isSmoke = process.env['BENCH_SMOKE'] === '1';

/** A directory that is removed at the end. `SPOOR_BENCH_DIR` names the device to measure on; else the system's own. */
export class ScratchDirectory implements Disposable {
  readonly path = mkdtempSync(join(process.env['SPOOR_BENCH_DIR'] ?? tmpdir(), 'spoor-bench-'));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/**
 * `--name value` flags; a flag without value is `'true'`. A name that is not known ends the program with those that are:
 * a run of minutes with a misspelt flag would measure something else.
 */
export function benchFlags(args: readonly string[], known: readonly string[]): ReadonlyMap<string, string> {
  const flags = new Map<string, string>();
  args.forEach((argument, i) => {
    if (!argument.startsWith('--')) return;
    const next = args[i + 1];
    flags.set(argument.slice(2), next === undefined || next.startsWith('--') ? 'true' : next);
  });
  const unknown = [...flags.keys()].filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const isHelp = unknown.includes('help');
    if (!isHelp) console.error(`unknown: ${unknown.map((name) => `--${name}`).join(', ')}`);
    console.log(`flags: ${known.map((name) => `--${name}`).join(', ')}`);
    process.exit(isHelp ? 0 : 1);
  }
  return flags;
}

/** A flag's number, or what holds without it. */
export function numberFlag(flags: ReadonlyMap<string, string>, name: string, otherwise: number): number {
  const text = flags.get(name);
  const value = text === undefined ? otherwise : Number(text.replaceAll('_', ''));
  if (!Number.isFinite(value)) throw new Error(`--${name} must be a number, not '${text}'`);
  return value;
}

/** The run's seed: `SEED` when set, so that a run can be repeated, else a new one. */
export function benchSeed(): number {
  return Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
}
