import type { Trace } from '@spoor/model';
import type { TraceRenderer } from '@spoor/query';
import { encodeJaegerChunks, encodeTraceChunks } from '@spoor/wire';
import { separateSharedSpanIds } from './shared-span-ids.ts';

/**
 * Clients take messages up to 4 MiB unless told otherwise. A message ends with the span that passes this size, so that only
 * a trace with a span of 3 MiB needs more.
 */
const messageBytesMax = 1024 * 1024;

/** Writes `SpansResponseChunk`s, as Jaeger's api_v2 streams them. `raw` (boolean) skips Jaeger's adjusters. */
export const renderJaegerChunks: TraceRenderer = (traces, { raw }) =>
  encodeJaegerChunks(raw === true ? traces : traces.map(adjusted), messageBytesMax);

/** Writes `TracesData` messages, as Jaeger's api_v3 and storage stream them. `raw` (boolean) skips Jaeger's adjusters. */
export const renderTraceChunks: TraceRenderer = (traces, { raw }) =>
  encodeTraceChunks(raw === true ? traces : traces.map(adjusted), messageBytesMax);

function adjusted({ traceId, spans }: Trace): Trace {
  return { traceId, spans: separateSharedSpanIds(spans) };
}
