import {
  serviceName,
  StatusCode,
  type Attribute,
  type Resource,
  type Span,
  type SpanEvent,
  type SpanLink,
} from '@spoor/model';

/*
 * OTLP's model as Jaeger shows it, for whatever bytes it is then written as. Lost on this way: link attributes, dropped
 * counts, scope attributes, schema URLs.
 * Source: opentelemetry-collector-contrib, pkg/translator/jaeger, traces to Jaeger's protobuf.
 */

/** What Jaeger calls the service of spans whose resource names none. */
export const namelessService = 'OTLPResourceNoServiceName';

/** A `SpanRef`. Ids are as the link has them, which may be of any length. */
export interface JaegerReference {
  readonly type: 'CHILD_OF' | 'FOLLOWS_FROM';
  readonly traceId: string;
  readonly spanId: string;
}

/** The parent first, then links that say what they link to. */
export function jaegerReferences(span: Span): readonly JaegerReference[] {
  const { traceId, parentSpanId } = span;
  const references: JaegerReference[] = [];
  if (parentSpanId !== '') references.push({ type: 'CHILD_OF', traceId, spanId: parentSpanId });
  for (const link of span.links) {
    if (link.traceId === '' || link.spanId === '') continue;
    references.push({ type: linkType(link), traceId: link.traceId, spanId: link.spanId });
  }
  return references;
}

/** A link that came from Jaeger says what kind of reference it was. */
function linkType({ attributes }: SpanLink): JaegerReference['type'] {
  const type = attributes.find(({ key }) => key === 'opentracing.ref_type')?.value;
  return type?.type === 'string' && type.value === 'child_of' ? 'CHILD_OF' : 'FOLLOWS_FROM';
}

/** The order is Jaeger's: scope, attributes, kind, status, trace state. */
export function jaegerTags(span: Span): readonly Attribute[] {
  const { scope } = span;
  const tags: Attribute[] = [];
  if (scope.name !== '') tags.push(textTag('otel.scope.name', scope.name));
  if (scope.version !== '') tags.push(textTag('otel.scope.version', scope.version));
  for (const attribute of span.attributes) if (attribute.key !== warningsKey) tags.push(attribute);
  const kind = jaegerSpanKind(span.kind);
  if (kind !== '') tags.push(textTag('span.kind', kind));
  if (span.statusCode === StatusCode.ok) tags.push(textTag('otel.status_code', 'OK'));
  if (span.statusCode === StatusCode.error) tags.push(textTag('otel.status_code', 'ERROR'), errorTag);
  if (span.statusMessage !== '') tags.push(textTag('otel.status_description', span.statusMessage));
  if (span.traceState !== '') tags.push(textTag('w3c.tracestate', span.traceState));
  return tags;
}

/** Where a Jaeger in front keeps what it found wrong with a span. */
const warningsKey = '@jaeger@warnings';

/** What a Jaeger in front found wrong with a span when it wrote it. */
export function jaegerWarnings({ attributes }: Span): readonly string[] {
  const value = attributes.find(({ key }) => key === warningsKey)?.value;
  if (value?.type !== 'array') return [];
  return value.value.flatMap((warning) => (warning.type === 'string' ? [warning.value] : []));
}

const errorTag: Attribute = Object.freeze({ key: 'error', value: Object.freeze({ type: 'bool', value: true }) });

const kindNames: readonly string[] = ['', 'internal', 'server', 'client', 'producer', 'consumer'];

/** Empty for an unspecified kind, and for a number that OTLP has no name for. */
export function jaegerSpanKind(kind: number): string {
  return kindNames[kind] ?? '';
}

/** Fields of a `Log`. */
export function jaegerLogFields({ name, attributes }: SpanEvent): readonly Attribute[] {
  return name === '' ? attributes : [textTag('event', name), ...attributes];
}

export interface JaegerProcessView {
  readonly serviceName: string;
  readonly tags: readonly Attribute[];
}

export function jaegerProcess(resource: Resource): JaegerProcessView {
  const tags = resource.attributes.filter(({ key }) => key !== 'service.name');
  return { serviceName: serviceName(resource) || namelessService, tags };
}

/** Never negative: a span that ends before it starts has none. */
export function jaegerDurationNano({ startTimeUnixNano, endTimeUnixNano }: Span): bigint {
  const duration = endTimeUnixNano - startTimeUnixNano;
  return duration > 0n ? duration : 0n;
}

/** Jaeger's flags are one byte: sampled, debug. */
export function jaegerFlags({ flags }: Span): number {
  return flags & 0xff;
}

function textTag(key: string, value: string): Attribute {
  return { key, value: { type: 'string', value } };
}
