import { join } from 'node:path';
import type { TraceStore } from '@spoor/query';
import type { Log } from '../log.ts';
import { AdaptiveLoop } from './adaptive-loop.ts';
import { AdaptiveSampler } from './adaptive-sampler.ts';
import type { SamplingConfig } from './sampling-config.ts';
import type { SamplingStrategy, StrategyProvider } from './sampling-strategy.ts';
import { StrategySource } from './strategy-source.ts';

export interface SamplingOptions {
  readonly config: SamplingConfig;
  /** what adaptive sampling learns is kept there */
  readonly dataDir: string;
  readonly tenant: string;
  readonly traces: Pick<TraceStore, 'rootThroughput'>;
  readonly log: Log;
}

/**
 * All that is known of sampling: strategies from a file, and, when asked for, adaptive ones for every service that the
 * file does not name.
 */
export class Sampling implements StrategyProvider {
  readonly #config: SamplingConfig;
  readonly #source: StrategySource;
  readonly #sampler: AdaptiveSampler | undefined;
  readonly #loop: AdaptiveLoop | undefined;

  private constructor(
    config: SamplingConfig,
    source: StrategySource,
    adaptive?: { readonly sampler: AdaptiveSampler; readonly loop: AdaptiveLoop },
  ) {
    this.#config = config;
    this.#source = source;
    this.#sampler = adaptive?.sampler;
    this.#loop = adaptive?.loop;
  }

  /** @throws {StrategyFileError} when the strategies file cannot be used */
  static async open({ config, dataDir, tenant, traces, log }: SamplingOptions): Promise<Sampling> {
    const { strategiesFile: location, defaultProbability, reloadMilli, adaptive: parameters } = config;
    const source = await StrategySource.open({ location, defaultProbability, reloadMilli, log });
    if (config.type === 'file') return new Sampling(config, source);
    const sampler = new AdaptiveSampler(parameters);
    const statePath = join(dataDir, 'adaptive-sampling.json');
    const loop = await AdaptiveLoop.open({ sampler, parameters, traces, tenant, statePath, log });
    loop.start();
    return new Sampling(config, source, { sampler, loop });
  }

  strategyFor(service: string): SamplingStrategy {
    if (this.#sampler === undefined || this.#source.has(service)) return this.#source.strategyFor(service);
    return this.#sampler.strategyFor(service);
  }

  /** What a person wants to know: the answer of `GET /api/spoor/sampling`. */
  status(): object {
    const { type, strategiesFile, defaultProbability, adaptive } = this.#config;
    return {
      type,
      strategiesFile,
      defaultProbability,
      ...(this.#sampler === undefined ? {} : { adaptive, operations: this.#sampler.rows() }),
      ...this.#source.status(),
      services: this.#source.services(),
    };
  }

  async close(): Promise<void> {
    this.#source.close();
    await this.#loop?.close();
  }
}
