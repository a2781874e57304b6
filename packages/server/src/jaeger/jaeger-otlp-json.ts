import type { TraceRenderer } from '@spoor/query';
import { encodeTracesJson } from '@spoor/wire';
import { separateSharedSpanIds } from './shared-span-ids.ts';

/** Writes traces as one `{"resourceSpans":[…]}`, as Jaeger's v3 API does. `raw` (boolean) skips Jaeger's adjusters. */
export const renderJaegerOtlpJson: TraceRenderer = (traces, options) => {
  if (options['raw'] === true) return encodeTracesJson(traces);
  return encodeTracesJson(traces.map(({ traceId, spans }) => ({ traceId, spans: separateSharedSpanIds(spans) })));
};
