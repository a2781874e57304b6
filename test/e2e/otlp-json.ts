/** Spans for tests in OTLP/JSON, which reads best. */
export type JsonAttribute = { readonly key: string; readonly value: Readonly<Record<string, unknown>> };

export interface JsonSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind?: number;
  /** decimal nanoseconds */
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly JsonAttribute[];
  readonly events?: readonly {
    readonly name: string;
    readonly timeUnixNano: string;
    readonly attributes?: readonly JsonAttribute[];
  }[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status?: { readonly code?: number; readonly message?: string };
  readonly traceState?: string;
}

/** One request with the spans of several services. */
export function requestOf(services: Readonly<Record<string, readonly JsonSpan[]>>): string {
  const resourceSpans = Object.entries(services).map(([service, spans]) => ({
    resource: { attributes: service === '' ? [] : [stringAttribute('service.name', service)] },
    scopeSpans: [{ spans }],
  }));
  return JSON.stringify({ resourceSpans });
}

export function stringAttribute(key: string, value: string): JsonAttribute {
  return { key, value: { stringValue: value } };
}

export function intAttribute(key: string, value: number): JsonAttribute {
  return { key, value: { intValue: String(value) } };
}

/** @throws when the request is not accepted whole */
export async function sendJson(otlpHttp: string, body: string): Promise<void> {
  const reply = await fetch(`${otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body,
  });
  const text = await reply.text();
  if (reply.status !== 200 || text !== '{}') throw new Error(`${reply.status}: ${text}`);
}
