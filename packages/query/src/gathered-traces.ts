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
/** Each costs a query a fraction of a millisecond. Past it, all are gathered anew, together. */
const KEPT_GATHERINGS_MAX = 16;

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
  for (const { source, leftOut } of await gatherTraces(qs, split, turns)) await visit(source, leftOut);
}

/** 1 for the trace rows of the traces; `undefined` when the source has none of them. */
export async function splitRows(source: ColumnSource, split: Iterable<TraceId>): Promise<Uint8Array | undefined> {
  const rows = await traceRowsOf(source, split);
  if (rows.size === 0) return undefined;
  const flags = new Uint8Array(source.traceCount);
  for (const row of rows.keys()) flags[row] = 1;
  return flags;
}

/** A source of whole traces; `leftOut` flags the trace rows that do not take part. */
export interface GatheredTraces {
  readonly source: ColumnSource;
  readonly leftOut: Uint8Array | undefined;
}

/**
 * Sources of whole traces, whatever sources their parts lie in; none when nothing of them is found. Traces that no head has
 * are kept from one query to the next: to gather them again for each took most of it.
 */
export async function gatherTraces(
  qs: QuerySources,
  ids: ReadonlySet<TraceId>,
  turns: TurnTaker,
): Promise<readonly GatheredTraces[]> {
  if (ids.size === 0) return [];
  const moving = new Set<TraceId>();
  for (const source of qs.sources) {
    if (source.isOrdered) continue;
    for (const id of (await traceRowsOf(source, ids)).values()) moving.add(id);
  }
  const settled = new Set<TraceId>();
  for (const id of ids) if (!moving.has(id)) settled.add(id);
  const gathered = [...(await keptTraces(qs, settled, turns))];
  const fresh = await gather(qs, moving, turns);
  if (fresh !== undefined) gathered.push({ source: fresh.source, leftOut: undefined });
  return gathered;
}

interface Gathering {
  readonly source: ColumnSource;
  /** ids of the sources with parts of each trace */
  readonly partsOf: Map<TraceId, readonly string[]>;
}

async function gather(qs: QuerySources, ids: ReadonlySet<TraceId>, turns: TurnTaker): Promise<Gathering | undefined> {
  if (ids.size === 0) return undefined;
  const located = await locateTraces(qs, ids, turns);
  const parts = await readParts(located, turns);
  const spans = [...parts.values()].flat().flatMap((part) => part.spans);
  if (spans.length === 0) return undefined;
  const partsOf = new Map<TraceId, readonly string[]>();
  for (const [id, rows] of located)
    partsOf.set(
      id,
      rows.map(({ source }) => source.id),
    );
  return { source: await temporarySource(spans), partsOf };
}

/** Traces that were gathered together. Of one that has changed since, `partsOf` says nothing any more. */
interface KeptTraces extends Gathering {
  /** by trace row */
  readonly traceIds: readonly TraceId[];
}

/** What earlier queries gathered. Each trace is said to be in one at most. */
interface Kept {
  /** the segments when it was looked after last */
  segmentIds: ReadonlySet<string>;
  gatherings: readonly KeptTraces[];
}

/**
 * When segments come or go, the traces that lie in these are gathered anew, into a source of their own; a head is sealed every few
 * seconds while spans come in, and to gather all of them then took half a second.
 */
async function keptTraces(
  qs: QuerySources,
  ids: ReadonlySet<TraceId>,
  turns: TurnTaker,
): Promise<readonly GatheredTraces[]> {
  const segments = qs.sources.filter(({ isOrdered }) => isOrdered);
  if (qs.memo === undefined || segments.length === 0) {
    const all = await gather(qs, ids, turns);
    return all === undefined ? [] : [{ source: all.source, leftOut: undefined }];
  }
  const nothing = async (): Promise<Kept> => ({ segmentIds: new Set(), gatherings: [] });
  const kept = await qs.memo.of(segments[0], 'gathered traces', nothing);
  const segmentIds = new Set(segments.map(({ id }) => id));
  forgetChanged(kept, qs, segmentIds);
  kept.segmentIds = segmentIds;
  const missing = new Set(ids);
  const found: GatheredTraces[] = [];
  for (const gathering of kept.gatherings) {
    const leftOut = othersThan(gathering, ids);
    if (leftOut?.includes(0) === false) continue;
    found.push({ source: gathering.source, leftOut });
    for (const id of gathering.partsOf.keys()) missing.delete(id);
  }
  const more = await gather(qs, missing, turns);
  if (more === undefined) return found;
  // Another query may have looked after them meanwhile, and kept the same traces.
  if (kept.segmentIds === segmentIds) await keep(kept, more);
  return [...found, { source: more.source, leftOut: undefined }];
}

/** Forgets traces with parts in segments that are gone, or in ones that were not there. */
function forgetChanged(kept: Kept, qs: QuerySources, segmentIds: ReadonlySet<string>): void {
  const isSame = kept.segmentIds.size === segmentIds.size && kept.segmentIds.isSubsetOf(segmentIds);
  if (isSame) return;
  const isNew = ({ id, isOrdered }: ColumnSource): boolean => isOrdered && !kept.segmentIds.has(id);
  for (const { partsOf } of kept.gatherings) {
    for (const [id, parts] of partsOf) {
      const mayHave = qs.sourcesOf?.(id) ?? qs.sources;
      if (!parts.every((part) => segmentIds.has(part)) || mayHave.some(isNew)) partsOf.delete(id);
    }
  }
}

/** 1 for the trace rows of a gathering that the query does not ask for, or that have changed. */
function othersThan({ traceIds, partsOf }: KeptTraces, ids: ReadonlySet<TraceId>): Uint8Array | undefined {
  const leftOut = Uint8Array.from(traceIds, (id) => (ids.has(id) && partsOf.has(id) ? 0 : 1));
  return leftOut.includes(1) ? leftOut : undefined;
}

async function keep(kept: Kept, { source, partsOf }: Gathering): Promise<void> {
  const { segmentIds } = kept;
  const traceIds = await source.traceIds(Uint32Array.from({ length: source.traceCount }, (_, row) => row));
  if (kept.segmentIds !== segmentIds) return;
  const live = kept.gatherings.filter((gathering) => gathering.partsOf.size > 0);
  const gatherings = [...live, { source, partsOf, traceIds }];
  const spanCount = gatherings.reduce((sum, each) => sum + each.source.rowCount, 0);
  const isTooMuch = spanCount > KEPT_SPANS_MAX || gatherings.length > KEPT_GATHERINGS_MAX;
  kept.gatherings = isTooMuch ? [] : gatherings;
}
