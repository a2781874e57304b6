import type { Span, Trace, TraceId } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import type { QuerySources } from './query-sources.ts';
import { assembleTrace } from './trace-assembly.ts';
import { TurnTaker } from './turn-taker.ts';

export interface FetchedTraces {
  /** in the order of the ids asked for; each once */
  readonly traces: readonly Trace[];
  readonly missing: readonly TraceId[];
}

/** Whole traces by id, joined from wherever their parts are. */
export async function fetchTraces(
  qs: QuerySources,
  ids: readonly TraceId[],
  signal?: AbortSignal,
): Promise<FetchedTraces> {
  const distinct = [...new Set(ids)];
  const found = await assembleTraces(qs.sources, distinct, new TurnTaker(signal));
  const missing = distinct.filter((id) => !found.has(id));
  return { traces: [...found.values()].map(({ trace }) => trace), missing };
}

/** What one source has of a trace, as it lies: neither folded nor ordered. */
export interface TracePart {
  readonly source: ColumnSource;
  readonly rows: Uint32Array;
  readonly spans: readonly Span[];
}

export interface AssembledTrace {
  readonly trace: Trace;
  readonly parts: readonly TracePart[];
}

/** In the order of the ids, without those that are not found. */
export async function assembleTraces(
  sources: readonly ColumnSource[],
  ids: readonly TraceId[],
  turns: TurnTaker,
): Promise<Map<TraceId, AssembledTrace>> {
  const parts = await partsOfTraces(sources, ids, turns);
  const assembled = new Map<TraceId, AssembledTrace>();
  for (const id of ids) {
    await turns.turn();
    const found = parts.get(id);
    if (found === undefined) continue;
    const trace = assembleTrace(
      id,
      found.flatMap(({ spans }) => spans),
    );
    assembled.set(id, { trace, parts: found });
  }
  return assembled;
}

/** The parts of the traces, from all sources. */
export async function partsOfTraces(
  sources: readonly ColumnSource[],
  ids: Iterable<TraceId>,
  turns: TurnTaker,
): Promise<Map<TraceId, TracePart[]>> {
  const parts = new Map<TraceId, TracePart[]>();
  const wanted = [...ids];
  for (const source of sources) {
    await turns.turn();
    for (const [id, part] of await partsIn(source, wanted)) {
      const known = parts.get(id);
      if (known === undefined) parts.set(id, [part]);
      else known.push(part);
    }
  }
  return parts;
}

/** One call for the spans of all traces, in row order, so that the source reads each of its blocks once. */
async function partsIn(source: ColumnSource, ids: readonly TraceId[]): Promise<[TraceId, TracePart][]> {
  const found: { id: TraceId; rows: Uint32Array }[] = [];
  let rowCount = 0;
  for (const id of ids) {
    const rows = await source.findTrace(id);
    if (rows.length === 0) continue;
    found.push({ id, rows });
    rowCount += rows.length;
  }
  if (rowCount === 0) return [];
  found.sort((a, b) => a.rows[0] - b.rows[0]);
  const allRows = new Uint32Array(rowCount);
  let end = 0;
  for (const { rows } of found) {
    allRows.set(rows, end);
    end += rows.length;
  }
  const spans = await source.spans(allRows);
  let start = 0;
  return found.map(({ id, rows }) => [id, { source, rows, spans: spans.slice(start, (start += rows.length)) }]);
}
