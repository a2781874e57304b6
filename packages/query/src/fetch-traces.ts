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

export interface AssembledTrace {
  readonly trace: Trace;
  /** spans before equal ones were folded */
  readonly storedCount: number;
}

/** In the order of the ids, without those that are not found. */
export async function assembleTraces(
  sources: readonly ColumnSource[],
  ids: readonly TraceId[],
  turns: TurnTaker,
): Promise<Map<TraceId, AssembledTrace>> {
  const spans = await spansOfTraces(sources, ids, turns);
  const assembled = new Map<TraceId, AssembledTrace>();
  for (const id of ids) {
    await turns.turn();
    const stored = spans.get(id);
    if (stored !== undefined) assembled.set(id, { trace: assembleTrace(id, stored), storedCount: stored.length });
  }
  return assembled;
}

/** All spans of the traces, as they lie: neither folded nor ordered. */
export async function spansOfTraces(
  sources: readonly ColumnSource[],
  ids: Iterable<TraceId>,
  turns: TurnTaker,
): Promise<Map<TraceId, Span[]>> {
  const spans = new Map<TraceId, Span[]>();
  const wanted = [...ids];
  for (const source of sources) {
    await turns.turn();
    for (const [id, part] of await partsIn(source, wanted)) {
      const known = spans.get(id);
      if (known === undefined) spans.set(id, part);
      else for (const span of part) known.push(span);
    }
  }
  return spans;
}

/** One call for the spans of all traces, in row order, so that the source reads each of its blocks once. */
async function partsIn(source: ColumnSource, ids: readonly TraceId[]): Promise<[TraceId, Span[]][]> {
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
  const rows = new Uint32Array(rowCount);
  let end = 0;
  for (const part of found) {
    rows.set(part.rows, end);
    end += part.rows.length;
  }
  const spans = await source.spans(rows);
  let start = 0;
  return found.map((part) => [part.id, spans.slice(start, (start += part.rows.length))]);
}
