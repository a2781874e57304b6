import { SpanKind, type Span, type SpanId } from '@spoor/model';

/**
 * Pulls apart a client and a server span that share one id, as Zipkin's instrumentation reports them: the server span
 * gets a fresh small id (1, 2, …) and becomes the client span's child, and what hung on the shared id hangs on the
 * server span. Spans are returned in their order; without shared ids, the same array.
 * Source: Jaeger, internal/adjuster, `SpanIDUniquifier` (its first adjuster).
 */
export function separateSharedSpanIds(spans: readonly Span[]): readonly Span[] {
  const clients = new Set<SpanId>();
  for (const span of spans) if (span.kind === SpanKind.client) clients.add(span.spanId);
  const taken = new Set<string>(spans.map((span) => span.spanId));
  const freshIds = new Map<SpanId, SpanId>();
  const servers = new Map<Span, SpanId>();
  let last = 0;
  for (const span of spans) {
    if (span.kind !== SpanKind.server || !clients.has(span.spanId)) continue;
    let fresh: SpanId;
    do fresh = (++last).toString(16).padStart(16, '0') as SpanId;
    while (taken.has(fresh));
    servers.set(span, fresh);
    freshIds.set(span.spanId, fresh);
  }
  if (servers.size === 0) return spans;
  return spans.map((span) => {
    const own = servers.get(span);
    if (own !== undefined) return { ...span, spanId: own, parentSpanId: span.spanId };
    const parent = span.parentSpanId === '' ? undefined : freshIds.get(span.parentSpanId);
    return parent === undefined ? span : { ...span, parentSpanId: parent };
  });
}
