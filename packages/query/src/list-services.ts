import { limits, serviceName } from '@spoor/model';
import { type QuerySources, sourcesInRange } from './query-sources.ts';
import type { NamesAnswer, TimeRange } from './trace-store.ts';
import { TurnTaker } from './turn-taker.ts';
import { flagged, usedRows } from './used-rows.ts';
import { orderOfTexts } from './value.ts';

/** Distinct `service.name`s of the spans in the range, sorted; the empty one where spans have none. */
export async function listServices(qs: QuerySources, range: TimeRange, signal?: AbortSignal): Promise<NamesAnswer> {
  const turns = new TurnTaker(signal);
  const names = new Set<string>();
  for (const source of sourcesInRange(qs, range)) {
    const used = flagged(await source.resources(), await usedRows(source, 'resource', range, turns, qs.memo));
    for (const resource of used) names.add(serviceName(resource));
  }
  const sorted = [...names].sort(orderOfTexts);
  return { names: sorted.slice(0, limits.namesMax), complete: sorted.length <= limits.namesMax };
}
