import { limits, type TraceId } from '@spoor/model';
import { type ColumnSource, temporarySource } from '@spoor/store';
import { type AssembledTrace, assembleTraces, spansOfTraces } from './fetch-traces.ts';
import { type QuerySources, sourcesInRange } from './query-sources.ts';
import { Candidates } from './search-candidates.ts';
import { decodeCursor, encodeCursor, type Place } from './search-order.ts';
import { compileSearch, type SearchPlan } from './search-plan.ts';
import { matchedRows, matchSpans, type SpanMatches, traceRowsOf } from './span-matches.ts';
import { assembleTrace } from './trace-assembly.ts';
import type { SearchAnswer, SearchRequest, TraceRenderer, TraceSummary } from './trace-store.ts';
import { summarizeTrace } from './trace-summary.ts';
import { TurnTaker } from './turn-taker.ts';

/**
 * Rows scanned for the sake of an exact total. Past it, a newest-first search that has its page leaves older sources
 * unread and says "at least". A filter scans some 10⁸ rows a second, so this is a few hundred milliseconds.
 */
export const TOTAL_SCAN_ROWS_MAX = 64 * 1024 * 1024;

/** Settings of the engine itself, which no request carries. */
export interface SearchBudget {
  readonly totalScanRowsMax: number;
}

/**
 * Traces with at least one span that the query's filter holds for, among the spans that start in the range.
 * Pages joined by cursors are the whole answer, each trace once, while the data stays the same.
 * @throws {QueryError} `QUERY_INVALID` for a query or cursor that cannot be understood, `QUERY_CANCELLED`
 */
export async function searchTraces(
  qs: QuerySources,
  request: SearchRequest,
  renderer?: TraceRenderer,
  signal?: AbortSignal,
  budget: SearchBudget = { totalScanRowsMax: TOTAL_SCAN_ROWS_MAX },
): Promise<SearchAnswer> {
  const plan = compileSearch(request.query);
  const after = request.cursor === undefined ? undefined : decodeCursor(request.order, request.cursor);
  const limit = Math.max(0, Math.min(request.limit, limits.searchTracesMax));
  const turns = new TurnTaker(signal);
  const candidates = new Candidates(request.order, qs.sources, await qs.splitTraces(signal), turns);
  const totalIsExact = plan.needsWholeTraces
    ? await matchWholeTraces(qs, plan, request, candidates, turns)
    : await matchParts(qs, plan, request, candidates, { limit, after, budget }, turns);
  const { places, hasMore } = await candidates.page(limit, after);
  const found = [
    ...(
      await assembleTraces(
        qs.sources,
        places.map((place) => place.traceId),
        turns,
      )
    ).values(),
  ];
  const summaries: TraceSummary[] = [];
  for (const each of found) {
    await turns.turn();
    summaries.push(summarizeTrace(each.trace, await matchedCount(each, candidates.matches)));
  }
  return {
    traces: summaries,
    total: candidates.total,
    totalIsExact,
    cursor: hasMore && places.length > 0 ? encodeCursor(request.order, places.at(-1)!) : undefined,
    body:
      request.format === undefined
        ? undefined
        : renderer?.(
            found.map(({ trace }) => trace),
            request.format.options ?? {},
          ),
    warnings: [],
  };
}

interface Page {
  readonly limit: number;
  readonly after: Place | undefined;
  readonly budget: SearchBudget;
}

/** Each span is judged where it lies. @returns whether all sources were read */
async function matchParts(
  qs: QuerySources,
  plan: SearchPlan,
  request: SearchRequest,
  candidates: Candidates,
  page: Page,
  turns: TurnTaker,
): Promise<boolean> {
  let scannedRows = 0;
  for (const source of newestFirst(sourcesInRange(qs, request.range))) {
    const mayStop = request.order === 'newest' && scannedRows >= page.budget.totalScanRowsMax;
    if (mayStop && candidates.countSurelyAfter(source.startMax, page.after) > page.limit) return false;
    await candidates.add(await matchSpans(source, plan.condition, request.range, turns), 'parts');
    scannedRows += source.rowCount;
  }
  return true;
}

/** Traces with parts in several sources are left out there, and judged in a temporary source that has them whole. */
async function matchWholeTraces(
  qs: QuerySources,
  plan: SearchPlan,
  request: SearchRequest,
  candidates: Candidates,
  turns: TurnTaker,
): Promise<boolean> {
  for (const source of sourcesInRange(qs, request.range)) {
    await turns.turn();
    const ordered = await source.ordered();
    const leftOut = await splitRows(ordered, candidates.split);
    await candidates.add(await matchSpans(ordered, plan.condition, request.range, turns, leftOut), 'whole');
  }
  const gathered = await gatherTraces(qs.sources, candidates.split, turns);
  if (gathered === undefined) return true;
  await candidates.add(await matchSpans(gathered, plan.condition, request.range, turns), 'whole');
  return true;
}

/** 1 for the trace rows of split traces; `undefined` when there is none. */
export async function splitRows(source: ColumnSource, split: ReadonlySet<TraceId>): Promise<Uint8Array | undefined> {
  const rows = await traceRowsOf(source, split);
  if (rows.size === 0) return undefined;
  const flags = new Uint8Array(source.traceCount);
  for (const row of rows.keys()) flags[row] = 1;
  return flags;
}

/** A source of whole traces, whatever sources their parts lie in; `undefined` when nothing of them is found. */
export async function gatherTraces(
  sources: readonly ColumnSource[],
  ids: ReadonlySet<TraceId>,
  turns: TurnTaker,
): Promise<ColumnSource | undefined> {
  if (ids.size === 0) return undefined;
  const spans = [...(await spansOfTraces(sources, ids, turns)).values()].flat();
  return spans.length === 0 ? undefined : temporarySource(spans);
}

function newestFirst(sources: readonly ColumnSource[]): readonly ColumnSource[] {
  return [...sources].sort((a, b) => (a.startMax > b.startMax ? -1 : a.startMax < b.startMax ? 1 : 0));
}

/** Spans of the trace that matched; equal ones once. */
async function matchedCount({ trace, storedCount }: AssembledTrace, matches: readonly SpanMatches[]): Promise<number> {
  let count = 0;
  const matched: { source: ColumnSource; rows: Uint32Array }[] = [];
  for (const each of matches) {
    const rows = matchedRows(each, await each.source.findTrace(trace.traceId));
    if (rows.length === 0) continue;
    count += rows.length;
    matched.push({ source: each.source, rows });
  }
  if (storedCount === trace.spans.length) return count;
  // Some stored spans are equal, and only whole ones can tell which.
  const spans = await Promise.all(matched.map(({ source, rows }) => source.spans(rows)));
  return assembleTrace(trace.traceId, spans.flat()).spans.length;
}
