import type { TraceId } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import type { SourceMemo } from './source-memo.ts';
import type { TimeRange } from './trace-store.ts';

/**
 * What one query sees. No span is in two sources, but a trace may have spans in several: such traces are named by
 * `splitTraces` (it may name more than there are, never fewer).
 */
export interface QuerySources {
  readonly sources: readonly ColumnSource[];
  splitTraces(signal?: AbortSignal): Promise<ReadonlySet<TraceId>>;
  /** Those of the split traces that a source may have spans of, where that is known; else all of them. */
  splitTracesIn?(source: ColumnSource, split: ReadonlySet<TraceId>): Iterable<TraceId>;
  /** The sources that may have spans of a trace, where that is known; else all of them. */
  sourcesOf?(id: TraceId): readonly ColumnSource[];
  /** what earlier queries found out about the same sources */
  readonly memo?: SourceMemo;
}

/** Those of the split traces that the source, one of the query's or its ordered form, may have spans of. */
export function splitIn(qs: QuerySources, source: ColumnSource, split: ReadonlySet<TraceId>): Iterable<TraceId> {
  return qs.splitTracesIn?.(source, split) ?? split;
}

/** The sources that can hold spans starting in the range. */
export function sourcesInRange({ sources }: QuerySources, range: TimeRange): readonly ColumnSource[] {
  return sources.filter((source) => source.rowCount > 0 && !startsOutside(source, range));
}

function startsOutside({ startMin, startMax }: ColumnSource, { start, end }: TimeRange): boolean {
  return (start !== undefined && startMax < start) || (end !== undefined && startMin > end);
}

/** True when every span of the source starts in the range. */
export function startsInside({ startMin, startMax }: ColumnSource, { start, end }: TimeRange): boolean {
  return (start === undefined || startMin >= start) && (end === undefined || startMax <= end);
}

export function newestFirst(sources: readonly ColumnSource[]): readonly ColumnSource[] {
  return [...sources].sort((a, b) => (a.startMax > b.startMax ? -1 : a.startMax < b.startMax ? 1 : 0));
}
