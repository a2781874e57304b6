import { askJaeger, eventually, type JaegerKeyValue, type JaegerSpan, type JaegerTrace } from '../e2e/jaeger-client.ts';

/** A span as Spoor's Jaeger API gives it, in OpenTelemetry's words. */
export interface StoredSpan {
  readonly service: string;
  readonly name: string;
  readonly id: string;
  /** absent for a root */
  readonly parentId: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Jaeger's names of the attributes' types: string, int64, float64, bool */
  readonly types: Readonly<Record<string, string>>;
  readonly events: readonly { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }[];
}

/** Waits until a trace has as many spans as it should. @throws if it has not within 20 s, or has more */
export async function storedTrace(jaeger: string, traceId: string, spanCount: number): Promise<readonly StoredSpan[]> {
  let found = 0;
  const trace = await eventually(`trace ${traceId} with ${spanCount} spans`, async () => {
    const { data } = await askJaeger(jaeger, `/api/traces/${traceId}`);
    found = data?.[0]?.spans.length ?? 0;
    return found >= spanCount ? data[0] : undefined;
  }).catch((error: unknown) => {
    throw new Error(`of ${spanCount} spans came ${found}`, { cause: error });
  });
  if (found > spanCount) throw new Error(`${found} spans in place of ${spanCount}: ${JSON.stringify(trace.spans)}`);
  return trace.spans.map((span) => storedSpan(span, trace));
}

function storedSpan(span: JaegerSpan, trace: JaegerTrace): StoredSpan {
  return {
    service: trace.processes[span.processID].serviceName,
    name: span.operationName,
    id: span.spanID,
    parentId: span.references.find(({ refType }) => refType === 'CHILD_OF')?.spanID,
    attributes: values(span.tags),
    types: Object.fromEntries(span.tags.map(({ key, type }) => [key, type])),
    events: span.logs.map(({ fields }) => {
      const { event, ...attributes } = values(fields);
      return { name: String(event), attributes };
    }),
  };
}

function values(fields: readonly JaegerKeyValue[]): Record<string, unknown> {
  return Object.fromEntries(fields.map(({ key, value }) => [key, value]));
}

/** @throws unless there is exactly one such span */
export function spanNamed(spans: readonly StoredSpan[], service: string, name: string): StoredSpan {
  const found = spans.filter((span) => span.service === service && span.name === name);
  if (found.length === 1) return found[0];
  throw new Error(`${found.length} spans ${service}: ${name} among ${JSON.stringify(spans, undefined, 1)}`);
}

/** The names from the trace's first span down to this one, each with its service. */
export function pathTo(span: StoredSpan, spans: readonly StoredSpan[]): readonly string[] {
  const parent = spans.find(({ id }) => id === span.parentId);
  return [...(parent === undefined ? [] : pathTo(parent, spans)), `${span.service}: ${span.name}`];
}
