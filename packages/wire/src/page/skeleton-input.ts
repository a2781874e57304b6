import { serviceName, type Span, type Trace } from '@spoor/model';

/** A trace's spans as columns, those with one parent by start, then span id: what a skeleton is made of. */
export interface SkeletonInput {
  readonly spanCount: number;
  readonly startUnixNano: bigint;
  /** nanoseconds after `startUnixNano` */
  readonly offsetNano: Float64Array;
  /** max(0, end − start) */
  readonly durationNano: Float64Array;
  readonly endsBeforeStart: Uint8Array;
  readonly spanIdHigh: Uint32Array;
  readonly spanIdLow: Uint32Array;
  /** both halves 0 for a root */
  readonly parentSpanIdHigh: Uint32Array;
  readonly parentSpanIdLow: Uint32Array;
  readonly statusCode: Int32Array;
  readonly hasEvents: Uint8Array;
  readonly hasLinks: Uint8Array;
  /** index into `operations` */
  readonly operation: Uint32Array;
  readonly operations: readonly (readonly [service: number, name: string, kind: number])[];
  readonly services: readonly string[];
}

/** The columns of spans that are at hand as objects. */
export function skeletonInputOf({ spans }: Trace): SkeletonInput {
  let startUnixNano: bigint = spans[0]?.startTimeUnixNano ?? 0n;
  for (const span of spans) if (span.startTimeUnixNano < startUnixNano) startUnixNano = span.startTimeUnixNano;
  const half = (field: (span: Span) => string, from: number): Uint32Array =>
    Uint32Array.from(spans, (span) => Number.parseInt(field(span).slice(from, from + 8) || '0', 16));
  const spanId = (span: Span): string => span.spanId;
  const parentSpanId = (span: Span): string => span.parentSpanId;
  return {
    spanCount: spans.length,
    startUnixNano,
    offsetNano: Float64Array.from(spans, (span) => Number(span.startTimeUnixNano - startUnixNano)),
    durationNano: Float64Array.from(spans, (span) =>
      Math.max(0, Number(span.endTimeUnixNano - span.startTimeUnixNano)),
    ),
    endsBeforeStart: Uint8Array.from(spans, (span) => (span.endTimeUnixNano < span.startTimeUnixNano ? 1 : 0)),
    spanIdHigh: half(spanId, 0),
    spanIdLow: half(spanId, 8),
    parentSpanIdHigh: half(parentSpanId, 0),
    parentSpanIdLow: half(parentSpanId, 8),
    statusCode: Int32Array.from(spans, (span) => span.statusCode),
    hasEvents: Uint8Array.from(spans, (span) => (span.events.length > 0 ? 1 : 0)),
    hasLinks: Uint8Array.from(spans, (span) => (span.links.length > 0 ? 1 : 0)),
    ...operationsOf(spans),
  };
}

function operationsOf(spans: readonly Span[]): Pick<SkeletonInput, 'operation' | 'operations' | 'services'> {
  const services = new Map<string, number>();
  const codes = new Map<string, number>();
  const operations: [number, string, number][] = [];
  const operation = Uint32Array.from(spans, ({ resource, name, kind }) => {
    const service = codeOf(services, serviceName(resource));
    const code = codeOf(codes, `${service} ${kind} ${name}`);
    if (code === operations.length) operations.push([service, name, kind]);
    return code;
  });
  return { operation, operations, services: [...services.keys()] };
}

function codeOf(codes: Map<string, number>, key: string): number {
  let code = codes.get(key);
  if (code === undefined) codes.set(key, (code = codes.size));
  return code;
}
