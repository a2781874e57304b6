import type { TraceId } from '@spoor/model';
import { type ColumnSource, temporarySource } from '@spoor/store';
import { traceRowsOf } from './span-matches.ts';
import { locateTraces, readParts } from './trace-parts.ts';
import { type QuerySources, sourcesInRange, splitIn } from './query-sources.ts';
import type { TimeRange } from './trace-store.ts';
import type { TurnTaker } from './turn-taker.ts';

/*
 * What depends on whole traces is evaluated in two steps: in each source without the traces that lie in several,
 * and in one temporary source that has these whole.
 */

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
  const gathered = await gatherTraces(qs, split, turns);
  if (gathered !== undefined) await visit(gathered, undefined);
}

/** 1 for the trace rows of the traces; `undefined` when the source has none of them. */
export async function splitRows(source: ColumnSource, split: Iterable<TraceId>): Promise<Uint8Array | undefined> {
  const rows = await traceRowsOf(source, split);
  if (rows.size === 0) return undefined;
  const flags = new Uint8Array(source.traceCount);
  for (const row of rows.keys()) flags[row] = 1;
  return flags;
}

/** A source of whole traces, whatever sources their parts lie in; `undefined` when nothing of them is found. */
export async function gatherTraces(
  qs: QuerySources,
  ids: ReadonlySet<TraceId>,
  turns: TurnTaker,
): Promise<ColumnSource | undefined> {
  if (ids.size === 0) return undefined;
  const parts = await readParts(await locateTraces(qs, ids, turns), turns);
  const spans = [...parts.values()].flat().flatMap((part) => part.spans);
  return spans.length === 0 ? undefined : temporarySource(spans);
}
