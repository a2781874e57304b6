import { limits, type Span, type TraceId } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import { type AssembledTrace, assembleTraces } from './fetch-traces.ts';
import { gatherTraces, splitRows } from './gathered-traces.ts';
import { matchPlan } from './plan-matches.ts';
import { newestFirst, type QuerySources, sourcesInRange } from './query-sources.ts';
import { Candidates, type FoundTrace } from './search-candidates.ts';
import { decodeCursor, encodeCursor, type Place } from './search-order.ts';
import { compileSearch, type SearchPlan } from './search-plan.ts';
import { isMatched, type SpanMatches } from './span-matches.ts';
import { spanSets } from './span-sets.ts';
import { assembleTrace } from './trace-assembly.ts';
import { locateTrace, type PartRows, spanCountOf } from './trace-parts.ts';
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
  /** spans of all traces of one answer together */
  readonly answerSpansMax: number;
}

const defaultBudget: SearchBudget = Object.freeze({
  totalScanRowsMax: TOTAL_SCAN_ROWS_MAX,
  answerSpansMax: limits.spansPerTraceMax,
});

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
  budget: SearchBudget = defaultBudget,
): Promise<SearchAnswer> {
  const plan = compileSearch(request.query);
  const after = request.cursor === undefined ? undefined : decodeCursor(request.order, request.cursor);
  const limit = Math.max(0, Math.min(request.limit, limits.searchTracesMax));
  const turns = new TurnTaker(signal);
  const candidates = new Candidates(request.order, qs.sources, await qs.splitTraces(signal), turns);
  const totalIsExact = plan.needsWholeTraces
    ? await matchWholeTraces(qs, plan, request, candidates, turns)
    : await matchParts(qs, plan, request, candidates, { limit, after, budget }, turns);
  const page = await pageWithin(await candidates.page(limit, after), qs.sources, budget.answerSpansMax, turns);
  const { traces: found, warnings } = await assembleTraces(page.located, turns);
  const { spansPerSetMax } = request;
  const sets =
    spansPerSetMax === undefined ? undefined : await spanSets(found, plan, request.range, spansPerSetMax, turns);
  const summaries: TraceSummary[] = [];
  for (const each of found) {
    await turns.turn();
    const summary = summarizeTrace(each.trace, matchedCount(each, candidates.matches));
    summaries.push(sets === undefined ? summary : { ...summary, spanSets: sets.get(each.trace.traceId) ?? [] });
  }
  return {
    traces: summaries,
    total: candidates.total,
    totalIsExact,
    cursor: page.hasMore && page.last !== undefined ? encodeCursor(request.order, page.last) : undefined,
    body:
      request.format === undefined
        ? undefined
        : renderer?.(
            found.map(({ trace }) => trace),
            request.format.options ?? {},
          ),
    warnings,
    progress: {
      inspectedSpanCount: qs.sources.reduce((sum, { rowCount }) => sum + rowCount, 0),
      inspectedTraceCount: qs.sources.reduce((sum, { traceCount }) => sum + traceCount, 0),
      inspectedBytes: 0,
      sourceCount: qs.sources.length,
      doneSourceCount: qs.sources.length,
    },
  };
}

interface AnswerPage {
  readonly located: ReadonlyMap<TraceId, readonly PartRows[]>;
  readonly last: Place | undefined;
  readonly hasMore: boolean;
}

/** A page whose traces are very long ends early, so that memory holds it: the cursor goes on from there. */
async function pageWithin(
  { places, hasMore }: { readonly places: readonly FoundTrace[]; readonly hasMore: boolean },
  sources: readonly ColumnSource[],
  spanCountMax: number,
  turns: TurnTaker,
): Promise<AnswerPage> {
  const located = new Map<TraceId, readonly PartRows[]>();
  let spanCount = 0;
  for (const { traceId, home } of places) {
    await turns.turn();
    const parts = home === undefined ? await locateTrace(sources, traceId) : [await rowsAtHome(traceId, home)];
    spanCount += spanCountOf(parts);
    if (spanCount > spanCountMax && located.size > 0) break;
    located.set(traceId, parts);
  }
  return { located, last: places[located.size - 1], hasMore: hasMore || located.size < places.length };
}

/** The rows of a trace that lies whole in one source; an ordered one has them side by side. */
async function rowsAtHome(id: TraceId, { source, traceRow }: NonNullable<FoundTrace['home']>): Promise<PartRows> {
  if (!source.isOrdered) return { source, rows: await source.findTrace(id) };
  const { firstRow, spanCount } = await source.traces();
  return { source, rows: Uint32Array.from({ length: spanCount[traceRow] }, (_, i) => firstRow[traceRow] + i) };
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
    await candidates.add(await matchPlan(source, plan.spans, request.range, turns), 'parts');
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
    await candidates.add(await matchPlan(ordered, plan.spans, request.range, turns, leftOut), 'whole');
  }
  const gathered = await gatherTraces(qs.sources, candidates.split, turns);
  if (gathered === undefined) return true;
  await candidates.add(await matchPlan(gathered, plan.spans, request.range, turns), 'whole');
  return true;
}

/** Spans of the trace that matched; equal ones once. */
function matchedCount({ trace, parts }: AssembledTrace, matches: readonly SpanMatches[]): number {
  const matched: Span[] = [];
  for (const { source, rows, spans } of parts) {
    const ofSource = matches.find((each) => each.source === source);
    if (ofSource === undefined) continue;
    for (let i = 0; i < rows.length; i++) if (isMatched(ofSource, rows[i])) matched.push(spans[i]);
  }
  return spanCountOf(parts) === trace.spans.length
    ? matched.length
    : assembleTrace(trace.traceId, matched).spans.length;
}
