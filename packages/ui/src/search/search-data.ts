import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { fetchJson } from '../api/http.ts';
import { apiParametersOf, searchParametersOf, type SearchState } from './search-state.ts';

/** One page of `api/spoor/search`. */
export interface SearchPageAnswer {
  readonly traces: readonly TraceSummary[];
  readonly total: number;
  readonly totalIsExact: boolean;
  readonly cursor?: string;
  readonly warnings: readonly string[];
  /** why this is not the whole answer */
  readonly incomplete?: string;
  readonly traceId?: string;
  /** the text is a metrics query: `api/spoor/metrics` answers it */
  readonly isMetrics?: true;
}

/** A value of a group, an aggregate, a label or a selected attribute. */
export interface ShownAttribute {
  readonly name: string;
  readonly text: string;
  /** as TraceQL compares with it; absent for what it cannot compare with */
  readonly literal?: string;
}

/** Spans that a query gives of one trace, or those of one of its groups. */
export interface SpanSet {
  readonly attributes: readonly ShownAttribute[];
  readonly matchedCount: number;
  /** the first of them */
  readonly spans: readonly {
    readonly spanId: string;
    readonly name: string;
    readonly durationNano: number;
    readonly attributes: readonly ShownAttribute[];
  }[];
}

/** A trace as the list shows it. */
export interface TraceSummary {
  readonly traceId: string;
  readonly rootService: string;
  readonly rootName: string;
  readonly startMilli: number;
  readonly durationNano: number;
  readonly spanCount: number;
  readonly errorCount: number;
  /** spans that the query gives */
  readonly matchedCount: number;
  /** when the query makes or selects something */
  readonly spanSets?: readonly SpanSet[];
  readonly services: readonly { readonly name: string; readonly spanCount: number; readonly errorCount: number }[];
}

/** The results, page by page. Relative time is fixed when the first page is asked for, so that pages fit together. */
export function useSearch(state: SearchState, run: number) {
  return useInfiniteQuery({
    queryKey: ['search', searchParametersOf({ ...state, step: '', scale: 'linear' }).toString(), run],
    queryFn: ({ pageParam, signal }) => {
      const parameters = new URLSearchParams(pageParam.parameters);
      if (pageParam.cursor !== undefined) parameters.set('cursor', pageParam.cursor);
      return fetchJson<SearchPageAnswer>(`api/spoor/search?${parameters}`, signal);
    },
    initialPageParam: {
      parameters: apiParametersOf(state, Date.now()).toString(),
      cursor: undefined as string | undefined,
    },
    getNextPageParam: (last, _, lastParam) =>
      last.cursor === undefined ? undefined : { ...lastParam, cursor: last.cursor },
    placeholderData: keepPreviousData,
  });
}

interface JaegerList<T> {
  readonly data: readonly T[];
}

export function useServices(): readonly string[] {
  const { data } = useQuery({
    queryKey: ['services'],
    queryFn: ({ signal }) => fetchJson<JaegerList<string>>('api/services', signal),
  });
  return data?.data ?? [];
}

export function useOperations(service: string): readonly string[] {
  const { data } = useQuery({
    queryKey: ['operations', service],
    queryFn: ({ signal }) =>
      fetchJson<JaegerList<{ name: string }>>(`api/operations?service=${encodeURIComponent(service)}`, signal),
    enabled: service !== '',
  });
  return [...new Set((data?.data ?? []).map(({ name }) => name))];
}
