/**
 * What a client is told to sample. `operations`, when present, is what clients that know it go by; the rest is for
 * those that do not. Words and structure are Jaeger's, `api_v2.SamplingStrategyResponse`.
 */
export interface SamplingStrategy {
  readonly type: 'probabilistic' | 'rateLimiting';
  /** 0 … 1 */
  readonly samplingRate?: number | undefined;
  /** a whole number */
  readonly maxTracesPerSecond?: number | undefined;
  readonly operations?: OperationStrategies | undefined;
}

export interface OperationStrategies {
  /** for operations that are not listed */
  readonly defaultProbability: number;
  /** sample at least so many traces a second of each operation */
  readonly lowerBoundPerSecond: number;
  readonly list: readonly OperationStrategy[];
}

export interface OperationStrategy {
  readonly operation: string;
  /** 0 … 1 */
  readonly samplingRate: number;
}

/** Whoever knows what a service shall sample. */
export interface StrategyProvider {
  /** Also tells the provider that somebody follows it. */
  strategyFor(service: string): SamplingStrategy;
}

/** Every service samples with one probability. */
export function probabilistic(samplingRate: number): SamplingStrategy {
  return { type: 'probabilistic', samplingRate };
}

const typeNumber = Object.freeze({ probabilistic: 0, rateLimiting: 1 });
const typeName = Object.freeze({ probabilistic: 'PROBABILISTIC', rateLimiting: 'RATE_LIMITING' });

/**
 * The JSON that Jaeger's agent and collector answer: type and zero numbers present, absent parts left out.
 *
 * @param legacy  the type as its number, for clients made with Thrift 0.9.2, which ask at `/`
 */
export function strategyJson(strategy: SamplingStrategy, legacy = false): string {
  const { type, samplingRate, maxTracesPerSecond, operations } = strategy;
  return JSON.stringify({
    strategyType: legacy ? typeNumber[type] : typeName[type],
    ...(samplingRate === undefined ? {} : { probabilisticSampling: { samplingRate } }),
    ...(maxTracesPerSecond === undefined ? {} : { rateLimitingSampling: { maxTracesPerSecond } }),
    ...(operations === undefined ? {} : { operationSampling: operationsJson(operations) }),
  });
}

function operationsJson({ defaultProbability, lowerBoundPerSecond, list }: OperationStrategies): object {
  return {
    defaultSamplingProbability: defaultProbability,
    defaultLowerBoundTracesPerSecond: lowerBoundPerSecond,
    perOperationStrategies: list.map(({ operation, samplingRate }) => ({
      operation,
      probabilisticSampling: { samplingRate },
    })),
    defaultUpperBoundTracesPerSecond: 0,
  };
}
