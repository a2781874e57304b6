import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { type AnswerRun, type GrowingAnswer, useStoppable } from '../search/growing-answer.ts';
import type { ShownAttribute } from '../search/search-data.ts';
import { apiParametersOf, searchParametersOf, type SearchState } from '../search/search-state.ts';

export type MetricUnit = 'perSecond' | 'count' | 'seconds' | 'number';

interface MetricsFacts extends GrowingAnswer {
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

const nothingYet: SeriesAnswer = {
  kind: 'series',
  unit: 'number',
  startMilli: 0,
  endMilli: 0,
  stepMilli: 1,
  series: [],
  warnings: [],
};

/** `api/spoor/metrics` for what the address says, as it grows. The scale is not part of the question. */
export function useMetrics(state: SearchState, run: number) {
  const client = useQueryClient();
  const { fetchAnswer, stop } = useStoppable<SeriesAnswer | CompareAnswer>(nothingYet);
  const queryKey = ['metrics', searchParametersOf({ ...state, scale: 'linear', order: 'newest' }).toString(), run];
  const results = useQuery({
    queryKey,
    queryFn: ({ signal }) => {
      const isFirst = client.getQueryData(queryKey) === undefined;
      return fetchAnswer(`api/spoor/metrics?${apiParametersOf(state, Date.now())}`, signal, (soFar) => {
        if (isFirst) client.setQueryData(queryKey, soFar);
      });
    },
    placeholderData: keepPreviousData,
  });
  const answerRun: AnswerRun = { isRunning: results.isFetching, stop };
  return { ...results, answerRun };
}
