import { limits, milliFromUnixNano, QueryError, unixNano } from '@spoor/model';
import type { SearchAnswer, SearchRequest, SpanSet, TimeRange, TraceStore, TraceSummary } from '@spoor/query';
import {
  allOf,
  attribute,
  compare,
  constant,
  type FieldExpression,
  intrinsic,
  isTraceqlText,
  narrowQuery,
  not,
  parsePlainDuration,
  parsePlainQuery,
  parseQuery,
  type Query,
  searchFor,
} from '@spoor/traceql';
import type { PageAsk } from './page-ask.ts';
import { type PageAttribute, pageAttribute } from './page-attribute.ts';
import { type PageProgress, pageProgress } from './page-progress.ts';

const pageTracesDefault = 50;
const pageTracesMax = 500;

/** A list of traces as the page reads it. */
export interface PageSearch {
  readonly traces: readonly PageSummary[];
  readonly total: number;
  readonly totalIsExact: boolean;
  readonly cursor?: string;
  readonly warnings: readonly string[];
  /** why this is not the whole answer */
  readonly incomplete?: string;
  /** absent where nothing was searched */
  readonly progress?: PageProgress;
  /** the typed text was a trace id, which is not searched for but opened */
  readonly traceId?: string;
  /** the text is a metrics query, whose answer is at `metrics` */
  readonly isMetrics?: true;
}

/** A summary with its time lossy, to the millisecond, and its duration in nanoseconds. */
export interface PageSummary extends Omit<TraceSummary, 'start' | 'end' | 'spanSets'> {
  readonly startMilli: number;
  readonly durationNano: number;
  /** when the query makes or selects something that is worth seeing */
  readonly spanSets?: readonly PageSpanSet[];
}

export interface PageSpanSet {
  readonly attributes: readonly PageAttribute[];
  readonly matchedCount: number;
  readonly spans: readonly PageSpanOfSet[];
}

export interface PageSpanOfSet {
  readonly spanId: string;
  readonly name: string;
  readonly startMilli: number;
  readonly durationNano: number;
  readonly attributes: readonly PageAttribute[];
}

/**
 * `q` as typed, in words or, beginning with a brace, in TraceQL; `service`, `operation`, `status` (`error`, `ok`), `minDuration`, `maxDuration`; `start` and `end` in
 * microseconds since the epoch; `order`, `limit`, `cursor`. All conditions hold on one span.
 * @throws {QueryError} `QUERY_INVALID`
 */
export async function searchJson(store: TraceStore, ask: PageAsk): Promise<string> {
  const { tenant, parameters, signal, onSoFar } = ask;
  const text = (parameters.get('q') ?? '').trim();
  const typed = isTraceqlText(text) ? undefined : parsePlainQuery(text);
  if (typed?.kind === 'error') throw new QueryError('QUERY_INVALID', typed.message);
  if (typed?.kind === 'traceId') return JSON.stringify({ ...emptyPage, traceId: typed.traceId } satisfies PageSearch);
  const ids = parameters.getAll('traceID');
  if (ids.length > 0) return JSON.stringify(await byIds(store, tenant, ids, signal));
  const query = typed === undefined ? traceqlQuery(text, parameters) : plainQuery(typed.condition, parameters);
  if (query.kind === 'metrics') return JSON.stringify({ ...emptyPage, isMetrics: true } satisfies PageSearch);
  const request: SearchRequest = {
    query,
    spansPerSetMax: showsSpanSets(query) ? shownSpansMax : undefined,
    range: timeRange(parameters),
    limit: Math.min(pageTracesMax, Number(parameters.get('limit')) || pageTracesDefault),
    order: parameters.get('order') === 'longest' ? 'longest' : 'newest',
    cursor: parameters.get('cursor') ?? undefined,
    timeMilliMax: limits.pageQueryMilliMax,
  };
  const onProgress = onSoFar && ((soFar: SearchAnswer) => onSoFar(() => pageOf(soFar)));
  return JSON.stringify(pageOf(await store.search(tenant, request, signal, onProgress)));
}

function plainQuery(condition: FieldExpression | undefined, parameters: URLSearchParams): Query {
  return searchFor(allOf([...fieldConditions(parameters), ...(condition === undefined ? [] : [condition])]));
}

/**
 * A query in TraceQL; the fields beside it join its first filter.
 * @throws {QueryError} `QUERY_INVALID` when it has none: beside it, the fields would mean another thing
 */
export function traceqlQuery(text: string, parameters: URLSearchParams): Query {
  const query = parseQuery(text);
  const fields = allOf(fieldConditions(parameters));
  if (fields === undefined) return query;
  const narrowed = narrowQuery(query, fields);
  if (narrowed !== undefined) return narrowed;
  throw new QueryError(
    'QUERY_INVALID',
    'put the service, operation, status and durations into the TraceQL query itself',
  );
}

/** Of each set; the trace has all of them. */
const shownSpansMax = 3;

/** A filter alone finds traces; what else there is makes groups, counts, or picks spans and attributes. */
function showsSpanSets(query: Extract<Query, { kind: 'search' }>): boolean {
  return query.pipeline.length > 1 || query.pipeline[0]?.kind !== 'filter';
}

const emptyPage: PageSearch = { traces: [], total: 0, totalIsExact: true, warnings: [] };

/** @throws {QueryError} `QUERY_INVALID` */
export function timeRange(parameters: URLSearchParams): TimeRange {
  return { start: microseconds(parameters, 'start', 0n), end: microseconds(parameters, 'end', 999n) };
}

function microseconds(parameters: URLSearchParams, name: string, restNano: bigint): TimeRange['start'] {
  const text = parameters.get(name);
  if (text === null || text === '') return undefined;
  if (!/^\d{1,17}$/.test(text)) throw new QueryError('QUERY_INVALID', `${name} is to be microseconds since the epoch`);
  return unixNano(BigInt(text) * 1000n + restNano);
}

async function byIds(
  store: TraceStore,
  tenant: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<PageSearch> {
  const traceId = intrinsic('trace:id');
  const found: TraceSummary[] = [];
  for (const id of ids.slice(0, pageTracesMax)) {
    const condition = compare(traceId, '=', constant({ type: 'string', value: id.toLowerCase() }));
    const answer = await store.search(
      tenant,
      { query: searchFor(condition), range: {}, limit: 1, order: 'newest' },
      signal,
    );
    found.push(...answer.traces);
  }
  return { ...emptyPage, traces: found.map(summaryOf), total: found.length };
}

function fieldConditions(parameters: URLSearchParams): FieldExpression[] {
  const conditions: FieldExpression[] = [];
  const service = parameters.get('service');
  const operation = parameters.get('operation');
  const status = parameters.get('status');
  const failed = compare(intrinsic('span:status'), '=', constant({ type: 'status', value: 'error' }));
  if (service)
    conditions.push(compare(attribute('resource', 'service.name'), '=', constant({ type: 'string', value: service })));
  if (operation) conditions.push(compare(intrinsic('span:name'), '=', constant({ type: 'string', value: operation })));
  if (status === 'error') conditions.push(failed);
  if (status === 'ok') conditions.push(not(failed));
  for (const [name, op] of [
    ['minDuration', '>='],
    ['maxDuration', '<='],
  ] as const) {
    const text = parameters.get(name);
    if (!text) continue;
    const value = parsePlainDuration(text.trim());
    if (value === undefined) throw new QueryError('QUERY_INVALID', `“${text}” is no duration; write 500ms, 1.5s or 2m`);
    conditions.push(compare(intrinsic('span:duration'), op, constant({ type: 'duration', value })));
  }
  return conditions;
}

function pageOf(answer: SearchAnswer): PageSearch {
  return {
    traces: answer.traces.map(summaryOf),
    total: answer.total,
    totalIsExact: answer.totalIsExact,
    warnings: answer.warnings,
    progress: pageProgress(answer.progress),
    ...(answer.cursor !== undefined && { cursor: answer.cursor }),
    ...(answer.incomplete !== undefined && { incomplete: answer.incomplete }),
  };
}

function summaryOf({ start, end, spanSets, ...rest }: TraceSummary): PageSummary {
  return {
    ...rest,
    startMilli: milliFromUnixNano(start),
    durationNano: Math.max(0, Number(end - start)),
    ...(spanSets !== undefined && { spanSets: spanSets.map(pageSpanSet) }),
  };
}

function pageSpanSet({ attributes, matchedCount, spans }: SpanSet): PageSpanSet {
  return {
    attributes: attributes.map(pageAttribute),
    matchedCount,
    spans: spans.map(({ spanId, name, start, durationNano, attributes: ofSpan }) => ({
      spanId,
      name,
      startMilli: milliFromUnixNano(start),
      durationNano,
      attributes: ofSpan.map(pageAttribute),
    })),
  };
}
