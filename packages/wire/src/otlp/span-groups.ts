import type { Resource, Scope, Span, Trace } from '@spoor/model';

/** Spans as OTLP nests them, in the order in which resources and scopes first appear. */
export type SpanGroups = ReadonlyMap<Resource, ReadonlyMap<Scope, readonly Span[]>>;

/** Groups by the identity of the resource and scope objects, which answers share among spans. */
export function groupSpans(traces: readonly Trace[]): SpanGroups {
  const groups = new Map<Resource, Map<Scope, Span[]>>();
  for (const { spans } of traces) {
    for (const span of spans) {
      let scopes = groups.get(span.resource);
      if (scopes === undefined) groups.set(span.resource, (scopes = new Map()));
      const group = scopes.get(span.scope);
      if (group === undefined) scopes.set(span.scope, [span]);
      else group.push(span);
    }
  }
  return groups;
}
