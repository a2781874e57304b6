import type { Attribute } from './attribute-value.ts';
import type { SpanId, TraceId } from './ids.ts';
import type { UnixNano } from './time.ts';

/** OTLP `Span.SpanKind`. The enum is open: an unknown number is kept and shown as a number. */
export const SpanKind = Object.freeze({ unspecified: 0, internal: 1, server: 2, client: 3, producer: 4, consumer: 5 });
/** OTLP `Status.StatusCode`. Open, as {@link SpanKind}. */
export const StatusCode = Object.freeze({ unset: 0, ok: 1, error: 2 });

/** What produced the spans. One object is shared by all spans of one resource in an answer. */
export interface Resource {
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
  /** `ResourceSpans.schema_url`; empty when absent */
  readonly schemaUrl: string;
  /** the bodies of `Resource.entity_refs`, kept as received */
  readonly entityRefs: readonly Uint8Array[];
}

/** The instrumentation scope. Shared as {@link Resource} is. */
export interface Scope {
  readonly name: string;
  readonly version: string;
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
  /** `ScopeSpans.schema_url`; empty when absent */
  readonly schemaUrl: string;
}

export interface SpanEvent {
  readonly timeUnixNano: UnixNano;
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
}

export interface SpanLink {
  /** as received; may be empty or of the wrong length, which a link (unlike a span) survives */
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  readonly flags: number;
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
}

/** One span with all that OTLP knows of it, as answers carry it. Ingest never builds one. */
export interface Span {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  /** empty for a root */
  readonly parentSpanId: SpanId | '';
  readonly traceState: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: UnixNano;
  readonly endTimeUnixNano: UnixNano;
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
  readonly events: readonly SpanEvent[];
  readonly droppedEventsCount: number;
  readonly links: readonly SpanLink[];
  readonly droppedLinksCount: number;
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly resource: Resource;
  readonly scope: Scope;
  /** how many spans this one stands for: 1 / sampling probability; 1 when unknown */
  readonly adjustedCount: number;
}

/** Whole, as far as stored: identical spans folded, ordered by start, then by span id. */
export interface Trace {
  readonly traceId: TraceId;
  readonly spans: readonly Span[];
}

/** `service.name` of a resource, or an empty string. */
export function serviceName(resource: Resource): string {
  for (const { key, value } of resource.attributes) {
    if (key === 'service.name' && value.type === 'string') return value.value;
  }
  return '';
}
