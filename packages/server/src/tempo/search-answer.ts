import { limits, type Attribute } from '@spoor/model';
import type { QueryProgress, SearchAnswer, SearchRequest, SpanSet, TraceStore, TraceSummary } from '@spoor/query';
import type { Query } from '@spoor/traceql';
import type { TempoSearchMetrics, TempoSearchResponse, TempoSpanSet, TempoTraceSummary } from '@spoor/wire';
import { compileTagSearch } from './tag-search.ts';
import { parseTempoQuery, searchOf } from './tempo-query.ts';
import { invalid, secondsRange } from './tempo-parameter.ts';

const tracesDefault = 20;
const spansPerSetDefault = 3;

/** A search as it was asked for, over HTTP or gRPC. */
export interface TempoSearch {
  /** TraceQL; empty: a search by tags */
  readonly query: string;
  readonly tags: ReadonlyMap<string, string>;
  /** of the whole trace, for a search by tags */
  readonly minDurationNano: number | undefined;
  readonly maxDurationNano: number | undefined;
  /** 0 is the default */
  readonly limit: number;
  readonly spansPerSet: number;
  /** seconds, 0 for an open side */
  readonly start: number;
  readonly end: number;
  readonly order: 'newest' | 'longest';
  readonly cursor: string | undefined;
}

export interface TempoSearchAnswer {
  readonly response: TempoSearchResponse;
  /** traces that match, and whether there may be more of them */
  readonly total: number;
  readonly totalIsExact: boolean;
  readonly cursor: string | undefined;
  readonly incomplete: string | undefined;
  readonly warnings: readonly string[];
}

/**
 * Runs a search in pages of what the store gives at once, until the limit is reached. A later page that the time was too
 * short for may have gaps, and is left out: the traces are the first of the order, and the cursor goes on behind them.
 *
 * @param onTraces  told of the traces of each page as they are found; of one it may be told twice, and of some that others displace
 * @throws {QueryError} `QUERY_INVALID` in Tempo's words
 */
export async function runTempoSearch(
  traces: TraceStore,
  tenant: string,
  search: TempoSearch,
  signal: AbortSignal,
  onTraces?: (response: TempoSearchResponse) => void,
): Promise<TempoSearchAnswer> {
  const { request, hasSpans } = compile(search);
  const limit = limitOf(search.limit);
  const found: TempoTraceSummary[] = [];
  const deadline = performance.now() + limits.tempoQueryMilliMax;
  let { cursor } = search;
  let count: TraceCount = { total: 0, totalIsExact: false };
  for (;;) {
    const timeMilliMax = Math.max(1, Math.round(deadline - performance.now()));
    const page = { ...request, timeMilliMax, cursor, limit: Math.min(limits.searchTracesMax, limit - found.length) };
    const onProgress =
      onTraces && ((soFar: SearchAnswer) => onTraces(responseOf(soFar.traces, soFar.progress, hasSpans)));
    const answer = await traces.search(tenant, page, signal, onProgress);
    const { incomplete, warnings } = answer;
    const response = responseOf(answer.traces, answer.progress, hasSpans);
    count = bestCount(count, answer);
    if (incomplete !== undefined && found.length > 0) {
      return { response: { ...response, traces: found }, ...count, cursor, incomplete, warnings };
    }
    found.push(...response.traces);
    ({ cursor } = answer);
    const isLast = cursor === undefined || incomplete !== undefined || answer.traces.length === 0;
    if (isLast || found.length >= limit) {
      return { response: { ...response, traces: found }, ...count, cursor, incomplete, warnings };
    }
    onTraces?.(response);
  }
}

type TraceCount = Pick<TempoSearchAnswer, 'total' | 'totalIsExact'>;

/** Every page counts all that match, as far as its time goes. */
function bestCount(known: TraceCount, { total, totalIsExact }: SearchAnswer): TraceCount {
  return known.totalIsExact || (!totalIsExact && known.total > total) ? known : { total, totalIsExact };
}

type Compiled = Omit<SearchRequest, 'limit' | 'cursor'>;

function compile(search: TempoSearch): { readonly request: Compiled; readonly hasSpans: boolean } {
  const { query: text, start, end, order } = search;
  const spansPerSet = search.spansPerSet === 0 ? spansPerSetDefault : search.spansPerSet;
  if (spansPerSet > limits.tempoSpansPerSetMax) {
    throw invalid(`spans per span set exceeds ${limits.tempoSpansPerSetMax}. received ${spansPerSet}`);
  }
  const range = secondsRange(start, end);
  const hasSpans = text !== '';
  if (hasSpans && search.tags.size > 0) {
    throw invalid("invalid request: can't specify tags and q in the same query");
  }
  const query: Query = hasSpans ? searchOf(parseTempoQuery(text)) : compileTagSearch(search);
  const shared = { query, range, order } as const;
  return { request: hasSpans ? { ...shared, spansPerSetMax: spansPerSet } : shared, hasSpans };
}

function limitOf(asked: number): number {
  if (asked > limits.tempoSearchTracesMax) {
    throw invalid(`limit ${asked} exceeds max limit ${limits.tempoSearchTracesMax}`);
  }
  return asked === 0 ? tracesDefault : asked;
}

function responseOf(traces: readonly TraceSummary[], progress: QueryProgress, hasSpans: boolean): TempoSearchResponse {
  return { traces: traces.map((trace) => summaryOf(trace, hasSpans)), metrics: searchMetricsOf(progress) };
}

/** What was read, in Tempo's terms: a source is a block, and one job. */
export function searchMetricsOf(progress: QueryProgress): TempoSearchMetrics {
  const { inspectedSpanCount, inspectedTraceCount, inspectedBytes, sourceCount, doneSourceCount } = progress;
  return {
    inspectedTraces: inspectedTraceCount,
    inspectedBytes: BigInt(Math.round(inspectedBytes)),
    totalBlocks: sourceCount,
    completedJobs: doneSourceCount,
    totalJobs: sourceCount,
    totalBlockBytes: 0n,
    inspectedSpans: BigInt(inspectedSpanCount),
  };
}

function summaryOf(trace: TraceSummary, hasSpans: boolean): TempoTraceSummary {
  const spanSets = hasSpans ? (trace.spanSets ?? []).map(spanSetOf) : undefined;
  const { rootService, rootName, isRooted } = trace;
  return {
    traceID: trace.traceId.replace(/^0+/, ''),
    rootServiceName: isRooted ? rootService : rootNotReceived,
    rootTraceName: isRooted ? rootName : '',
    startTimeUnixNano: trace.start,
    durationMs: Number((trace.end - trace.start) / 1_000_000n),
    spanSet: spanSets?.[0],
    spanSets,
    serviceStats: hasSpans ? serviceStatsOf(trace) : undefined,
  };
}

const rootNotReceived = '<root span not yet received>';

function serviceStatsOf({ services }: TraceSummary): TempoTraceSummary['serviceStats'] {
  return Object.fromEntries(services.map(({ name, spanCount, errorCount }) => [name, { spanCount, errorCount }]));
}

function spanSetOf({ spans, matchedCount, attributes }: SpanSet): TempoSpanSet {
  return {
    spans: spans.map(({ spanId, name, start, durationNano, attributes: ofSpan }) => ({
      spanID: spanId,
      name,
      startTimeUnixNano: start,
      durationNanos: BigInt(Math.max(0, Math.round(durationNano))),
      attributes: ofSpan.map(withNil),
    })),
    matched: matchedCount,
    attributes: attributes.map(withNil),
  };
}

/** Tempo has a text for what is missing, where there must be a value. */
export function withNil(each: Attribute): Attribute {
  return each.value.type === 'empty' ? { key: each.key, value: { type: 'string', value: 'nil' } } : each;
}
