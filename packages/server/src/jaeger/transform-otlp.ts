import { SpanRecorder, type Span, type Trace, type TraceId } from '@spoor/model';
import { decodeTracesJson } from '@spoor/wire';
import { renderJaegerJson } from './jaeger-json.ts';

export interface TransformedOtlp {
  /** the `data` array of Jaeger's envelope */
  readonly data: Uint8Array;
  /** spans left out since they have no valid id */
  readonly rejectedSpanCount: number;
  readonly rejectedReason: string | undefined;
}

/**
 * Rewrites an OTLP/JSON document as Jaeger's JSON: traces in order of their first span, spans in order of the document.
 *
 * @param prettyPrint  indents the data as a member of the envelope
 * @throws {WireError} as `decodeTracesJson` does
 */
export function transformOtlp(json: Uint8Array, prettyPrint: boolean): TransformedOtlp {
  const recorder = new SpanRecorder();
  const { rejectedSpanCount, rejectedReason } = decodeTracesJson(json, recorder);
  const spansOf = new Map<TraceId, Span[]>();
  for (const span of recorder.spans) {
    const spans = spansOf.get(span.traceId);
    if (spans === undefined) spansOf.set(span.traceId, [span]);
    else spans.push(span);
  }
  const traces = Array.from(spansOf, ([traceId, spans]): Trace => ({ traceId, spans }));
  return { data: renderJaegerJson(traces, { prettyPrint }), rejectedSpanCount, rejectedReason };
}
