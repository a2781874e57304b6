import { QueryError } from '@spoor/model';
import type { SearchRequest } from '@spoor/query';
import { searchFor } from '@spoor/traceql';
import { compileFilter } from './compile-filter.ts';
import { parseTags } from './compile-search.ts';
import { parseFilter } from './filter-term.ts';
import { parseGoDuration } from './go-duration.ts';
import { parseGoBool, parseGoInteger } from './go-number.ts';
import { parseGoTime } from './go-time.ts';
import { jaegerQuery, searchLimit } from './search-conditions.ts';

export interface V3Search {
  readonly request: Pick<SearchRequest, 'query' | 'range' | 'limit' | 'order'>;
  /** `query.rawTraces`: without Jaeger's adjusters */
  readonly raw: boolean;
}

/** A parameter as it was given: its value and the name it came under. */
interface Given {
  readonly name: string;
  readonly text: string;
}

/**
 * A parameter by its name of today, else by one of its older spellings, which Grafana still sends. An empty one
 * counts as absent.
 */
export function givenParameter(
  parameters: URLSearchParams,
  name: string,
  ...older: readonly string[]
): Given | undefined {
  for (const each of [name, ...older]) {
    const text = parameters.get(each);
    if (text) return { name: each, text };
  }
  return undefined;
}

/** Reads a parameter. @throws {QueryError} `QUERY_INVALID`, naming the parameter as it was given */
export function readParameter<T>(given: Given | undefined, parse: (text: string) => T): T | undefined {
  if (given === undefined) return undefined;
  try {
    return parse(given.text);
  } catch (error) {
    throw new QueryError('QUERY_INVALID', `malformed parameter ${given.name}: ${(error as Error).message}`);
  }
}

/**
 * Compiles the parameters of `GET /api/v3/traces` and `/api/v3/trace-summaries`. The service may be left out, as in
 * Jaeger from 2.20 on; attribute values compare as in `tags` of the older API.
 *
 * @throws {QueryError} `QUERY_INVALID`, in Jaeger's words
 */
export function compileV3Search(parameters: URLSearchParams): V3Search {
  const given = (camel: string, ...older: readonly string[]): Given | undefined =>
    givenParameter(parameters, `query.${camel}`, `query.${snakeCase(camel)}`, ...older);
  const service = given('serviceName')?.text;
  const operation = given('operationName')?.text;
  const tags = readParameter(given('attributes'), parseTags) ?? [];
  const range = timeRange(given('startTimeMin'), given('startTimeMax'));
  const depth = readParameter(given('searchDepth', 'query.num_traces', 'query.numTraces'), (text) =>
    parseGoInteger(text, 'Atoi'),
  );
  const durationMinNano = readParameter(given('durationMin'), parseGoDuration);
  const durationMaxNano = readParameter(given('durationMax'), parseGoDuration);
  const raw = readParameter(given('rawTraces'), parseGoBool) ?? false;
  const filter = given('filter');
  if (filter !== undefined) refuseBeside(given);
  const query =
    filter === undefined
      ? jaegerQuery({ service, operation, tags, durationMinNano, durationMaxNano })
      : searchFor(compileFilter(parseFilter(filter.text)));
  return { request: { query, range, limit: searchLimit(depth), order: 'newest' }, raw };
}

/** @throws {QueryError} `QUERY_INVALID`, naming what the filter would have to say itself */
function refuseBeside(given: (name: string) => Given | undefined): void {
  for (const name of ['serviceName', 'operationName', 'attributes', 'durationMin', 'durationMax']) {
    const other = given(name);
    if (other === undefined) continue;
    throw new QueryError('QUERY_INVALID', `query.filter and ${other.name} exclude each other`);
  }
}

function snakeCase(camel: string): string {
  return camel.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function timeRange(min: Given | undefined, max: Given | undefined): SearchRequest['range'] {
  if (min === undefined || max === undefined) {
    throw new QueryError('QUERY_INVALID', 'query.startTimeMin and query.startTimeMax are required');
  }
  const start = readParameter(min, parseGoTime)!;
  const end = readParameter(max, parseGoTime)!;
  if (start >= end) {
    throw new QueryError('QUERY_INVALID', 'query.startTimeMin must be before query.startTimeMax');
  }
  return { start, end };
}
