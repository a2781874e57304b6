import {
  type Attribute,
  type AttributeValue,
  type Span,
  type SpanEvent,
  type SpanId,
  type SpanLink,
  type TraceId,
  unixNano,
} from '@spoor/model';

/*
 * Test only: reads the OTLP JSON of the shared corpus, as far as it goes. `wire` has the real decoder, which
 * this room may not depend on.
 */

interface JsonValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values?: readonly JsonValue[] };
  readonly kvlistValue?: { readonly values?: readonly JsonAttribute[] };
}
interface JsonAttribute {
  readonly key: string;
  readonly value: JsonValue;
}
interface JsonAttributes {
  readonly attributes?: readonly JsonAttribute[];
}
interface JsonSpan extends JsonAttributes {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind?: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status?: { readonly code?: number; readonly message?: string };
  readonly events?: readonly (JsonAttributes & { readonly name: string; readonly timeUnixNano: string })[];
  readonly links?: readonly (JsonAttributes & { readonly traceId: string; readonly spanId: string })[];
}
interface JsonRequest {
  readonly resourceSpans: readonly {
    readonly resource?: JsonAttributes;
    readonly scopeSpans: readonly {
      readonly scope?: JsonAttributes & { readonly name?: string; readonly version?: string };
      readonly spans: readonly JsonSpan[];
    }[];
  }[];
}

/** The spans of the request, their times moved by `moment` nanoseconds. */
export function knownSpans(json: string, moment: bigint): readonly Span[] {
  const request = JSON.parse(json) as JsonRequest;
  return request.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const shared = { attributes: attributesOf(resource), droppedAttributesCount: 0, schemaUrl: '', entityRefs: [] };
    return scopeSpans.flatMap(({ scope, spans }) => {
      const { name = '', version = '' } = scope ?? {};
      const ofScope = { name, version, attributes: attributesOf(scope), droppedAttributesCount: 0, schemaUrl: '' };
      return spans.map((span): Span => ({ ...spanOf(span, moment), resource: shared, scope: ofScope }));
    });
  });
}

function spanOf(span: JsonSpan, moment: bigint): Omit<Span, 'resource' | 'scope'> {
  return {
    traceId: span.traceId as TraceId,
    spanId: span.spanId as SpanId,
    parentSpanId: (span.parentSpanId ?? '') as SpanId | '',
    traceState: '',
    flags: 0,
    name: span.name,
    kind: span.kind ?? 0,
    startTimeUnixNano: unixNano(moment + BigInt(span.startTimeUnixNano)),
    endTimeUnixNano: unixNano(moment + BigInt(span.endTimeUnixNano)),
    attributes: attributesOf(span),
    droppedAttributesCount: 0,
    events: (span.events ?? []).map((event): SpanEvent => ({
      timeUnixNano: unixNano(moment + BigInt(event.timeUnixNano)),
      name: event.name,
      attributes: attributesOf(event),
      droppedAttributesCount: 0,
    })),
    droppedEventsCount: 0,
    links: (span.links ?? []).map((link): SpanLink => ({
      traceId: link.traceId as TraceId,
      spanId: link.spanId as SpanId,
      traceState: '',
      flags: 0,
      attributes: attributesOf(link),
      droppedAttributesCount: 0,
    })),
    droppedLinksCount: 0,
    statusCode: span.status?.code ?? 0,
    statusMessage: span.status?.message ?? '',
    adjustedCount: 1,
  };
}

function attributesOf(of: JsonAttributes | undefined): readonly Attribute[] {
  return (of?.attributes ?? []).map(({ key, value }) => ({ key, value: valueOf(value) }));
}

function valueOf(json: JsonValue): AttributeValue {
  if (json.stringValue !== undefined) return { type: 'string', value: json.stringValue };
  if (json.boolValue !== undefined) return { type: 'bool', value: json.boolValue };
  if (json.intValue !== undefined) return { type: 'int', value: Number(json.intValue) };
  if (json.doubleValue !== undefined) return { type: 'double', value: json.doubleValue };
  if (json.arrayValue !== undefined) return { type: 'array', value: (json.arrayValue.values ?? []).map(valueOf) };
  if (json.kvlistValue !== undefined)
    return { type: 'kvlist', value: attributesOf({ attributes: json.kvlistValue.values ?? [] }) };
  return { type: 'empty' };
}
