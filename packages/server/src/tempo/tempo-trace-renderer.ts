import type { Span, Trace } from '@spoor/model';
import type { TraceRenderer } from '@spoor/query';
import { encodeTempoTracesJson, encodeTracesProtobuf } from '@spoor/wire';

/**
 * Writes a trace as Tempo does. Options: `form`, `batches`, `resourceSpans` (JSON) or `protobuf`; `matched`, span ids
 * separated by commas, leaves only these and, with `keepHierarchy`, their ancestors up to `ancestorDepth` levels, and
 * always their descendants down to `matchDepth` levels (−1: all).
 */
export const renderTempoTrace: TraceRenderer = (traces, options) => {
  const kept = options['matched'] === undefined ? traces : traces.map((trace) => filteredTrace(trace, options));
  if (options['form'] === 'protobuf') return encodeTracesProtobuf(kept);
  return encodeTempoTracesJson(kept, options['form'] === 'batches' ? 'batches' : 'resourceSpans');
};

function filteredTrace({ traceId, spans }: Trace, options: Parameters<TraceRenderer>[1]): Trace {
  const matched = new Set(String(options['matched']).split(','));
  const kept = new Set<Span>();
  const bySpanId = new Map<string, Span>(spans.map((span) => [span.spanId, span]));
  const childrenOf = Map.groupBy(spans, ({ parentSpanId }) => parentSpanId as string);
  const ancestorDepth = options['keepHierarchy'] === true ? levels(options['ancestorDepth']) : 0;
  const above = (span: Span): Span[] => [bySpanId.get(span.parentSpanId)].filter((one) => one !== undefined);
  const below = (span: Span): readonly Span[] => childrenOf.get(span.spanId) ?? [];
  const matches = spans.filter(({ spanId }) => matched.has(spanId));
  spread(matches, above, ancestorDepth, kept);
  spread(matches, below, levels(options['matchDepth']), kept);
  return { traceId, spans: spans.filter((span) => kept.has(span)) };
}

function levels(depth: unknown): number {
  return depth === -1 ? Number.POSITIVE_INFINITY : Number(depth);
}

/** Level by level, each span once, so that a span that is its own ancestor ends it. */
function spread(from: readonly Span[], next: (span: Span) => readonly Span[], depth: number, into: Set<Span>): void {
  const seen = new Set(from);
  let level: readonly Span[] = from;
  for (let i = 0; level.length > 0; i++) {
    for (const span of level) into.add(span);
    if (i >= depth) return;
    const found: Span[] = [];
    for (const span of level) {
      for (const one of next(span)) {
        if (seen.has(one)) continue;
        seen.add(one);
        found.push(one);
      }
    }
    level = found;
  }
}
