import type { TraceStore } from '@spoor/query';
import { timeRange } from './search-json.ts';

/** `GET overview`: the store's overview as it is; times in it are nanoseconds as decimal strings. */
export async function overviewJson(
  store: TraceStore,
  tenant: string,
  parameters: URLSearchParams,
  signal: AbortSignal,
): Promise<string> {
  const overview = await store.overview(tenant, timeRange(parameters), signal);
  return JSON.stringify(overview, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}
