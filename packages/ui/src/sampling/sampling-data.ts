import { useQuery } from '@tanstack/react-query';
import { fetchJson } from '../api/http.ts';

/** `api/spoor/sampling` */
export interface SamplingStatus {
  readonly type: 'file' | 'adaptive';
  /** a path or a URL */
  readonly strategiesFile?: string;
  /** Unix milliseconds */
  readonly readMilli?: number;
  readonly changedMilli?: number;
  /** why the last look at the strategies failed; those before stay */
  readonly complaint?: string;
  /** parts of them that are not used */
  readonly warnings: readonly string[];
  /** for services that have none of their own */
  readonly otherwise: Strategy;
  readonly services: readonly { readonly service: string; readonly strategy: Strategy }[];
  readonly adaptive?: { readonly targetPerSecond: number; readonly intervalMilli: number };
  readonly operations?: readonly AdaptiveRow[];
}

export interface Strategy {
  readonly type: 'probabilistic' | 'rateLimiting';
  readonly samplingRate?: number;
  readonly maxTracesPerSecond?: number;
  readonly operations?: {
    readonly defaultProbability: number;
    readonly list: readonly { readonly operation: string; readonly samplingRate: number }[];
  };
}

export interface AdaptiveRow {
  readonly service: string;
  /** absent for operations not seen yet */
  readonly operation?: string;
  readonly probability: number;
  readonly targetPerSecond: number;
  readonly sampledPerSecond: number;
  readonly requestsPerSecond: number;
  /** Unix milliseconds; 0 is never */
  readonly lastSpanMilli: number;
  readonly isAsking: boolean;
}

const refreshMilli = 5_000;

export function useSampling() {
  return useQuery({
    queryKey: ['sampling'],
    queryFn: ({ signal }) => fetchJson<SamplingStatus>('api/spoor/sampling', signal),
    refetchInterval: refreshMilli,
  });
}
