import { hostname } from 'node:os';
import process from 'node:process';
import { context, propagation, trace, type Context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider, type Span, type SpanProcessor } from '@opentelemetry/sdk-trace';

/** Spans leave so soon after their end: one sees them at once, and each process still sends a handful of times a second. */
const exportDelayMilli = 250;

/** Which entries of the baggage every span gets as attributes. What else travels there stays private. */
const copiedBaggage: ReadonlySet<string> = new Set(['user_id', 'tenant']);

/** Copies entries of the baggage onto each span as it starts, so that spans of every service can be found by them. */
class BaggageSpanProcessor implements SpanProcessor {
  onStart(span: Span, parent: Context): void {
    for (const [key, { value }] of propagation.getBaggage(parent)?.getAllEntries() ?? []) {
      if (copiedBaggage.has(key)) span.setAttribute(key, value);
    }
  }

  onEnd(): void {}

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}

/**
 * Sets up OpenTelemetry's SDK for this process: W3C trace context and baggage over every hop, spans to `endpoint` by OTLP.
 *
 * @returns to be called at the end: sends what is left
 */
export function startTelemetry(service: string, endpoint: string): () => Promise<void> {
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces` });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': service,
      'service.version': '1.4.2',
      'service.namespace': 'demo',
      'service.instance.id': `${hostname()}:${process.pid}`,
      'deployment.environment.name': 'demo',
      'host.name': hostname(),
      'process.pid': process.pid,
    }),
    spanProcessors: [
      new BaggageSpanProcessor(),
      new BatchSpanProcessor({ exporter, scheduledDelayMillis: exportDelayMilli }),
    ],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(
    new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
  );
  trace.setGlobalTracerProvider(provider);
  return () => provider.shutdown();
}
