import { execFileSync } from 'node:child_process';
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { closeSync, fdatasyncSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { Percentiles } from './percentiles.ts';

/** What a figure was measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly commit: string;
  readonly command: string;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    commit: commit(),
    command: `npm run bench -- ${process.argv.slice(2).join(' ')}`,
  };
}

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    }).trim();
  } catch {
    // An unpacked archive has no history; the figures are still worth having.
    return 'unknown';
  }
}

const PROBE_BYTES = 24 * 1024;

/**
 * How long the device takes to make 24 kB durable, for comparison with acknowledgements: appends and `fdatasync`s a file
 * of its own in `directory`, one after the other.
 * @returns milliseconds
 */
export function probeFdatasync(directory: string, count: number): Percentiles {
  const path = join(directory, 'fdatasync-probe');
  const file = openSync(path, 'w');
  const block = Buffer.alloc(PROBE_BYTES, 'spoor');
  const times = new Percentiles();
  for (let i = 0; i < count; i++) {
    const startMs = performance.now();
    writeSync(file, block);
    fdatasyncSync(file);
    times.add(performance.now() - startMs);
  }
  closeSync(file);
  unlinkSync(path);
  return times;
}
