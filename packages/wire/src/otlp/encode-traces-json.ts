import type { Attribute, AttributeValue, Resource, Scope, Span } from '@spoor/model';

/**
 * Spans as the plain object of an OTLP/JSON `TracesData`: hex ids, enums as numbers, 64-bit integers as decimal
 * strings, fields of their default value left out. Grouped by resource and scope in order of first use.
 * Source: OTLP specification, "JSON Protobuf Encoding".
 */
export function otlpJsonOfSpans(spans: Iterable<Span>): OtlpJson {
  const groups = new Map<Resource, Map<Scope, Span[]>>();
  for (const span of spans) {
    let scopes = groups.get(span.resource);
    if (scopes === undefined) groups.set(span.resource, (scopes = new Map()));
    const list = scopes.get(span.scope);
    if (list === undefined) scopes.set(span.scope, [span]);
    else list.push(span);
  }
  return {
    resourceSpans: [...groups].map(([resource, scopes]) => ({
      resource: {
        attributes: attributesJson(resource.attributes),
        ...present('droppedAttributesCount', resource.droppedAttributesCount),
      },
      scopeSpans: [...scopes].map(([scope, list]) => ({
        scope: scopeJson(scope),
        spans: list.map(spanJson),
        ...present('schemaUrl', scope.schemaUrl),
      })),
      ...present('schemaUrl', resource.schemaUrl),
    })),
  };
}

/** The parts of an OTLP/JSON answer that the page reads. */
export interface OtlpJson {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpJsonAttribute[]; readonly droppedAttributesCount?: number };
    readonly scopeSpans: readonly { readonly scope: OtlpJsonScope; readonly spans: readonly OtlpJsonSpan[]; readonly schemaUrl?: string }[];
    readonly schemaUrl?: string;
  }[];
}

export interface OtlpJsonAttribute {
  readonly key: string;
  readonly value: OtlpJsonValue;
}

/** One field, or none for an empty value. */
export interface OtlpJsonValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string;
  readonly doubleValue?: number | string;
  readonly bytesValue?: string;
  readonly arrayValue?: { readonly values: readonly OtlpJsonValue[] };
  readonly kvlistValue?: { readonly values: readonly OtlpJsonAttribute[] };
}

export interface OtlpJsonScope {
  readonly name?: string;
  readonly version?: string;
  readonly attributes?: readonly OtlpJsonAttribute[];
  readonly droppedAttributesCount?: number;
}

export interface OtlpJsonSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly flags?: number;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly OtlpJsonAttribute[];
  readonly droppedAttributesCount?: number;
  readonly events?: readonly {
    readonly timeUnixNano: string;
    readonly name: string;
    readonly attributes: readonly OtlpJsonAttribute[];
    readonly droppedAttributesCount?: number;
  }[];
  readonly droppedEventsCount?: number;
  readonly links?: readonly {
    readonly traceId: string;
    readonly spanId: string;
    readonly traceState?: string;
    readonly flags?: number;
    readonly attributes: readonly OtlpJsonAttribute[];
    readonly droppedAttributesCount?: number;
  }[];
  readonly droppedLinksCount?: number;
  readonly status: { readonly code?: number; readonly message?: string };
}

function scopeJson(scope: Scope): OtlpJsonScope {
  return {
    ...present('name', scope.name),
    ...present('version', scope.version),
    ...(scope.attributes.length > 0 && { attributes: attributesJson(scope.attributes) }),
    ...present('droppedAttributesCount', scope.droppedAttributesCount),
  };
}

function spanJson(span: Span): OtlpJsonSpan {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...present('parentSpanId', span.parentSpanId),
    ...present('traceState', span.traceState),
    ...present('flags', span.flags),
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: span.startTimeUnixNano.toString(),
    endTimeUnixNano: span.endTimeUnixNano.toString(),
    attributes: attributesJson(span.attributes),
    ...present('droppedAttributesCount', span.droppedAttributesCount),
    ...(span.events.length > 0 && { events: span.events.map(eventJson) }),
    ...present('droppedEventsCount', span.droppedEventsCount),
    ...(span.links.length > 0 && { links: span.links.map(linkJson) }),
    ...present('droppedLinksCount', span.droppedLinksCount),
    status: { ...present('code', span.statusCode), ...present('message', span.statusMessage) },
  };
}

function eventJson(event: Span['events'][number]) {
  return {
    timeUnixNano: event.timeUnixNano.toString(),
    name: event.name,
    attributes: attributesJson(event.attributes),
    ...present('droppedAttributesCount', event.droppedAttributesCount),
  };
}

function linkJson(link: Span['links'][number]) {
  return {
    traceId: link.traceId,
    spanId: link.spanId,
    ...present('traceState', link.traceState),
    ...present('flags', link.flags),
    attributes: attributesJson(link.attributes),
    ...present('droppedAttributesCount', link.droppedAttributesCount),
  };
}

function attributesJson(attributes: readonly Attribute[]): OtlpJsonAttribute[] {
  return attributes.map(({ key, value }) => ({ key, value: valueJson(value) }));
}

function valueJson(value: AttributeValue): OtlpJsonValue {
  switch (value.type) {
    case 'string':
      return { stringValue: value.value };
    case 'bool':
      return { boolValue: value.value };
    case 'int':
      return { intValue: value.value.toString() };
    case 'double':
      // JSON has no words for these; proto3's JSON mapping writes them as strings.
      return { doubleValue: Number.isFinite(value.value) ? value.value : String(value.value) };
    case 'bytes':
      return { bytesValue: base64(value.value) };
    case 'array':
      return { arrayValue: { values: value.value.map(valueJson) } };
    case 'kvlist':
      return { kvlistValue: { values: attributesJson(value.value) } };
    case 'empty':
      return {};
  }
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

function present<K extends string, V extends string | number>(key: K, value: V): { readonly [key in K]?: V } {
  return value === '' || value === 0 ? {} : ({ [key]: value } as { readonly [key in K]?: V });
}
