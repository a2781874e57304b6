import { unixNano } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import { type QuerySources, sourcesInRange } from './query-sources.ts';
import type { TimeBounds, TimeRange } from './trace-store.ts';

/** The part of the range in which there are spans at all. */
export function timeBounds(sources: readonly ColumnSource[], range: TimeRange): TimeBounds {
  let [start, end] = [range.end ?? 0n, range.start ?? 0n] as [bigint, bigint];
  for (const [index, { startMin, startMax }] of sources.entries()) {
    if (index === 0 || startMin < start) start = startMin;
    if (index === 0 || startMax > end) end = startMax;
  }
  if (range.start !== undefined && range.start > start) start = range.start;
  if (range.end !== undefined && range.end < end) end = range.end;
  return { start: unixNano(start), end: unixNano(end > start ? end : start + 1n) };
}

/** The same of everything that is stored; reads no column. */
export function storedBounds(qs: QuerySources, range: TimeRange): TimeBounds {
  return timeBounds(sourcesInRange(qs, range), range);
}
