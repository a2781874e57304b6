import { serviceName, type Span, type Trace } from '@spoor/model';

/** Which spans of two traces stand for the same work, and which stand alone. */
export interface TraceAlignment {
  /** in the order of the base */
  readonly pairs: readonly (readonly [base: Span, compare: Span])[];
  readonly removed: readonly Span[];
  readonly added: readonly Span[];
}

/**
 * Pairs the spans of two traces from the roots down: among the children of a pair, the first of a service, name and
 * kind with the first, the second with the second, in order of start. Roots and spans without their parent are the
 * children of nothing. What is below an unpaired span is unpaired, for its place in the work is another.
 *
 * Linear in the spans; circles of parents, which hang from nowhere, are unpaired.
 */
export function alignTraces(base: Trace, compare: Trace): TraceAlignment {
  const childrenOfBase = childLists(base);
  const childrenOfCompare = childLists(compare);
  const partner = new Map<Span, Span>();
  const taken = new Set<Span>();
  const pending: (readonly [readonly Span[], readonly Span[]])[] = [
    [childrenOfBase.get(undefined) ?? [], childrenOfCompare.get(undefined) ?? []],
  ];
  for (let lists = pending.pop(); lists !== undefined; lists = pending.pop()) {
    const waiting = Map.groupBy(lists[1], keyOf);
    const position = new Map<string, number>();
    for (const span of lists[0]) {
      const key = keyOf(span);
      const at = position.get(key) ?? 0;
      position.set(key, at + 1);
      const other = waiting.get(key)?.[at];
      if (other === undefined) continue;
      partner.set(span, other);
      taken.add(other);
      pending.push([childrenOfBase.get(span.spanId) ?? [], childrenOfCompare.get(other.spanId) ?? []]);
    }
  }
  return {
    pairs: base.spans.flatMap((span) => (partner.has(span) ? [[span, partner.get(span)!] as const] : [])),
    removed: base.spans.filter((span) => !partner.has(span)),
    added: compare.spans.filter((span) => !taken.has(span)),
  };
}

/** By the id of the parent; under `undefined` those that have none in the trace. Spans are in order of start. */
function childLists({ spans }: Trace): ReadonlyMap<string | undefined, readonly Span[]> {
  const ids = new Set<string>();
  const once = spans.filter(({ spanId }) => !ids.has(spanId) && ids.add(spanId));
  return Map.groupBy(once, ({ spanId, parentSpanId }) =>
    parentSpanId !== spanId && ids.has(parentSpanId) ? parentSpanId : undefined,
  );
}

function keyOf({ resource, name, kind }: Span): string {
  return `${serviceName(resource)}\u0000${name}\u0000${kind}`;
}
