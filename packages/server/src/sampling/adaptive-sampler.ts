import type { RootThroughput } from '@spoor/query';
import { meanProbability, nextProbability, weightedMean, type IssuedProbability } from './adaptive-maths.ts';
import type { AdaptiveParameters } from './adaptive-parameters.ts';
import type { AdaptiveState, OperationState } from './adaptive-state.ts';
import type { OperationStrategy, SamplingStrategy, StrategyProvider } from './sampling-strategy.ts';

/**
 * How many (service, operation) pairs are kept; past it the one that was longest without a span goes. Names come from
 * clients, and some put ids into them.
 */
const operationsMax = 10_000;
/** Services that ask, whether spans come from them or not. */
const askingServicesMax = 1_000;
/** Operations in one answer, those with most spans first: clients hold them all, and jaeger-client stops at 2,000. */
const answeredOperationsMax = 2_000;
/** A service that has not asked for so long does not go by our answers (any more). Clients ask every minute. */
const askingMilli = 5 * 60_000;
/** Answers that can still be in use while spans of an interval are counted. */
const historyMax = 8;

/** In place of an operation's name: all of a service together, which decides for operations not seen yet. */
const wholeService = undefined;

interface Operation {
  readonly service: string;
  readonly name: string | undefined;
  history: IssuedProbability[];
  /** requests a second in the last intervals, oldest first */
  rates: number[];
  /** spans a second in the last interval */
  sampledPerSecond: number;
  /** Unix milliseconds; 0 is never */
  lastSpanMilli: number;
}

/** One line of the adaptive sampling view. */
export interface AdaptiveRow {
  readonly service: string;
  /** absent for operations not seen yet */
  readonly operation: string | undefined;
  readonly probability: number;
  readonly targetPerSecond: number;
  /** sampled root spans that arrived, per second, in the last interval */
  readonly sampledPerSecond: number;
  /** all requests, sampled or not, as estimated */
  readonly requestsPerSecond: number;
  /** Unix milliseconds */
  readonly lastSpanMilli: number;
  /** whether the service has asked for its strategy lately */
  readonly isAsking: boolean;
}

/**
 * Finds, for each service and operation, the probability by which the target number of traces a second arrives. It is
 * told what root spans arrived in an interval and estimates the true rate of requests from them:
 *
 * - where a span says by which probability it was sampled (Jaeger's tags, OpenTelemetry's `ot=th`), from that;
 * - where it does not, from what this sampler had told its service at the time, if that one asks; else it is taken for 1.
 *
 * Other than Jaeger's, it needs no tags, corrects by the probability that was in force and not by today's, and lets the
 * service as a whole decide for operations that were never seen: one that is called rarely would otherwise stay at the
 * initial probability, and so never be seen.
 * Source: Jaeger, internal/sampling/samplingstrategy/adaptive.
 */
export class AdaptiveSampler implements StrategyProvider {
  readonly #parameters: AdaptiveParameters;
  readonly #now: () => number;
  readonly #services = new Map<string, Map<string | undefined, Operation>>();
  /** service → when it last asked, Unix milliseconds; in order of that */
  readonly #asked = new Map<string, number>();
  #operationCount = 0;

  constructor(parameters: AdaptiveParameters, now: () => number = Date.now) {
    this.#parameters = parameters;
    this.#now = now;
  }

  strategyFor(service: string): SamplingStrategy {
    this.#asked.delete(service);
    this.#asked.set(service, this.#now());
    if (this.#asked.size > askingServicesMax) this.#asked.delete(this.#asked.keys().next().value!);
    const { initialProbability, lowerBoundPerSecond } = this.#parameters;
    const operations = this.#services.get(service);
    const whole = operations?.get(wholeService);
    return {
      type: 'probabilistic',
      operations: {
        defaultProbability: whole === undefined ? initialProbability : probabilityOf(whole),
        lowerBoundPerSecond,
        list: operations === undefined ? [] : strategiesOf(operations),
      },
    };
  }

  /**
   * Takes in what arrived of a window and computes the next probabilities.
   *
   * @param throughput  root spans that began within the window
   */
  calculate(throughput: readonly RootThroughput[], startMilli: number, endMilli: number): void {
    const now = this.#now();
    const seconds = Math.max(1e-3, (endMilli - startMilli) / 1000);
    const wholes = new Map<string, { spans: number; requests: number }>();
    for (const service of this.#asked.keys()) if (this.#isAsking(service, now)) this.#operation(service, wholeService);
    for (const { service, name, spanCount, knownCount, unknownSpanCount } of throughput) {
      const operation = this.#operation(service, name);
      const unknownShare = this.#isAsking(service, now) ? meanProbability(operation.history, startMilli, endMilli) : 1;
      const requests = knownCount + unknownSpanCount / unknownShare;
      arrived(operation, spanCount / seconds, requests / seconds, now);
      const whole = wholes.get(service) ?? { spans: 0, requests: 0 };
      wholes.set(service, { spans: whole.spans + spanCount, requests: whole.requests + requests });
    }
    for (const [service, { spans, requests }] of wholes) {
      arrived(this.#operation(service, wholeService), spans / seconds, requests / seconds, now);
    }
    for (const [service, operations] of this.#services) {
      const isAsking = this.#isAsking(service, now);
      for (const operation of operations.values()) this.#advance(operation, isAsking, now);
    }
    this.#forgetOldest();
  }

  /** Every operation, by service and name; a service as a whole comes before its operations. */
  rows(): readonly AdaptiveRow[] {
    const now = this.#now();
    const rows: AdaptiveRow[] = [];
    for (const [service, operations] of this.#services) {
      for (const operation of operations.values()) {
        rows.push({
          service,
          operation: operation.name,
          probability: probabilityOf(operation),
          targetPerSecond: this.#parameters.targetPerSecond,
          sampledPerSecond: operation.sampledPerSecond,
          requestsPerSecond: weightedMean(operation.rates),
          lastSpanMilli: operation.lastSpanMilli,
          isAsking: this.#isAsking(service, now),
        });
      }
    }
    return rows.sort((a, b) => compare(a.service, b.service) || compare(a.operation ?? '', b.operation ?? ''));
  }

  /** What a restart must not lose. */
  state(): AdaptiveState {
    const operations: OperationState[] = [];
    for (const one of this.#services.values()) {
      for (const { service, name, history, rates, lastSpanMilli } of one.values()) {
        operations.push({ service, ...(name === undefined ? {} : { name }), history, rates, lastSpanMilli });
      }
    }
    return { asked: [...this.#asked], operations };
  }

  restore({ asked, operations }: AdaptiveState): void {
    for (const [service, milli] of asked.slice(-askingServicesMax)) this.#asked.set(service, milli);
    for (const { service, name, history, rates, lastSpanMilli } of operations) {
      const operation = this.#operation(service, name);
      operation.history = history.slice(-historyMax);
      operation.rates = rates.slice(-this.#parameters.bucketCount);
      operation.lastSpanMilli = lastSpanMilli;
    }
    this.#forgetOldest();
  }

  #advance(operation: Operation, isAsking: boolean, now: number): void {
    if (operation.rates.length > this.#parameters.bucketCount) operation.rates.shift();
    const hasArrived = operation.lastSpanMilli === now;
    if (!hasArrived) {
      operation.sampledPerSecond = 0;
      // Nothing comes, and nobody goes by what we say: there is nothing to learn.
      if (!isAsking) return;
      operation.rates.push(0);
      if (operation.rates.length > this.#parameters.bucketCount) operation.rates.shift();
    }
    const current = probabilityOf(operation);
    const probability = nextProbability(current, weightedMean(operation.rates), this.#parameters);
    operation.history.push({ fromMilli: now, probability });
    if (operation.history.length > historyMax) operation.history.shift();
  }

  #isAsking(service: string, now: number): boolean {
    const asked = this.#asked.get(service);
    return asked !== undefined && now - asked <= askingMilli;
  }

  #operation(service: string, name: string | undefined): Operation {
    let operations = this.#services.get(service);
    if (operations === undefined) this.#services.set(service, (operations = new Map()));
    let operation = operations.get(name);
    if (operation === undefined) {
      const first = { fromMilli: this.#now(), probability: this.#parameters.initialProbability };
      // Clients went by the service's probability until the operation was listed.
      const history = [...(operations.get(wholeService)?.history ?? [first])];
      operation = { service, name, history, rates: [], sampledPerSecond: 0, lastSpanMilli: 0 };
      operations.set(name, operation);
      this.#operationCount++;
    }
    return operation;
  }

  #forgetOldest(): void {
    if (this.#operationCount <= operationsMax) return;
    const all = [...this.#services.values()].flatMap((operations) => [...operations.values()]);
    all.sort((a, b) => a.lastSpanMilli - b.lastSpanMilli);
    for (const { service, name } of all.slice(0, all.length - operationsMax)) {
      const operations = this.#services.get(service)!;
      operations.delete(name);
      if (operations.size === 0) this.#services.delete(service);
      this.#operationCount--;
    }
  }
}

function arrived(operation: Operation, sampledPerSecond: number, requestsPerSecond: number, now: number): void {
  operation.sampledPerSecond = sampledPerSecond;
  operation.rates.push(requestsPerSecond);
  operation.lastSpanMilli = now;
}

function probabilityOf({ history }: Operation): number {
  return history[history.length - 1].probability;
}

function strategiesOf(operations: ReadonlyMap<string | undefined, Operation>): readonly OperationStrategy[] {
  const named = [...operations.values()].filter(({ name }) => name !== wholeService);
  if (named.length > answeredOperationsMax) {
    named.sort((a, b) => weightedMean(b.rates) - weightedMean(a.rates));
    named.length = answeredOperationsMax;
  }
  return named
    .map((operation) => ({ operation: operation.name!, samplingRate: probabilityOf(operation) }))
    .sort((a, b) => compare(a.operation, b.operation));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
