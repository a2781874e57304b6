import { limits, type Trace, type TraceId } from '@spoor/model';
import type { QuerySources } from './query-sources.ts';
import { assembleTrace } from './trace-assembly.ts';
import { cutParts, locateTraces, type PartRows, readParts, spanCountOf, type TracePart } from './trace-parts.ts';
import { TurnTaker } from './turn-taker.ts';

export interface FetchedTraces {
  /** in the order of the ids asked for; each once */
  readonly traces: readonly Trace[];
  readonly missing: readonly TraceId[];
  /** says which traces are longer than `limits.spansPerTraceMax` and what was left out */
  readonly warnings: readonly string[];
}

/** Whole traces by id, joined from wherever their parts are. */
export async function fetchTraces(
  qs: QuerySources,
  ids: readonly TraceId[],
  signal?: AbortSignal,
): Promise<FetchedTraces> {
  const turns = new TurnTaker(signal);
  const distinct = [...new Set(ids)];
  const located = await locateTraces(qs, distinct, turns);
  const { traces, warnings } = await assembleTraces(located, turns);
  return { traces: traces.map(({ trace }) => trace), missing: distinct.filter((id) => !located.has(id)), warnings };
}

export interface AssembledTrace {
  readonly trace: Trace;
  readonly parts: readonly TracePart[];
}

/** In the order of `located`. */
export async function assembleTraces(
  located: ReadonlyMap<TraceId, readonly PartRows[]>,
  turns: TurnTaker,
  spanCountMax: number = limits.spansPerTraceMax,
): Promise<{ traces: AssembledTrace[]; warnings: string[] }> {
  const warnings: string[] = [];
  const bounded = new Map(located);
  for (const [id, parts] of located) {
    const leftOut = spanCountOf(parts) - spanCountMax;
    if (leftOut <= 0) continue;
    bounded.set(id, cutParts(parts, spanCountMax));
    warnings.push(`trace ${id} has too many spans for one answer: ${leftOut} of them are left out`);
  }
  const read = await readParts(bounded, turns);
  const traces: AssembledTrace[] = [];
  for (const id of located.keys()) {
    await turns.turn();
    const parts = read.get(id)!;
    const spans = parts.flatMap((part) => part.spans);
    traces.push({ trace: assembleTrace(id, spans), parts });
  }
  return { traces, warnings };
}
