import { limits, type Span } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import { type AssembledTrace, assembleTraces } from './fetch-traces.ts';
import { gatherTraces, splitRows } from './gathered-traces.ts';
import { visitPlan } from './plan-matches.ts';
import { ProgressPacer } from './progress-pacer.ts';
import { newestFirst, type QuerySources, sourcesInRange, splitIn } from './query-sources.ts';
import { timeReason } from './read-meter.ts';
import { Candidates } from './search-candidates.ts';
import { decodeCursor, encodeCursor, type Place } from './search-order.ts';
import { pageWithin } from './search-page.ts';
import { compileSearch, type SearchPlan } from './search-plan.ts';
import { isMatched, MatchCollector, type SpanMatches } from './span-matches.ts';
import { spanSets } from './span-sets.ts';
import { assembleTrace } from './trace-assembly.ts';
import { spanCountOf } from './trace-parts.ts';
import type { SearchAnswer, SearchRequest, TraceRenderer, TraceSummary } from './trace-store.ts';
import { summarizeTrace } from './trace-summary.ts';
import { OutOfTime, TurnTaker } from './turn-taker.ts';

/**
 * Rows scanned for the sake of an exact total. Past it, a newest-first search that has its page leaves older sources
 * unread and says "at least". A filter scans some 10⁸ rows a second, so this is a few hundred milliseconds.
 */
export const TOTAL_SCAN_ROWS_MAX = 64 * 1024 * 1024;

/** What a row of structure and aggregates counts for: they take some thirty times as long, and columns are joined. */
const WHOLE_TRACES_COST = 64;

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

export interface SearchOptions {
  /** of the format that the request asks for */
  readonly renderer?: TraceRenderer | undefined;
  readonly signal?: AbortSignal | undefined;
  /** told answers so far, without rendered traces */
  readonly onProgress?: ((soFar: SearchAnswer) => void) | undefined;
  readonly budget?: SearchBudget | undefined;
}

/**
 * Traces with at least one span that the query's filter holds for, among the spans that start in the range.
 * Pages joined by cursors are the whole answer, each trace once, while the data stays the same.
 * @throws {QueryError} `QUERY_INVALID` for a query or cursor that cannot be understood, `QUERY_CANCELLED`
 */
export async function searchTraces(
  qs: QuerySources,
  request: SearchRequest,
  options: SearchOptions = {},
): Promise<SearchAnswer> {
  const run = new SearchRun(qs, request, options, await qs.splitTraces(options.signal));
  await run.scan();
  return run.answer(options.renderer);
}

class SearchRun {
  readonly #qs: QuerySources;
  readonly #request: SearchRequest;
  readonly #onProgress: SearchOptions['onProgress'];
  readonly #budget: SearchBudget;
  readonly #plan: SearchPlan;
  readonly #after: Place | undefined;
  readonly #limit: number;
  /** of the scan, which a deadline ends */
  readonly #turns: TurnTaker;
  /** of making answers, which is bounded anyway */
  readonly #answerTurns: TurnTaker;
  readonly #candidates: Candidates;
  readonly #sources: readonly ColumnSource[];
  readonly #pacer = new ProgressPacer();
  #doneSourceCount = 0;
  #state: 'running' | 'done' | 'enough' | 'outOfTime' = 'running';

  constructor(qs: QuerySources, request: SearchRequest, options: SearchOptions, split: Candidates['split']) {
    this.#qs = qs;
    this.#request = request;
    this.#onProgress = options.onProgress;
    this.#budget = options.budget ?? defaultBudget;
    this.#plan = compileSearch(request.query);
    this.#after = request.cursor === undefined ? undefined : decodeCursor(request.order, request.cursor);
    this.#limit = Math.max(0, Math.min(request.limit, limits.searchTracesMax));
    this.#turns = new TurnTaker(options.signal, request.timeMilliMax);
    this.#answerTurns = new TurnTaker(options.signal);
    this.#candidates = new Candidates(request.order, qs, split, this.#answerTurns);
    this.#sources = newestFirst(sourcesInRange(qs, request.range));
  }

  async scan(): Promise<void> {
    try {
      await this.#scanSources();
      if (this.#plan.needsWholeTraces) await this.#scanGathered();
      if (this.#state === 'running') this.#state = 'done';
    } catch (error) {
      if (!(error instanceof OutOfTime)) throw error;
      this.#state = 'outOfTime';
    }
  }

  async #scanSources(): Promise<void> {
    let cost = 0;
    for (const source of this.#sources) {
      if (this.#hasEnough(source, cost)) {
        this.#state = 'enough';
        return;
      }
      if (this.#plan.needsWholeTraces) await this.#scanWhole(source);
      else await this.#match(source, 'parts');
      cost += source.rowCount * (this.#plan.needsWholeTraces ? WHOLE_TRACES_COST : 1);
      this.#doneSourceCount++;
      if (this.#onProgress !== undefined && this.#pacer.isDue && this.#doneSourceCount < this.#sources.length) {
        const startMilli = performance.now();
        this.#onProgress(await this.answer());
        this.#pacer.told(startMilli);
      }
    }
  }

  /** Whether nothing in the source, nor in older ones, can come on the page, and the total has cost enough. */
  #hasEnough(source: ColumnSource, cost: number): boolean {
    if (this.#request.order !== 'newest' || cost < this.#budget.totalScanRowsMax) return false;
    return this.#candidates.countSurelyAfter(source.startMax, this.#after) > this.#limit;
  }

  /** Traces with parts in several sources are left out there, and judged in a temporary source that has them whole. */
  async #scanWhole(source: ColumnSource): Promise<void> {
    await this.#turns.turn();
    const ordered = await source.ordered();
    await this.#match(ordered, 'whole', await splitRows(ordered, splitIn(this.#qs, ordered, this.#candidates.split)));
  }

  async #scanGathered(): Promise<void> {
    const gathered = await gatherTraces(this.#qs, this.#candidates.split, this.#turns);
    for (const { source, leftOut } of gathered) await this.#match(source, 'whole', leftOut);
  }

  /** What was found before the time was over counts. */
  async #match(source: ColumnSource, extent: 'whole' | 'parts', leftOut?: Uint8Array): Promise<void> {
    const found = new MatchCollector(source);
    try {
      await visitPlan(source, this.#plan.spans, this.#request.range, this.#turns, leftOut, (scan, rows) =>
        found.add(scan, rows),
      );
    } finally {
      await this.#candidates.add(found.matches(), extent);
    }
  }

  async answer(renderer?: TraceRenderer): Promise<SearchAnswer> {
    const { order, format } = this.#request;
    const turns = this.#answerTurns;
    const places = await this.#candidates.page(this.#limit, this.#after);
    const page = await pageWithin(places, this.#qs.sources, this.#budget.answerSpansMax, turns);
    const { traces: found, warnings } = await assembleTraces(page.located, turns);
    return {
      traces: await this.#summaries(found),
      total: this.#candidates.total,
      totalIsExact: this.#state === 'done',
      cursor: page.hasMore && page.last !== undefined ? encodeCursor(order, page.last) : undefined,
      body:
        format === undefined
          ? undefined
          : renderer?.(
              found.map(({ trace }) => trace),
              format.options ?? {},
            ),
      warnings,
      incomplete: this.#state === 'outOfTime' ? timeReason(this.#sources.length, this.#doneSourceCount) : undefined,
      progress: this.#turns.meter.progress(this.#sources.length, this.#doneSourceCount),
    };
  }

  async #summaries(found: readonly AssembledTrace[]): Promise<readonly TraceSummary[]> {
    const { range, spansPerSetMax } = this.#request;
    const turns = this.#answerTurns;
    const sets =
      spansPerSetMax === undefined ? undefined : await spanSets(found, this.#plan, range, spansPerSetMax, turns);
    const summaries: TraceSummary[] = [];
    for (const each of found) {
      await turns.turn();
      const summary = summarizeTrace(each.trace, matchedCount(each, this.#candidates.matches));
      summaries.push(sets === undefined ? summary : { ...summary, spanSets: sets.get(each.trace.traceId) ?? [] });
    }
    return summaries;
  }
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
