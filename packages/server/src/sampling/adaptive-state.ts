import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { IssuedProbability } from './adaptive-maths.ts';

/** What adaptive sampling has learnt. */
export interface AdaptiveState {
  /** services that asked, and when, in order of that */
  readonly asked: readonly (readonly [service: string, milli: number])[];
  readonly operations: readonly OperationState[];
}

export interface OperationState {
  readonly service: string;
  /** absent for the service as a whole */
  readonly name?: string;
  /** ascending, never empty */
  readonly history: readonly IssuedProbability[];
  /** requests a second, oldest first */
  readonly rates: readonly number[];
  readonly lastSpanMilli: number;
}

/**
 * Writes the state so that a crash leaves the old file or the new one:
 *
 *     {"format":"spoor-adaptive-sampling-1","crc32":<of the text of the state>,"state":{…}}
 *
 * @throws what the file system throws
 */
export async function writeAdaptiveState(path: string, state: AdaptiveState): Promise<void> {
  const text = JSON.stringify(state);
  const temporary = `${path}.new`;
  await mkdir(dirname(path), { recursive: true });
  {
    await using file = await open(temporary, 'w', 0o600);
    await file.writeFile(`{"format":"${format}","crc32":${crc32(text)},"state":${text}}\n`);
    await file.datasync();
  }
  await rename(temporary, path);
  await using directory = await open(dirname(path), 'r');
  await directory.sync();
}

/** @returns `undefined` when there is none @throws {Error} when it is damaged or cannot be read */
export async function readAdaptiveState(path: string): Promise<AdaptiveState | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return parseAdaptiveState(text);
}

/** @throws {Error} when the text is not one that {@link writeAdaptiveState} wrote */
export function parseAdaptiveState(text: string): AdaptiveState {
  const match = /^\{"format":"([\w-]+)","crc32":(\d+),"state":(.*)\}\n$/s.exec(text);
  if (match === null) throw new Error('the file is not a whole one');
  if (match[1] !== format) throw new Error(`its format is ${match[1]}, not ${format}`);
  if (crc32(match[3]) !== Number(match[2])) throw new Error('its checksum is wrong');
  // The checksum is right, so it is what this program wrote.
  return JSON.parse(match[3]) as AdaptiveState;
}

const format = 'spoor-adaptive-sampling-1';
