import type { TraceId } from '@spoor/model';
import { type ColumnSource, temporarySource } from '@spoor/store';
import { traceRowsOf } from './span-matches.ts';
import { locateTraces, readParts } from './trace-parts.ts';
import { type QuerySources, sourcesInRange, splitIn } from './query-sources.ts';
import type { TimeRange } from './trace-store.ts';
import type { TurnTaker } from './turn-taker.ts';

/*
 * What depends on whole traces is evaluated in two steps: in each source without the traces that lie in several,
 * and in temporary sources that have these whole.
 */

/** Gathered spans that are kept from one query to the next; each takes about 1 kB. Past it they are gathered each time. */
const KEPT_SPANS_MAX = 64 * 1024;

/**
 * Calls `visit` for each source with whole traces that may have spans in the range, ordered; `leftOut` flags the trace rows
 * that are not whole there, which are in the last source.
 */
export async function forEachTraceSource(
  qs: QuerySources,
  range: TimeRange,
  turns: TurnTaker,
  visit: (source: ColumnSource, leftOut: Uint8Array | undefined) => Promise<void>,
): Promise<void> {
  const split = await qs.splitTraces(turns.signal);
  for (const source of sourcesInRange(qs, range)) {
    await turns.turn();
    const ordered = await source.ordered();
    await visit(ordered, await splitRows(ordered, splitIn(qs, ordered, split)));
  }
  for (const gathered of await gatherTraces(qs, split, turns)) await visit(gathered, undefined);
}

/** 1 for the trace rows of the traces; `undefined` when the source has none of them. */
export async function splitRows(source: ColumnSource, split: Iterable<TraceId>): Promise<Uint8Array | undefined> {
  const rows = await traceRowsOf(source, split);
  if (rows.size === 0) return undefined;
  const flags = new Uint8Array(source.traceCount);
  for (const row of rows.keys()) flags[row] = 1;
  return flags;
}

/**
 * Sources of whole traces, whatever sources their parts lie in; none when nothing of them is found. Traces that no head has
 * are a source by themselves, which is kept until segments come or go: to gather them again for each query took most of it.
 */
export async function gatherTraces(
  qs: QuerySources,
  ids: ReadonlySet<TraceId>,
  turns: TurnTaker,
): Promise<readonly ColumnSource[]> {
  if (ids.size === 0) return [];
  const moving = new Set<TraceId>();
  for (const source of qs.sources) {
    if (source.isOrdered) continue;
    for (const id of (await traceRowsOf(source, ids)).values()) moving.add(id);
  }
  const settled = new Set<TraceId>();
  for (const id of ids) if (!moving.has(id)) settled.add(id);
  const gathered = [await keptTraces(qs, settled, turns), await gather(qs, moving, turns)];
  return gathered.filter((source) => source !== undefined);
}

async function gather(
  qs: QuerySources,
  ids: ReadonlySet<TraceId>,
  turns: TurnTaker,
): Promise<ColumnSource | undefined> {
  if (ids.size === 0) return undefined;
  const parts = await readParts(await locateTraces(qs, ids, turns), turns);
  const spans = [...parts.values()].flat().flatMap((part) => part.spans);
  return spans.length === 0 ? undefined : temporarySource(spans);
}

/** What was gathered last, from which sources. */
interface Kept {
  sourceIds: readonly string[];
  ids: ReadonlySet<TraceId>;
  gathered: ColumnSource | undefined;
}

async function keptTraces(
  qs: QuerySources,
  ids: ReadonlySet<TraceId>,
  turns: TurnTaker,
): Promise<ColumnSource | undefined> {
  const ordered = qs.sources.filter(({ isOrdered }) => isOrdered);
  if (qs.memo === undefined || ordered.length === 0) return gather(qs, ids, turns);
  const sourceIds = ordered.map(({ id }) => id);
  const nothing = async (): Promise<Kept> => ({ sourceIds: [], ids: new Set(), gathered: undefined });
  const kept = await qs.memo.of(ordered[0], 'gathered traces', nothing);
  const isSame = kept.ids.size === ids.size && kept.ids.isSubsetOf(ids) && isEqualList(kept.sourceIds, sourceIds);
  if (isSame) return kept.gathered;
  const gathered = await gather(qs, ids, turns);
  if (gathered === undefined || gathered.rowCount <= KEPT_SPANS_MAX) Object.assign(kept, { sourceIds, ids, gathered });
  return gathered;
}

function isEqualList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}
