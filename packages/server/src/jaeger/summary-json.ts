import type { TraceSummary } from '@spoor/query';
import { namelessService } from '@spoor/wire';

/**
 * Jaeger's `TraceSummary` as JSON of its protobuf message: fields at their default are left out, 64-bit times are decimal
 * strings, ids have all their 32 digits.
 * Source: jaeger-idl, api_v3/query_service.proto.
 */
export function summaryJson(summary: TraceSummary): string {
  const { traceId, start, end, spanCount, errorCount, orphanCount } = summary;
  return JSON.stringify({
    traceId,
    rootServiceName: summary.rootService || namelessService,
    rootOperationName: summary.rootName || undefined,
    minStartTimeUnixNano: String(start),
    maxEndTimeUnixNano: String(end),
    spanCount,
    errorSpanCount: errorCount || undefined,
    orphanSpanCount: orphanCount || undefined,
    services: summary.services.map((service) => ({
      name: service.name || namelessService,
      spanCount: service.spanCount,
      errorSpanCount: service.errorCount || undefined,
    })),
  });
}
