import type { TraceStore } from '@spoor/query';
import { timeRange } from './search-json.ts';

/** `GET service?name`: one service over time, as the store answers; times are nanoseconds as decimal strings. */
export async function serviceJson(
  store: TraceStore,
  tenant: string,
  parameters: URLSearchParams,
  signal: AbortSignal,
): Promise<string> {
  const request = { service: parameters.get('name') ?? '', ...timeRange(parameters) };
  const series = await store.serviceSeries(tenant, request, signal);
  return JSON.stringify(series, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}
