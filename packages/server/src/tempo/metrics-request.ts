import { limits, unixNano, unixNanoFromMilli, type UnixNano } from '@spoor/model';
import type { MetricsRequest } from '@spoor/query';
import type { Hints, Query } from '@spoor/traceql';
import type { TempoQueryInstantRequest, TempoQueryRangeRequest } from '@spoor/wire';
import { parseTempoQuery } from './tempo-query.ts';
import { countParameter, invalid, parseTempoDuration, parseTempoStep, parseTempoTime } from './tempo-parameter.ts';

const exemplarsMax = 100;
const seriesDefault = 1_000;
const rangeDefaultNano = 3_600_000_000_000n;

/** A metrics query as it was asked, over HTTP or gRPC. */
export interface MetricsAsk {
  readonly query: string;
  readonly start: UnixNano;
  readonly end: UnixNano;
  /** `undefined`: one that suits the range */
  readonly stepNano: bigint | undefined;
  /** `undefined`: as many as there may be */
  readonly exemplars: number | undefined;
  /** 0 is the default */
  readonly maxSeries: number;
}

/** @throws {QueryError} `QUERY_INVALID` in Tempo's words */
export function readMetricsParameters(parameters: URLSearchParams, nowMilli: number): MetricsAsk {
  const step = parameters.get('step');
  return {
    query: parameters.get('q') ?? parameters.get('query') ?? '',
    ...rangeOf(parameters, nowMilli),
    stepNano: step ? parseTempoStep(step) : undefined,
    exemplars: countParameter(parameters, 'exemplars'),
    maxSeries: countParameter(parameters, 'maxSeries') ?? 0,
  };
}

function rangeOf(parameters: URLSearchParams, nowMilli: number): Pick<MetricsAsk, 'start' | 'end'> {
  const time = (name: string): UnixNano | undefined => {
    const text = parameters.get(name);
    return text ? parseTempoTime(text) : undefined;
  };
  const since = parameters.get('since');
  const lengthNano = since ? parseTempoDuration(since) : rangeDefaultNano;
  const end = time('end') ?? unixNanoFromMilli(nowMilli);
  return { start: time('start') ?? before(end, lengthNano), end };
}

function before(end: UnixNano, lengthNano: bigint): UnixNano {
  return unixNano(lengthNano > end ? 0n : end - lengthNano);
}

/** The same of a gRPC request. Times of ten digits or less can only be seconds. */
export function metricsOfMessage(
  message: TempoQueryInstantRequest & Partial<TempoQueryRangeRequest>,
  nowMilli: number,
): MetricsAsk {
  const end = message.end === 0n ? unixNanoFromMilli(nowMilli) : parseTempoTime(`${message.end}`);
  return {
    query: message.query,
    start: message.start === 0n ? before(end, rangeDefaultNano) : parseTempoTime(`${message.start}`),
    end,
    stepNano: message.step || undefined,
    exemplars: message.exemplars || undefined,
    maxSeries: message.maxSeries ?? 0,
  };
}

/**
 * Intervals that cover the range: each ends at a multiple of the step, the first at or before the start.
 *
 * @throws {QueryError} `QUERY_INVALID` in Tempo's words
 */
export function compileRange(ask: MetricsAsk): MetricsRequest {
  const query = metricsQuery(ask);
  const step = ask.stepNano ?? defaultStep(ask.end - ask.start);
  const start = (ask.start / step) * step;
  const end = ((ask.end + step - 1n) / step) * step;
  return {
    ...limited(ask, query.hints),
    query,
    start: unixNano(start),
    end: unixNano(end),
    stepNano: step,
  };
}

/** One interval: the range. @throws {QueryError} `QUERY_INVALID` in Tempo's words */
export function compileInstant(ask: MetricsAsk): MetricsRequest {
  const query = metricsQuery(ask);
  return { ...limited(ask, query.hints), query, start: ask.end, end: ask.end, stepNano: ask.end - ask.start };
}

function metricsQuery({ query: text, start, end }: MetricsAsk): Query {
  if (text === '') throw invalid('invalid TraceQL query: the query is empty');
  const query = parseTempoQuery(text);
  if (query.kind !== 'metrics') {
    throw invalid('invalid TraceQL query: not a metrics query; end it with a function such as | rate()');
  }
  if (start >= end) throw invalid('end must be greater than start');
  return query;
}

function limited(
  { exemplars, maxSeries }: MetricsAsk,
  hints: Hints,
): Pick<MetricsRequest, 'exemplarsMax' | 'seriesMax' | 'timeMilliMax'> {
  return {
    exemplarsMax: Math.min(hintedExemplars(hints) ?? exemplars ?? exemplarsMax, exemplarsMax),
    seriesMax: maxSeries === 0 ? seriesDefault : maxSeries,
    timeMilliMax: limits.tempoQueryMilliMax,
  };
}

/** `with(exemplars=false)`, `with(exemplars=20)` */
function hintedExemplars(hints: Hints): number | undefined {
  const hint = hints.findLast(({ name }) => name === 'exemplars')?.value;
  if (hint?.type === 'bool') return hint.value ? exemplarsMax : 0;
  return hint?.type === 'int' ? Math.max(0, Number(hint.value)) : undefined;
}

const secondsOfSteps = [1, 5, 15, 30, 60, 300, 900, 1_800, 3_600, 21_600, 86_400, 604_800];

/** The shortest usual step that gives at most 240 intervals: 15 s for an hour. */
function defaultStep(rangeNano: bigint): bigint {
  const least = rangeNano / 240n;
  const steps = secondsOfSteps.map((seconds) => BigInt(seconds) * 1_000_000_000n);
  return steps.find((step) => step >= least) ?? least;
}
