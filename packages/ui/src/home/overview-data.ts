import { keepPreviousData, useQuery } from '@tanstack/react-query';
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
  readonly receivers: readonly ReceiverPort[];
  readonly spansAccepted: number;
  readonly clockNotices: readonly ClockNotice[];
  readonly silentServices: readonly SilentService[];
}

/** Spans that start far from when they arrived; times are Unix milliseconds. */
export interface ClockNotice {
  readonly service: string;
  readonly direction: 'future' | 'past';
  readonly count: number;
  readonly spanName: string;
  readonly startMilli: number;
  readonly lastMilli: number;
}

/** Asks what to sample, and no span of it has arrived since; Unix milliseconds. */
export interface SilentService {
  readonly service: string;
  readonly sinceMilli: number;
  readonly probability?: number;
  readonly tracesPerSecondMax?: number;
}

export interface ReceiverPort {
  readonly name: string;
  readonly title: string;
  readonly port?: number;
  readonly state: 'listening' | 'off' | 'taken';
  readonly takesSpans: boolean;
  readonly requestCount: number;
  readonly spanCount: number;
  readonly lastAcceptedMilli?: number;
  /** newest first */
  readonly refusals: readonly Refusal[];
}

export interface Refusal {
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly lastMilli: number;
  readonly sender?: string;
  readonly firstBytesHex?: string;
}

const refreshMilli = 5_000;
const waitingMilli = 1_500;
/** An open page may keep the server busy for one part in so many. */
const restFactor = 20;

export function useOverview(lookbackMilli: number | undefined) {
  return useQuery({
    queryKey: ['overview', lookbackMilli],
    queryFn: ({ signal }) => timedOverview(`api/spoor/overview?${startOf(lookbackMilli)}`, signal),
    placeholderData: keepPreviousData,
    // While nothing is there, the first span is to be seen at once.
    refetchInterval: ({ state: { data } }) =>
      data?.spanCount === 0 ? waitingMilli : Math.max(refreshMilli, restFactor * (data?.tookMilli ?? 0)),
  });
}

async function timedOverview(path: string, signal: AbortSignal): Promise<Overview & { readonly tookMilli: number }> {
  const start = performance.now();
  const overview = await fetchJson<Overview>(path, signal);
  return { ...overview, tookMilli: performance.now() - start };
}

export function useStatus() {
  return useQuery({
    queryKey: ['status'],
    queryFn: ({ signal }) => fetchJson<Status>('api/spoor/status', signal),
    refetchInterval: waitingMilli,
  });
}

export function useTraces(parameters: string, lookbackMilli: number | undefined) {
  return useQuery({
    queryKey: ['traces', parameters, lookbackMilli],
    queryFn: ({ signal }) => {
      const start = startOf(lookbackMilli);
      return fetchJson<SearchPageAnswer>(`api/spoor/search?${parameters}${start && `&${start}`}`, signal);
    },
    refetchInterval: refreshMilli,
    placeholderData: keepPreviousData,
  });
}

/** A parameter; empty for everything stored. */
function startOf(lookbackMilli: number | undefined): string {
  return lookbackMilli === undefined ? '' : `start=${Math.round((Date.now() - lookbackMilli) * 1000)}`;
}
