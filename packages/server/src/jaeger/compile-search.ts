import { parseTraceId, QueryError, unixNano, type TraceId } from '@spoor/model';
import type { TimeRange } from '@spoor/query';
import type { Query } from '@spoor/traceql';
import { parseGoDuration } from './go-duration.ts';
import { parseGoBool, parseGoInteger } from './go-number.ts';
import { jaegerQuery, searchLimit, type JaegerPredicates } from './search-conditions.ts';

export type JaegerSearch =
  | { readonly kind: 'ids'; readonly ids: readonly TraceId[]; readonly raw: boolean }
  | {
      readonly kind: 'search';
      readonly query: Query;
      readonly range: TimeRange;
      readonly limit: number;
      readonly raw: boolean;
    };

/**
 * Compiles the parameters of `GET /api/traces`. All conditions hold on one span, the durations too, as in Jaeger's
 * memory and Elasticsearch stores. `service` may be left out, which Jaeger refuses. `lookback` is ignored (Jaeger's UI
 * sends it beside `start`); an absent `start` or `end` leaves that side open, where Jaeger takes two days.
 *
 * @throws {QueryError} `QUERY_INVALID`, in Jaeger's words
 */
export function compileSearch(parameters: URLSearchParams): JaegerSearch {
  const raw = parseBool('raw', parameters.get('raw'));
  const range = { start: microseconds(parameters, 'start', 0n), end: microseconds(parameters, 'end', 999n) };
  const service = parameters.get('service') ?? undefined;
  const operation = parameters.get('operation') ?? undefined;
  const tags = tagParameters(parameters);
  const limit = searchLimit(limitParameter(parameters.get('limit')));
  const query = jaegerQuery({ service, operation, tags, ...durationParameters(parameters) });
  const ids = parameters.getAll('traceID').filter((text) => text !== '');
  if (ids.length > 0) return { kind: 'ids', ids: [...new Set(ids.map(searchedTraceId))], raw };
  return { kind: 'search', query, range, limit, raw };
}

/** Jaeger's complaint about a trace id, `undefined` when it is one. Leading zeros may be left out. */
export function traceIdComplaint(text: string): string | undefined {
  if (parseTraceId(text) !== undefined) return undefined;
  if (text.length > 32) return `TraceID cannot be longer than 32 hex characters: ${text}`;
  if (/^0+$/.test(text)) return 'traceID cannot be zero';
  return `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;
}

function searchedTraceId(text: string): TraceId {
  const id = parseTraceId(text);
  if (id === undefined) throw new QueryError('QUERY_INVALID', `cannot parse traceID param: ${traceIdComplaint(text)}`);
  return id;
}

function tagParameters(parameters: URLSearchParams): [string, string][] {
  const tags: [string, string][] = [];
  for (const tag of parameters.getAll('tag')) {
    const colon = tag.indexOf(':');
    if (colon < 0) {
      throw new QueryError('QUERY_INVALID', `malformed 'tag' parameter, expecting key:value, received: ${tag}`);
    }
    tags.push([tag.slice(0, colon), tag.slice(colon + 1)]);
  }
  for (const text of parameters.getAll('tags')) if (text !== '') tags.push(...tagsParameter(text));
  return tags;
}

/**
 * Reads tags or attributes as a JSON object. Jaeger takes strings only; numbers and booleans are what people write by
 * hand, and mean the same.
 *
 * @throws {QueryError} `QUERY_INVALID`
 */
export function parseTags(text: string): [string, string][] {
  let tags: unknown;
  try {
    tags = JSON.parse(text);
  } catch (error) {
    throw new QueryError('QUERY_INVALID', (error as Error).message, { cause: error });
  }
  if (typeof tags !== 'object' || tags === null || Array.isArray(tags)) {
    throw new QueryError('QUERY_INVALID', 'an object is expected');
  }
  return Object.entries(tags).map(([key, value]) => {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      const why = `the value of '${key}' is neither a string nor a number nor a boolean`;
      throw new QueryError('QUERY_INVALID', why);
    }
    return [key, String(value)];
  });
}

function tagsParameter(text: string): [string, string][] {
  try {
    return parseTags(text);
  } catch (error) {
    const why = (error as Error).message;
    throw new QueryError('QUERY_INVALID', `malformed 'tags' parameter, cannot unmarshal JSON: ${why}`);
  }
}

function durationParameters(
  parameters: URLSearchParams,
): Pick<JaegerPredicates, 'durationMinNano' | 'durationMaxNano'> {
  const durationMinNano = duration(parameters, 'minDuration');
  const durationMaxNano = duration(parameters, 'maxDuration');
  if (durationMinNano !== undefined && durationMaxNano !== undefined && durationMaxNano < durationMinNano) {
    throw new QueryError('QUERY_INVALID', "'maxDuration' should be greater than 'minDuration'");
  }
  return { durationMinNano, durationMaxNano };
}

function duration(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name);
  return text ? parsed(name, text, parseGoDuration) : undefined;
}

/** Microseconds since the epoch. `rest` nanoseconds are added, so that an `end` covers all of its microsecond. */
function microseconds(parameters: URLSearchParams, name: string, rest: bigint): TimeRange['start'] {
  const text = parameters.get(name);
  if (!text) return undefined;
  const micro = parseInteger(name, text);
  return unixNano(micro < 0n ? 0n : clampToWord(micro * 1000n + rest));
}

function clampToWord(nano: bigint): bigint {
  const max = 0xffff_ffff_ffff_ffffn;
  return nano > max ? max : nano;
}

function limitParameter(text: string | null): bigint | undefined {
  return text ? parseInteger('limit', text) : undefined;
}

/** @throws {QueryError} in the words of Go's `strconv.ParseInt` */
export function parseInteger(name: string, text: string): bigint {
  return parsed(name, text, parseGoInteger);
}

/** Go's `strconv.ParseBool`; absent and empty mean no. */
export function parseBool(name: string, text: string | null): boolean {
  return text === null || text === '' ? false : parsed(name, text, parseGoBool);
}

function parsed<T>(name: string, text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    throw unparsable(name, (error as Error).message);
  }
}

function unparsable(name: string, why: string): QueryError {
  return new QueryError('QUERY_INVALID', `unable to parse param '${name}': ${why}`);
}
