import { useQuery } from '@tanstack/react-query';
import { fetchJson } from '../api/http.ts';
import type { Edge } from './service-graph.ts';

/** Times to look back, from the one choice that both pages have; empty for everything stored. */
export const lookbackMilli: Readonly<Record<string, number>> = {
  '15m': 900_000,
  '1h': 3_600_000,
  '6h': 21_600_000,
  '1d': 86_400_000,
  '7d': 604_800_000,
};

const refreshMilli = 15_000;

/** Calls between services. @param lookback  a key of {@link lookbackMilli}, or empty */
export function useEdges(lookback: string) {
  return useQuery({
    queryKey: ['dependencies', lookback],
    queryFn: async ({ signal }) => {
      const now = Date.now();
      const milli = lookbackMilli[lookback] ?? now;
      return (await fetchJson<{ data: readonly Edge[] }>(`api/dependencies?endTs=${now}&lookback=${milli}`, signal))
        .data;
    },
    refetchInterval: refreshMilli,
  });
}
