import { useQuery } from '@tanstack/react-query';
import { fetchJson } from '../api/http.ts';
import type { SearchPageAnswer } from '../search/search-data.ts';

/** `api/spoor/overview`; times are decimal nanoseconds since the epoch. */
export interface Overview {
  readonly start: string;
  readonly end: string;
  readonly spanCount: number;
  readonly rootCount: number;
  readonly services: readonly ServiceOverview[];
  readonly heatmap: Heatmap;
}

export interface ServiceOverview {
  readonly name: string;
  readonly spanCount: number;
  readonly requestCount: number;
  readonly errorCount: number;
  readonly p50Nano: number;
  readonly p99Nano: number;
}

export interface Heatmap {
  readonly columnCount: number;
  readonly rowsPerDecade: number;
  readonly cells: readonly (readonly [column: number, row: number, count: number, errorCount: number])[];
}

/** `api/spoor/status` */
export interface Status {
  readonly version: string;
  readonly receivers: readonly { readonly protocol: string; readonly port: number; readonly requestCount: number }[];
  readonly refusals: readonly {
    readonly what: string;
    readonly reason: string;
    readonly count: number;
    readonly lastMilli: number;
  }[];
  readonly spansAccepted: number;
}

const refreshMilli = 5_000;
const waitingMilli = 1_500;

export function useOverview(lookbackMilli: number | undefined) {
  return useQuery({
    queryKey: ['overview', lookbackMilli],
    queryFn: ({ signal }) => {
      const start = lookbackMilli === undefined ? '' : `?start=${Math.round((Date.now() - lookbackMilli) * 1000)}`;
      return fetchJson<Overview>(`api/spoor/overview${start}`, signal);
    },
    // While nothing is there, the first span is to be seen at once.
    refetchInterval: ({ state }) => (state.data?.spanCount === 0 ? waitingMilli : refreshMilli),
  });
}

export function useStatus() {
  return useQuery({
    queryKey: ['status'],
    queryFn: ({ signal }) => fetchJson<Status>('api/spoor/status', signal),
    refetchInterval: waitingMilli,
  });
}

export function useTraces(parameters: string) {
  return useQuery({
    queryKey: ['traces', parameters],
    queryFn: ({ signal }) => fetchJson<SearchPageAnswer>(`api/spoor/search?${parameters}`, signal),
    refetchInterval: refreshMilli,
  });
}
