import { QueryError, unixNanoFromMilli } from '@spoor/model';
import type { LabelMatcher, MetricWindows } from '@spoor/query';
import { namelessService } from '@spoor/wire';
import { parseGoBool, parseGoFloat, parseGoInteger } from './go-number.ts';

/** What `GET /api/metrics/…` asks, read. */
export interface MonitorRequest {
  readonly windows: MetricWindows;
  /** of the point of each window */
  readonly pointsMilli: readonly number[];
  readonly ratePerSeconds: number;
  readonly matchers: readonly LabelMatcher[];
  readonly groupByOperation: boolean;
  /** of latencies only */
  readonly quantile: number | undefined;
}

const defaultsMilli = Object.freeze({ lookback: 3_600_000, step: 5_000, ratePer: 600_000 });
/** As Prometheus, which Jaeger asks, has it. */
const pointsMax = 11_000;
const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];

/**
 * Reads the parameters of Jaeger's Monitor. Points are `step` apart from `endTs − lookback` on; each is about the `ratePer`
 * before it.
 * @throws {QueryError} `QUERY_INVALID`, in Jaeger's words; `QUERY_LIMIT`
 */
export function readMonitorRequest(parameters: URLSearchParams, isQuantile: boolean, nowMilli: number): MonitorRequest {
  const services = parameters.getAll('service').filter((name) => name !== '');
  if (services.length === 0) {
    throw new QueryError('QUERY_INVALID', "unable to parse param 'service': please provide at least one service name");
  }
  const groupByOperation = read(parameters, 'groupByOperation', parseGoBool) ?? false;
  const quantile = isQuantile ? given('quantile', parameters.get('quantile') ?? '', parseGoFloat) : undefined;
  const milli = (name: string): number | undefined => read(parameters, name, (text) => Number(parseGoInteger(text)));
  const endMilli = milli('endTs') ?? nowMilli;
  const lookbackMilli = positive('lookback', milli('lookback') ?? defaultsMilli.lookback);
  const stepMilli = positive('step', milli('step') ?? defaultsMilli.step);
  const ratePerMilli = positive('ratePer', milli('ratePer') ?? defaultsMilli.ratePer);
  const startMilli = Math.max(0, endMilli - lookbackMilli);
  const count = Math.floor((endMilli - startMilli) / stepMilli) + 1;
  if (!(count > 0) || endMilli > 1e13) throw unparsable('endTs', `${endMilli} is no time in milliseconds`);
  if (count > pointsMax) throw new QueryError('QUERY_LIMIT', `a series may have ${pointsMax} points, not ${count}`);
  const nanoOf = (length: number): bigint => BigInt(length) * 1_000_000n;
  return {
    windows: {
      end: unixNanoFromMilli(startMilli),
      stepNano: nanoOf(stepMilli),
      count,
      lengthNano: nanoOf(ratePerMilli),
    },
    pointsMilli: Array.from({ length: count }, (_, i) => startMilli + i * stepMilli),
    ratePerSeconds: ratePerMilli / 1000,
    matchers: [
      oneOf(
        'service',
        services.map((name) => (name === namelessService ? '' : name)),
      ),
      oneOf('span_kind', spanKinds(parameters)),
    ],
    groupByOperation,
    quantile,
  };
}

function spanKinds(parameters: URLSearchParams): readonly string[] {
  const names = parameters.getAll('spanKind').filter((name) => name !== '');
  for (const name of names) {
    if (!kinds.includes(name.toLowerCase())) throw unparsable('spanKind', `unsupported span kind: '${name}'`);
  }
  return (names.length === 0 ? ['server'] : names).map((name) => `SPAN_KIND_${name.toUpperCase()}`);
}

function oneOf(name: string, values: readonly string[]): LabelMatcher {
  const quoted = values.map((value) => value.replaceAll(/[\\^$.|?*+()[\]{}]/g, String.raw`\$&`));
  return { name, op: '=~', value: quoted.join('|') };
}

function read<T>(parameters: URLSearchParams, name: string, parse: (text: string) => T): T | undefined {
  const text = parameters.get(name);
  return text ? given(name, text, parse) : undefined;
}

function given<T>(name: string, text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    throw unparsable(name, (error as Error).message);
  }
}

function positive(name: string, milli: number): number {
  if (milli > 0 && milli < 1e13) return milli;
  throw unparsable(name, `${milli} is no length of time in milliseconds`);
}

function unparsable(name: string, why: string): QueryError {
  return new QueryError('QUERY_INVALID', `unable to parse param '${name}': ${why}`);
}
