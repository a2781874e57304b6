import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { fetchJson } from '../api/http.ts';
import { type AnswerRun, type GrowingAnswer, useStoppable } from './growing-answer.ts';
import { apiParametersOf, searchParametersOf, type SearchState } from './search-state.ts';

/** One page of `api/spoor/search`. */
export interface SearchPageAnswer extends GrowingAnswer {
  readonly traces: readonly TraceSummary[];
  readonly total: number;
  readonly totalIsExact: boolean;
  readonly cursor?: string;
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
  /** false where every span has a parent: the root has not been received */
  readonly isRooted: boolean;
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

const nothingYet: SearchPageAnswer = { traces: [], total: 0, totalIsExact: false, warnings: [] };

/**
 * The results, page by page, the first as it grows. Relative time is fixed when the first page is asked for, so that pages
 * fit together.
 */
export function useSearch(state: SearchState, run: number) {
  const client = useQueryClient();
  const { fetchAnswer, stop } = useStoppable(nothingYet);
  const queryKey = ['search', searchParametersOf({ ...state, step: '', scale: 'linear' }).toString(), run];
  const results = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => {
      const parameters = new URLSearchParams(pageParam.parameters);
      if (pageParam.cursor !== undefined) parameters.set('cursor', pageParam.cursor);
      // What was found before is not taken away while it is asked for again.
      const isFirst = client.getQueryData(queryKey) === undefined;
      return fetchAnswer(`api/spoor/search?${parameters}`, signal, (soFar) => {
        if (isFirst) client.setQueryData(queryKey, { pages: [soFar], pageParams: [pageParam] });
      });
    },
    initialPageParam: {
      parameters: apiParametersOf(state, Date.now()).toString(),
      cursor: undefined as string | undefined,
    },
    getNextPageParam: (last, _, lastParam) =>
      last.cursor === undefined ? undefined : { ...lastParam, cursor: last.cursor },
    placeholderData: keepPreviousData,
  });
  const answerRun: AnswerRun = { isRunning: results.isFetching && !results.isFetchingNextPage, stop };
  return { ...results, answerRun };
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
