import { limits } from '@spoor/model';
import type { ArrivedRows } from '@spoor/store';
import type { MetricRegistry } from '../metric-registry.ts';
import type { SamplingStrategy, StrategyProvider } from '../sampling/sampling-strategy.ts';
import { serviceOfResource } from './arrived-names.ts';

/** A service that asks what to sample, and of which no span arrives. */
export interface SilentService {
  readonly service: string;
  /** since when no span arrived; when it first asked, if none ever did. Unix milliseconds */
  readonly sinceMilli: number;
  /** what it was told last, 0 … 1; of operations that are not listed, where some are */
  readonly probability: number | undefined;
  /** told in place of a probability */
  readonly tracesPerSecondMax: number | undefined;
}

interface Asking {
  firstMilli: number;
  lastMilli: number;
  lastSpanMilli: number;
  strategy: SamplingStrategy;
}

/** Clients ask every minute: one that has not for so long has stopped. */
const askingMilli = 5 * 60_000;
/** So long without a span is worth a word: twice as long as clients wait for their next question. */
const silentMilli = 2 * 60_000;

/**
 * Stands before the strategies and remembers who asks; told of what arrives, it knows who asks in vain. Services are told
 * apart by name alone.
 */
export class SilentServices implements StrategyProvider {
  readonly #strategies: StrategyProvider;
  readonly #now: () => number;
  /** by name, the one that asked last at the end */
  readonly #asking = new Map<string, Asking>();

  constructor(strategies: StrategyProvider, registry: MetricRegistry, now: () => number = Date.now) {
    this.#strategies = strategies;
    this.#now = now;
    const help = 'Services that ask for their sampling strategy, and of which no span has arrived for 2 min.';
    registry.observed('gauge', 'spoor_sampling_silent_services', help, () => this.list().length);
  }

  strategyFor(service: string): SamplingStrategy {
    const strategy = this.#strategies.strategyFor(service);
    const now = this.#now();
    const before = this.#asking.get(service);
    const isNew = before === undefined || now - before.lastMilli > askingMilli;
    this.#asking.delete(service);
    this.#asking.set(
      service,
      isNew ? { firstMilli: now, lastMilli: now, lastSpanMilli: 0, strategy } : { ...before, lastMilli: now, strategy },
    );
    if (this.#asking.size > limits.samplingServicesMax) this.#asking.delete(this.#asking.keys().next().value!);
    return strategy;
  }

  arrived({ head, firstRow }: ArrivedRows, nowMilli: number): void {
    // Nobody asks: the usual case.
    if (this.#asking.size === 0) return;
    const { resource } = head.buffers;
    const resources = new Set<number>();
    let last = -1;
    for (let row = firstRow; row < head.counts.spans; row++) {
      if (resource[row] !== last) resources.add((last = resource[row]));
    }
    for (const row of resources) {
      const asking = this.#asking.get(serviceOfResource(head.buffers, row));
      if (asking !== undefined) asking.lastSpanMilli = nowMilli;
    }
  }

  /** Those silent for longest first. */
  list(): readonly SilentService[] {
    const now = this.#now();
    const silent: SilentService[] = [];
    for (const [service, { firstMilli, lastMilli, lastSpanMilli, strategy }] of this.#asking) {
      const sinceMilli = Math.max(firstMilli, lastSpanMilli);
      if (now - lastMilli > askingMilli || now - sinceMilli < silentMilli) continue;
      const { samplingRate, maxTracesPerSecond: tracesPerSecondMax, operations } = strategy;
      const probability =
        tracesPerSecondMax === undefined ? (operations?.defaultProbability ?? samplingRate) : undefined;
      silent.push({ service, sinceMilli, probability, tracesPerSecondMax });
    }
    return silent.sort((a, b) => a.sinceMilli - b.sinceMilli);
  }
}
