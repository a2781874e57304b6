import { limits, type Span, type TraceId } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import type { QuerySources } from './query-sources.ts';
import type { TurnTaker } from './turn-taker.ts';

/** Where one source has spans of a trace. */
export interface PartRows {
  readonly source: ColumnSource;
  readonly rows: Uint32Array;
}

/** What one source has of a trace, as it lies: neither folded nor ordered. */
export interface TracePart extends PartRows {
  readonly spans: readonly Span[];
}

/** The parts of each trace, in the order of the ids; traces that are nowhere are left out. */
export async function locateTraces(
  { sources, sourcesOf }: Pick<QuerySources, 'sources' | 'sourcesOf'>,
  ids: Iterable<TraceId>,
  turns: TurnTaker,
): Promise<Map<TraceId, readonly PartRows[]>> {
  const located = new Map<TraceId, readonly PartRows[]>();
  for (const id of ids) {
    await turns.turn();
    const parts = await locateTrace(sourcesOf?.(id) ?? sources, id);
    if (parts.length > 0) located.set(id, parts);
  }
  return located;
}

export async function locateTrace(sources: readonly ColumnSource[], id: TraceId): Promise<readonly PartRows[]> {
  const parts = await Promise.all(sources.map(async (source) => ({ source, rows: await source.findTrace(id) })));
  return parts.filter(({ rows }) => rows.length > 0);
}

export function spanCountOf(parts: readonly PartRows[]): number {
  return parts.reduce((sum, { rows }) => sum + rows.length, 0);
}

/** Cuts what is past `spanCountMax` from the last parts. */
export function cutParts(
  parts: readonly PartRows[],
  spanCountMax: number = limits.spansPerTraceMax,
): readonly PartRows[] {
  let room = spanCountMax;
  return parts.map(({ source, rows }) => {
    const kept = rows.subarray(0, room);
    room -= kept.length;
    return { source, rows: kept };
  });
}

/** Reads the spans: one call a source, in row order, so that the source reads each of its blocks once. */
export async function readParts(
  located: ReadonlyMap<TraceId, readonly PartRows[]>,
  turns: TurnTaker,
): Promise<Map<TraceId, TracePart[]>> {
  const bySource = new Map<ColumnSource, { id: TraceId; rows: Uint32Array }[]>();
  for (const [id, parts] of located) {
    for (const { source, rows } of parts) {
      const wanted = bySource.get(source);
      if (wanted === undefined) bySource.set(source, [{ id, rows }]);
      else wanted.push({ id, rows });
    }
  }
  const read = new Map<TraceId, TracePart[]>();
  for (const [source, wanted] of bySource) {
    await turns.turn();
    wanted.sort((a, b) => a.rows[0] - b.rows[0]);
    const spans = await source.spans(joinedRows(wanted));
    let start = 0;
    for (const { id, rows } of wanted) {
      const part: TracePart = { source, rows, spans: spans.slice(start, (start += rows.length)) };
      const known = read.get(id);
      if (known === undefined) read.set(id, [part]);
      else known.push(part);
    }
  }
  return read;
}

function joinedRows(lists: readonly { readonly rows: Uint32Array }[]): Uint32Array {
  const joined = new Uint32Array(lists.reduce((sum, { rows }) => sum + rows.length, 0));
  let end = 0;
  for (const { rows } of lists) {
    joined.set(rows, end);
    end += rows.length;
  }
  return joined;
}
