import { limits, QueryError, unixNano, unixNanoFromMilli } from '@spoor/model';
import type { TimeRange } from '@spoor/query';
import {
  allOf,
  anyOf,
  attribute,
  compare,
  constant,
  exists,
  intrinsic,
  type FieldExpression,
  type Query,
  type SpansetExpression,
} from '@spoor/traceql';
import { serviceCondition } from '../jaeger/search-conditions.ts';
import { tagCondition } from '../jaeger/tag-condition.ts';

export interface ZipkinSearch {
  readonly query: Query;
  readonly range: TimeRange;
  readonly limit: number;
}

export const zipkinLookbackMilli = 24 * 3600 * 1000;
const tracesDefault = 10;
/** Zipkin splits no further, and neither do we. */
const annotationsMax = 100;

/**
 * Compiles the parameters of `GET /api/v2/traces`. As in Zipkin, each condition may be met by another span of the trace, but
 * with `serviceName` only by spans of that service: `{svc && name} && {svc && tag} && …`.
 *
 * @param nowMilli  Unix time, where `endTs` is absent
 * @throws {QueryError} `QUERY_INVALID`, in Zipkin's words
 * Source: openzipkin/zipkin, zipkin2.storage.QueryRequest.
 */
export function compileZipkinSearch(parameters: URLSearchParams, nowMilli: number): ZipkinSearch {
  const range = zipkinRange(parameters, nowMilli);
  const limit = long(parameters, 'limit') ?? tracesDefault;
  if (limit <= 0) throw invalid('limit <= 0');
  const spanName = parameters.get('spanName');
  const remote = parameters.get('remoteServiceName');
  const conditions: FieldExpression[] = [];
  if (spanName && spanName !== 'all')
    conditions.push(compare(intrinsic('span:name'), '=', constant({ type: 'string', value: spanName })));
  if (remote)
    conditions.push(compare(attribute('span', 'peer.service'), '=', constant({ type: 'string', value: remote })));
  for (const [key, value] of annotationQuery(parameters.get('annotationQuery') ?? ''))
    conditions.push(value === '' ? presence(key) : tagValue(key, value));
  const duration = durationCondition(parameters);
  if (duration !== undefined) conditions.push(duration);
  return {
    query: allMet(conditions, parameters.get('serviceName') ?? ''),
    range,
    limit: Math.min(limit, limits.searchTracesMax),
  };
}

/** `endTs` and `lookback`, both milliseconds. @throws {QueryError} */
export function zipkinRange(parameters: URLSearchParams, nowMilli: number): TimeRange {
  const endMilli = long(parameters, 'endTs') ?? nowMilli;
  const lookbackMilli = long(parameters, 'lookback') ?? zipkinLookbackMilli;
  if (endMilli <= 0) throw invalid('endTs <= 0');
  if (lookbackMilli <= 0) throw invalid('lookback <= 0');
  const start = unixNanoFromMilli(Math.max(0, endMilli - lookbackMilli));
  // Traces of the last millisecond are in it.
  return { start, end: unixNano(unixNanoFromMilli(endMilli) + 999_999n) };
}

function allMet(conditions: readonly FieldExpression[], service: string): Query {
  const own = service === '' ? [] : [serviceCondition(service)];
  const filters = (conditions.length === 0 ? [[]] : conditions.map((one) => [one])).map((one): SpansetExpression => ({
    kind: 'filter',
    condition: allOf([...own, ...one]),
  }));
  const all = filters.reduce((left, right) => ({ kind: 'spansetOperation', op: '&&', left, right }));
  return { kind: 'search', pipeline: [all], hints: [] };
}

/** `error and http.method=GET`: the last value of a key wins, and a bare key never replaces one with a value. */
function annotationQuery(text: string): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  for (const part of text.split(' and ', annotationsMax)) {
    const equals = part.indexOf('=');
    const key = (equals < 0 ? part : part.slice(0, equals)).trim();
    if (key === '') continue;
    if (equals >= 0) entries.set(key, part.slice(equals + 1).trim());
    else if (!entries.has(key)) entries.set(key, '');
  }
  return entries;
}

/** What Zipkin shows as a tag `error` is the message of an error, too. */
function tagValue(key: string, value: string): FieldExpression {
  const condition = tagCondition(key, value);
  if (key !== 'error') return condition;
  const isError = compare(intrinsic('span:status'), '=', constant({ type: 'status', value: 'error' }));
  const isMessage = compare(intrinsic('span:statusMessage'), '=', constant({ type: 'string', value }));
  return anyOf([condition, compare(isError, '&&', isMessage)])!;
}

/** A tag of that key, or an annotation of that text. */
function presence(key: string): FieldExpression {
  const places: FieldExpression[] = [
    exists(attribute('span', key)),
    exists(attribute('resource', key)),
    compare(intrinsic('event:name'), '=', constant({ type: 'string', value: key })),
  ];
  if (key === 'error')
    places.push(compare(intrinsic('span:status'), '=', constant({ type: 'status', value: 'error' })));
  if (key === 'otel.status_code')
    places.push(compare(intrinsic('span:status'), '!=', constant({ type: 'status', value: 'unset' })));
  return anyOf(places)!;
}

function durationCondition(parameters: URLSearchParams): FieldExpression | undefined {
  const minMicro = long(parameters, 'minDuration');
  const maxMicro = long(parameters, 'maxDuration');
  if (minMicro === undefined) {
    if (maxMicro !== undefined) throw invalid('maxDuration is only valid with minDuration');
    return undefined;
  }
  if (minMicro <= 0) throw invalid('minDuration <= 0');
  if (maxMicro !== undefined && maxMicro < minMicro) throw invalid('maxDuration < minDuration');
  const field = intrinsic('span:duration');
  const conditions = [compare(field, '>=', constant({ type: 'duration', value: minMicro * 1000 }))];
  // What Zipkin sees is cut to microseconds.
  if (maxMicro !== undefined)
    conditions.push(compare(field, '<=', constant({ type: 'duration', value: maxMicro * 1000 + 999 })));
  return allOf(conditions);
}

function long(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(value)) throw invalid(`${name} should be a number: ${text}`);
  return value;
}

function invalid(message: string): QueryError {
  return new QueryError('QUERY_INVALID', message);
}
