import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { fetchJson } from '../api/http.ts';
import type { ShownAttribute } from '../search/search-data.ts';
import { apiParametersOf, searchParametersOf, type SearchState } from '../search/search-state.ts';

export type MetricUnit = 'perSecond' | 'count' | 'seconds' | 'number';

interface MetricsFacts {
  /** why this is not the whole answer */
  readonly incomplete?: string;
  readonly warnings: readonly string[];
  /** Unix milliseconds */
  readonly startMilli: number;
  readonly endMilli: number;
  /** the query's spans as a search, to be narrowed; absent when it calculates with several */
  readonly tracesQuery?: string;
}

export interface SeriesAnswer extends MetricsFacts {
  readonly kind: 'series';
  readonly unit: MetricUnit;
  readonly stepMilli: number;
  readonly series: readonly Series[];
}

export interface CompareAnswer extends MetricsFacts {
  readonly kind: 'compare';
  readonly table: CompareTable;
}

export interface Series {
  readonly labels: readonly ShownAttribute[];
  /** of the intervals that end at `startMilli + i × stepMilli` */
  readonly values: readonly (number | null)[];
  readonly exemplars: readonly Exemplar[];
}

export interface Exemplar {
  readonly traceId: string;
  readonly spanId: string;
  readonly milli: number;
  readonly value: number;
}

export interface CompareTable {
  readonly selectionCount: number;
  readonly baselineCount: number;
  /** the most different first */
  readonly rows: readonly CompareRow[];
}

export interface CompareRow {
  readonly attribute: ShownAttribute;
  readonly selectionCount: number;
  readonly baselineCount: number;
  /** 0 … 1 */
  readonly selectionShare: number;
  readonly baselineShare: number;
}

/** `api/spoor/metrics` for what the address says. The scale is not part of the question. */
export function useMetrics(state: SearchState, run: number) {
  return useQuery({
    queryKey: ['metrics', searchParametersOf({ ...state, scale: 'linear', order: 'newest' }).toString(), run],
    queryFn: ({ signal }) =>
      fetchJson<SeriesAnswer | CompareAnswer>(`api/spoor/metrics?${apiParametersOf(state, Date.now())}`, signal),
    placeholderData: keepPreviousData,
  });
}
