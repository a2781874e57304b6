import { serviceName, type Span, StatusCode, type Trace, type UnixNano } from '@spoor/model';
import type { TraceSummary } from './trace-store.ts';

/** A whole trace as lists show it. */
export function summarizeTrace({ traceId, spans }: Trace, matchedCount: number): TraceSummary {
  const root = spans.find((span) => span.parentSpanId === '') ?? spans[0];
  let end = 0n as UnixNano;
  let errorCount = 0;
  const services = new Map<string, { name: string; spanCount: number; errorCount: number }>();
  for (const span of spans) {
    const isError = span.statusCode === StatusCode.error ? 1 : 0;
    // A span that ends before it starts ends at its start.
    const spanEnd = span.endTimeUnixNano > span.startTimeUnixNano ? span.endTimeUnixNano : span.startTimeUnixNano;
    if (spanEnd > end) end = spanEnd;
    errorCount += isError;
    const service = serviceEntry(services, span);
    service.spanCount++;
    service.errorCount += isError;
  }
  return {
    traceId,
    rootService: serviceName(root.resource),
    rootName: root.name,
    isRooted: root.parentSpanId === '',
    start: spans[0].startTimeUnixNano,
    end,
    spanCount: spans.length,
    errorCount,
    orphanCount: orphanCount(spans),
    matchedCount,
    services: [...services.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

function orphanCount(spans: readonly Span[]): number {
  const ids = new Set<string>(spans.map(({ spanId }) => spanId));
  return spans.filter(({ parentSpanId }) => parentSpanId !== '' && !ids.has(parentSpanId)).length;
}

function serviceEntry(services: Map<string, { name: string; spanCount: number; errorCount: number }>, span: Span) {
  const name = serviceName(span.resource);
  let entry = services.get(name);
  if (entry === undefined) services.set(name, (entry = { name, spanCount: 0, errorCount: 0 }));
  return entry;
}
