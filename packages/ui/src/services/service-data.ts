import { useQuery } from '@tanstack/react-query';
import { fetchJson } from '../api/http.ts';

/** `api/spoor/service`; times are decimal nanoseconds since the epoch, counts sums of adjusted counts. */
export interface ServiceSeries {
  readonly start: string;
  readonly end: string;
  readonly spanCount: number;
  readonly requestCounts: readonly number[];
  readonly errorCounts: readonly number[];
  /** 0 where nothing was asked */
  readonly p50Nano: readonly number[];
  readonly p95Nano: readonly number[];
  readonly p99Nano: readonly number[];
  readonly operations: readonly ServiceOperation[];
  readonly operationsAreComplete: boolean;
}

export interface ServiceOperation {
  readonly name: string;
  readonly kind: number;
  readonly count: number;
  readonly errorCount: number;
  readonly p50Nano: number;
  readonly p99Nano: number;
}

const refreshMilli = 10_000;

export function useService(name: string, lookbackMilli: number | undefined) {
  return useQuery({
    queryKey: ['service', name, lookbackMilli],
    queryFn: ({ signal }) => {
      const start = lookbackMilli === undefined ? '' : `&start=${Math.round((Date.now() - lookbackMilli) * 1000)}`;
      return fetchJson<ServiceSeries>(`api/spoor/service?name=${encodeURIComponent(name)}${start}`, signal);
    },
    refetchInterval: refreshMilli,
  });
}
