// remote-sampler.js URL SERVICE ENDPOINT asks for a sampling strategy at URL, starts a thousand spans under it, sends
// what it sampled to ENDPOINT by OTLP, and prints how many.

import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT_CONTEXT, TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { JaegerRemoteSampler } from '@opentelemetry/sampler-jaeger-remote';
import { AlwaysOffSampler, BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';

const [endpoint, serviceName, url] = process.argv.slice(2);
const provider = new BasicTracerProvider({
  resource: resourceFromAttributes({ 'service.name': serviceName }),
  sampler: new JaegerRemoteSampler({ endpoint, serviceName, poolingInterval: 100, initialSampler: new AlwaysOffSampler() }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url }))],
});
const tracer = provider.getTracer('sampled');

function isSampled(name) {
  const span = tracer.startSpan(name, {}, ROOT_CONTEXT);
  span.end();
  return (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
}

const deadline = Date.now() + 20_000;
while (!isSampled('first')) {
  if (Date.now() > deadline) throw new Error('no strategy came: nothing was sampled in 20 s');
  await sleep(10);
}
const sampled = Array.from({ length: 1000 }, () => isSampled('sampled')).filter(Boolean).length;
console.log(`sampled=${sampled}`);
await provider.shutdown();
process.exit(0); // the sampler's timer would keep the process alive
