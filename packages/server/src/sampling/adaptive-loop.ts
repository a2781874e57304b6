import { unixNanoFromMilli } from '@spoor/model';
import type { TraceStore } from '@spoor/query';
import { throttled, type Log } from '../log.ts';
import type { AdaptiveParameters } from './adaptive-parameters.ts';
import type { AdaptiveSampler } from './adaptive-sampler.ts';
import { readAdaptiveState, writeAdaptiveState } from './adaptive-state.ts';

export interface AdaptiveLoopOptions {
  readonly sampler: AdaptiveSampler;
  readonly parameters: AdaptiveParameters;
  readonly traces: Pick<TraceStore, 'rootThroughput'>;
  readonly tenant: string;
  readonly statePath: string;
  readonly log: Log;
  readonly now?: () => number;
}

/** A store that could not be asked for longer than so many intervals is asked about the last of them only. */
const intervalsMax = 10;

/**
 * Feeds the adaptive sampler: once an interval it asks the store which root spans began in the interval before, which
 * costs the receivers nothing, and keeps what was learnt on disk.
 */
export class AdaptiveLoop {
  readonly #options: AdaptiveLoopOptions;
  readonly #now: () => number;
  readonly #log: Log;
  readonly #stopped = new AbortController();
  #countedUntilMilli: number;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  private constructor(options: AdaptiveLoopOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#log = throttled(options.log, 60_000, this.#now);
    // Of the time before the start nothing is known: quiet then is not quiet.
    this.#countedUntilMilli = this.#now();
  }

  /** Takes up what was learnt before. A damaged state is logged, and learnt anew. */
  static async open(options: AdaptiveLoopOptions): Promise<AdaptiveLoop> {
    try {
      const state = await readAdaptiveState(options.statePath);
      if (state !== undefined) options.sampler.restore(state);
    } catch (error) {
      const { message } = error as Error;
      options.log.warn('what adaptive sampling had learnt is lost', { path: options.statePath, reason: message });
    }
    return new AdaptiveLoop(options);
  }

  start(): void {
    const { intervalMilli } = this.#options.parameters;
    this.#timer = setInterval(() => {
      // A slow store is not asked twice at once.
      this.#running ??= this.tick().finally(() => (this.#running = undefined));
    }, intervalMilli).unref();
  }

  /** One interval. Never throws: what failed is logged and done with the next. */
  async tick(): Promise<void> {
    const { sampler, parameters, traces, tenant, statePath } = this.#options;
    const now = this.#now();
    const endMilli = now - parameters.delayMilli;
    // A clock that was set back must not stop the loop until it has caught up.
    this.#countedUntilMilli = Math.min(this.#countedUntilMilli, now);
    const startMilli = Math.max(this.#countedUntilMilli, endMilli - intervalsMax * parameters.intervalMilli);
    if (endMilli <= startMilli) return;
    try {
      const start = unixNanoFromMilli(startMilli);
      const range = { start, end: unixNanoFromMilli(endMilli - 1) };
      const throughput = await traces.rootThroughput(tenant, range, this.#stopped.signal);
      sampler.calculate(throughput, startMilli, endMilli);
      this.#countedUntilMilli = endMilli;
      await writeAdaptiveState(statePath, sampler.state());
    } catch (error) {
      if (this.#stopped.signal.aborted) return;
      this.#log.warn('adaptive sampling stands still', { reason: (error as Error).message });
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopped.abort();
    await this.#running;
  }
}
