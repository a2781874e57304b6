import { QueryError } from '@spoor/model';
import type { TraceRenderer } from '@spoor/query';
import { encodeTracesJson, encodeTracesProtobuf } from '@spoor/wire';
import { renderJaegerJson } from './jaeger/jaeger-json.ts';
import { pageRenderers } from './page/page-renderers.ts';
import { renderJaegerOtlpJson } from './jaeger/jaeger-otlp-json.ts';
import { renderJaegerChunks, renderTraceChunks } from './jaeger/stream-renderers.ts';
import { renderTempoTrace } from './tempo/tempo-trace-renderer.ts';
import { renderTraceDiff } from './tempo/trace-diff-json.ts';
import { renderZipkinJson } from './zipkin/zipkin-json.ts';

const renderers: ReadonlyMap<string, TraceRenderer> = new Map<string, TraceRenderer>([
  ['jaeger-chunks', renderJaegerChunks],
  ['jaeger-json', renderJaegerJson],
  ['jaeger-otlp-json', renderJaegerOtlpJson],
  ['otlp-chunks', renderTraceChunks],
  ['otlp-json', (traces) => encodeTracesJson(traces)],
  ['otlp-protobuf', (traces) => encodeTracesProtobuf(traces)],
  ...Object.entries(pageRenderers),
  ['tempo-trace', renderTempoTrace],
  ['tempo-trace-diff', renderTraceDiff],
  ['zipkin-json', renderZipkinJson],
]);

/** The renderer of a `Format`. @throws {QueryError} `QUERY_INVALID` for a name that is not registered */
export function rendererOf(name: string): TraceRenderer {
  const renderer = renderers.get(name);
  if (renderer === undefined) throw new QueryError('QUERY_INVALID', `there is no trace format '${name}'`);
  return renderer;
}
