import { ConfigError, decimal, goDurationMilli, type Setting } from '../config-setting.ts';
import type { AdaptiveParameters } from './adaptive-parameters.ts';
import type { SamplingFlag } from './sampling-option.ts';

export interface SamplingConfig {
  readonly type: 'file' | 'adaptive';
  /** a path, or a URL with `http:` or `https:` */
  readonly strategiesFile: string | undefined;
  /** `undefined`: never */
  readonly reloadMilli: number | undefined;
  readonly defaultProbability: number;
  readonly adaptive: AdaptiveParameters;
}

/** @throws {ConfigError} */
export function readSamplingConfig(setting: (flag: SamplingFlag) => Setting): SamplingConfig {
  const reloadMilli = goMilli(setting('sampling.strategies-reload-interval'), 10_000, 0);
  return {
    type: configType(setting('sampling.config-type')),
    strategiesFile: setting('sampling.strategies-file').text,
    reloadMilli: reloadMilli === 0 ? undefined : reloadMilli,
    defaultProbability: decimal(setting('sampling.default-sampling-probability'), 1, 0, 1),
    adaptive: {
      targetPerSecond: decimal(setting('sampling.target-samples-per-second'), 1, 1e-6, 1e6),
      tolerance: decimal(setting('sampling.delta-tolerance'), 0.3, 0, 10),
      bucketCount: Math.trunc(decimal(setting('sampling.buckets-for-calculation'), 1, 1, 100)),
      intervalMilli: goMilli(setting('sampling.calculation-interval'), 60_000, 100),
      delayMilli: goMilli(setting('sampling.delay'), 15_000, 0),
      initialProbability: decimal(setting('sampling.initial-sampling-probability'), 0.001, 0, 1),
      minProbability: decimal(setting('sampling.min-sampling-probability'), 1e-5, 1e-12, 1),
      lowerBoundPerSecond: decimal(setting('sampling.min-samples-per-second'), 1 / 60, 0, 1e6),
    },
  };
}

function configType({ name, text }: Setting): SamplingConfig['type'] {
  if (text !== undefined && text !== 'file' && text !== 'adaptive')
    throw new ConfigError(`${name} must be file or adaptive, not '${text}'`);
  return text ?? 'file';
}

/** Times as Jaeger's flags have them: `1m`, `90s`, `1m30s`, `0`. */
function goMilli({ name, text }: Setting, otherwise: number, min: number): number {
  if (text === undefined) return otherwise;
  const milli = goDurationMilli(text);
  // Node's timers take no more than 2^31 − 1 ms.
  if (milli !== undefined && milli >= min && milli < 2 ** 31) return milli;
  throw new ConfigError(`${name} must be a time such as 10s or 1m30s, at least ${min} ms, not '${text}'`);
}
