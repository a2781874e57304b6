import type { TraceId } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import type { FoundTrace } from './search-candidates.ts';
import type { Place } from './search-order.ts';
import { locateTrace, type PartRows, spanCountOf } from './trace-parts.ts';
import type { TurnTaker } from './turn-taker.ts';

/** The traces of one answer, and where their spans are. */
export interface AnswerPage {
  readonly located: ReadonlyMap<TraceId, readonly PartRows[]>;
  readonly last: Place | undefined;
  readonly hasMore: boolean;
}

/** A page whose traces are very long ends early, so that memory holds it: the cursor goes on from there. */
export async function pageWithin(
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
