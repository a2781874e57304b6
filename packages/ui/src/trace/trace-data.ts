import { parseTraceId } from '@spoor/model';
import { traceIdIn } from '@spoor/traceql';
import { decodeSkeleton, type OtlpJson, type TraceSkeleton } from '@spoor/wire';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { fetchBytes, fetchJson } from '../api/http.ts';

/** One span's whole content, in OTLP's own JSON, and where it stands. */
export interface SpanDetails extends OtlpJson {
  readonly row: number;
  readonly spanCount: number;
}

/** The id in an address, whatever its spelling; Jaeger's comparison links open their first trace. */
export function traceIdOfPath(text: string): string | undefined {
  const first = text.split('...')[0];
  return parseTraceId(first) ?? traceIdIn(first);
}

export async function fetchSkeleton(traceId: string, signal?: AbortSignal): Promise<TraceSkeleton> {
  return decodeSkeleton(await fetchBytes(`api/spoor/trace/${traceId}/skeleton`, signal));
}

/** How long after a trace's end more of it is looked for, and how often. */
const freshMilli = 60_000;
const pollMilli = 5_000;

export function isFresh(skeleton: TraceSkeleton, durationNano: number): boolean {
  return Date.now() - Number((skeleton.startUnixNano + BigInt(Math.round(durationNano))) / 1_000_000n) < freshMilli;
}

/** Looks for late spans while the trace is young. Its answer is not shown until the reader asks. */
export function useLateSpans(traceId: string, skeleton: TraceSkeleton | undefined, durationNano: number) {
  return useQuery({
    queryKey: ['late', traceId],
    queryFn: ({ signal }) => fetchSkeleton(traceId, signal),
    enabled: skeleton !== undefined && isFresh(skeleton, durationNano),
    refetchInterval: pollMilli,
    staleTime: pollMilli,
  }).data;
}

/** Details by row, which the skeleton knows without carrying ids; the count says which skeleton is meant. */
export function useSpanDetails(traceId: string, row: number, spanCount: number) {
  return useQuery({
    queryKey: ['span', traceId, row, spanCount],
    queryFn: ({ signal }) => fetchJson<SpanDetails>(`api/spoor/trace/${traceId}/row/${row}?spans=${spanCount}`, signal),
    enabled: row >= 0,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });
}
