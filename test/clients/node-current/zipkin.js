// zipkin.js URL SERVICE sends one trace of two spans and prints its id.

import process from 'node:process';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { ZipkinExporter } from '@opentelemetry/exporter-zipkin';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

const [url, service] = process.argv.slice(2);
const provider = new TracerProvider({
  resource: resourceFromAttributes({ 'service.name': service }),
  spanProcessors: [new BatchSpanProcessor({ exporter: new ZipkinExporter({ url }) })],
});
const tracer = provider.getTracer('orders', '1.2.3');

const cart = tracer.startSpan('GET /cart', { kind: SpanKind.SERVER }, ROOT_CONTEXT);
cart.setAttributes({ 'order.note': 'naïve 雪', 'order.items': 3, 'order.total': 0.25, 'order.gift': true });
cart.setAttribute('order.tags', ['a', 'b']);
const charge = tracer.startSpan('charge', { kind: SpanKind.CLIENT }, trace.setSpan(ROOT_CONTEXT, cart));
charge.addEvent('retry', { attempt: 2 });
charge.recordException(new Error('card declined'));
charge.setStatus({ code: SpanStatusCode.ERROR, message: 'card declined' });
charge.end();
cart.end();
console.log(`trace_id=${cart.spanContext().traceId}`);
await provider.shutdown();
