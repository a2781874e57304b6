import { setTimeout as sleep } from 'node:timers/promises';

export interface JaegerKeyValue {
  readonly key: string;
  readonly type: string;
  readonly value: unknown;
}

export interface JaegerSpan {
  readonly traceID: string;
  readonly spanID: string;
  readonly operationName: string;
  readonly references: readonly { readonly refType: string; readonly traceID: string; readonly spanID: string }[];
  readonly startTime: number;
  readonly duration: number;
  readonly tags: readonly JaegerKeyValue[];
  readonly logs: readonly { readonly timestamp: number; readonly fields: readonly JaegerKeyValue[] }[];
  readonly processID: string;
}

export interface JaegerTrace {
  readonly traceID: string;
  readonly spans: readonly JaegerSpan[];
  readonly processes: Readonly<
    Record<string, { readonly serviceName: string; readonly tags: readonly JaegerKeyValue[] }>
  >;
}

export interface JaegerAnswer<D> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly data: D;
  readonly total: number;
  readonly errors: readonly { readonly code?: number; readonly msg: string; readonly traceID?: string }[] | null;
}

/** Asks Jaeger's API. `path` may carry a query; `parameters` are appended, lists as repeated parameters. */
export async function askJaeger<D = readonly JaegerTrace[]>(
  base: string,
  path: string,
  parameters: Readonly<Record<string, string | readonly string[]>> = {},
): Promise<JaegerAnswer<D>> {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of typeof value === 'string' ? [value] : value) search.append(name, one);
  }
  const query = search.toString();
  const response = await fetch(`${base}${path}${query === '' ? '' : `?${query}`}`);
  const text = await response.text();
  let body: Partial<JaegerAnswer<D>> = {};
  if (text.startsWith('{')) body = JSON.parse(text) as Partial<JaegerAnswer<D>>;
  return { ...(body as JaegerAnswer<D>), status: response.status, headers: response.headers, text };
}

/** Repeats until `probe` gives a value, for what an exporter does in its own time. */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  timeoutMilli = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMilli;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`);
    await sleep(25);
  }
}
