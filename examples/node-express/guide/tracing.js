// The guide's tracer, for both services. What the guide leaves out is marked with a plus.

const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
const { JaegerExporter } = require('@opentelemetry/exporter-jaeger');
const { BatchSpanProcessor } = require('@opentelemetry/sdk-trace-base');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { ExpressInstrumentation } = require('@opentelemetry/instrumentation-express');
const { DiagConsoleLogger, DiagLogLevel, diag, propagation, trace } = require('@opentelemetry/api'); // +

// + Without it, failures to send are silent.
diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.WARN);

exports.initTracer = function initTracer(serviceName) {
  // Initialize tracer
  const provider = new NodeTracerProvider({
    resource: { attributes: { 'service.name': serviceName } }
  });

  const exporter = new JaegerExporter({
    // the guide has http://jaeger:14268/api/traces
    endpoint: process.env.JAEGER_ENDPOINT ?? 'http://localhost:14268/api/traces'
  });

  provider.addSpanProcessor(baggageAttributes(['user_id'])); // +
  provider.addSpanProcessor(new BatchSpanProcessor(exporter));
  provider.register();

  // Instrument libraries
  registerInstrumentations({
    instrumentations: [
      new HttpInstrumentation(),
      new ExpressInstrumentation(),
    ],
  });

  // + What was not sent yet is sent before the process ends.
  process.once('SIGTERM', () => provider.shutdown().finally(() => process.exit(0)));
};

/** + A span processor that puts these entries of the baggage, and no others, on every span. */
function baggageAttributes(keys) {
  return {
    onStart(span, parentContext) {
      for (const key of keys) {
        const entry = propagation.getBaggage(parentContext)?.getEntry(key);
        if (entry !== undefined) span.setAttribute(key, entry.value);
      }
    },
    onEnd() {},
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}

/** + One line of log, which names the trace that it belongs to. */
exports.log = function log(message) {
  console.log(`trace_id=${trace.getActiveSpan()?.spanContext().traceId ?? '-'} ${message}`);
};
