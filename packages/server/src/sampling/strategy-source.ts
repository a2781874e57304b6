import { open } from 'node:fs/promises';
import { limits } from '@spoor/model';
import type { Log } from '../log.ts';
import { probabilistic, type SamplingStrategy, type StrategyProvider } from './sampling-strategy.ts';
import { parseStrategyFile, StrategyFileError, type StrategyTable } from './strategy-file.ts';

export interface StrategySourceOptions {
  /** a path, or a URL with `http:` or `https:`; without it every service gets `defaultProbability` */
  readonly location: string | undefined;
  readonly defaultProbability: number;
  /** `undefined`: the file is read once */
  readonly reloadMilli: number | undefined;
  readonly log: Log;
}

/** How the last looks at the strategies went. */
export interface StrategySourceStatus {
  /** the last time that what is there was read and understood, whether it had changed or not; Unix milliseconds */
  readonly readMilli: number | undefined;
  /** the last time that it was another one than before */
  readonly changedMilli: number | undefined;
  /** why the last look failed */
  readonly complaint: string | undefined;
  /** parts of it that are not used, with the reason */
  readonly warnings: readonly string[];
  /** for services that have none of their own */
  readonly otherwise: SamplingStrategy;
}

/** A server that does not answer at once must not hold up the next look. */
const downloadMilliMax = 1_000;

/**
 * Strategies from a file or a URL, read again when it changes. What cannot be read or understood changes nothing: the
 * strategies before stay, and the log says why. A URL that answers 503 has no strategies now.
 * Source: Jaeger, internal/sampling/samplingstrategy/file.
 */
export class StrategySource implements StrategyProvider {
  readonly #options: StrategySourceOptions;
  #table: StrategyTable;
  #text: string | undefined;
  #complaint = '';
  #readMilli: number | undefined;
  #changedMilli: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  private constructor(options: StrategySourceOptions) {
    this.#options = options;
    this.#table = this.#nothing();
  }

  /**
   * @throws {StrategyFileError} when a file cannot be read or understood at the start. A URL may come up later: until
   * then every service gets the default.
   */
  static async open(options: StrategySourceOptions): Promise<StrategySource> {
    const source = new StrategySource(options);
    const { location, log } = options;
    if (location === undefined) return source;
    if (isUrl(location)) await source.reload();
    else source.#take(await readText(location));
    log.info('sampling strategies', { from: location, services: source.#table.services.size });
    source.#schedule();
    return source;
  }

  strategyFor(service: string): SamplingStrategy {
    return this.#table.services.get(service) ?? this.#table.otherwise;
  }

  /** True when the file has a strategy for this very service. */
  has(service: string): boolean {
    return this.#table.services.has(service);
  }

  /** The services that the file names, with their strategies. */
  services(): readonly { readonly service: string; readonly strategy: SamplingStrategy }[] {
    return Array.from(this.#table.services, ([service, strategy]) => ({ service, strategy }));
  }

  status(): StrategySourceStatus {
    return {
      readMilli: this.#readMilli,
      changedMilli: this.#changedMilli,
      complaint: this.#complaint === '' ? undefined : this.#complaint,
      warnings: this.#table.warnings,
      otherwise: this.#table.otherwise,
    };
  }

  /** Looks once. Never throws: a failure is logged, when it is another one than last time. */
  async reload(): Promise<void> {
    const { location, log } = this.#options;
    if (location === undefined) return;
    try {
      const changed = this.#take(isUrl(location) ? await download(location) : await readText(location));
      if (changed) log.info('sampling strategies changed', { from: location, services: this.#table.services.size });
      this.#complaint = '';
    } catch (error) {
      const reason = (error as Error).message;
      if (reason !== this.#complaint)
        log.warn('sampling strategies cannot be read; those before stay', { from: location, reason });
      this.#complaint = reason;
    }
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  /** @returns whether the strategies are others now */
  #take(text: string | undefined): boolean {
    const { defaultProbability, location, log } = this.#options;
    const before = this.#text;
    const isSame = text === before && before !== undefined;
    if (!isSame) this.#table = text === undefined ? this.#nothing() : parseStrategyFile(text, defaultProbability);
    this.#text = text;
    this.#readMilli = Date.now();
    if (isSame) return false;
    this.#changedMilli = this.#readMilli;
    for (const reason of this.#table.warnings)
      log.warn('part of the sampling strategies is not used', { from: location, reason });
    return before !== text;
  }

  #nothing(): StrategyTable {
    return { services: new Map(), otherwise: probabilistic(this.#options.defaultProbability), warnings: [] };
  }

  #schedule(): void {
    const { reloadMilli } = this.#options;
    if (reloadMilli === undefined || this.#isClosed) return;
    this.#timer = setTimeout(() => void this.reload().then(() => this.#schedule()), reloadMilli).unref();
  }
}

function isUrl(location: string): boolean {
  return /^https?:\/\//i.test(location);
}

async function readText(path: string): Promise<string> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    if (size > limits.strategyFileBytesMax)
      throw new StrategyFileError(`it has ${size} bytes, too many for strategies`);
    return await file.readFile('utf8');
  } catch (error) {
    throw new StrategyFileError(`sampling strategies in ${path}: ${(error as Error).message}`, error);
  }
}

/** @returns `undefined` when the server says that there are none now */
async function download(url: string): Promise<string | undefined> {
  const response = await fetch(url, { signal: AbortSignal.timeout(downloadMilliMax) });
  if (response.status === 503) {
    await response.body?.cancel();
    return undefined;
  }
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new StrategyFileError(`the server answered ${response.status}`);
  }
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const piece of response.body ?? []) {
    sizeBytes += piece.length;
    if (sizeBytes > limits.strategyFileBytesMax) throw new StrategyFileError('the answer is too long for strategies');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
