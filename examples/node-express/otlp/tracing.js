// Tracing for both services, loaded before them: `node --import ./tracing.js app.js`. Where spans go is for the
// environment to say: OTEL_EXPORTER_OTLP_ENDPOINT, http://localhost:4318 without it. So are the service's name
// (OTEL_SERVICE_NAME) and sampling (OTEL_TRACES_SAMPLER, every trace without it).

import { register } from 'import-in-the-middle/register-hooks.mjs';
import { DiagConsoleLogger, DiagLogLevel, diag, propagation } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { ExpressInstrumentation, ExpressLayerType } from '@opentelemetry/instrumentation-express';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PinoInstrumentation } from '@opentelemetry/instrumentation-pino';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';

// Express is imported, not required: without this hook its route would be missing from the names of spans.
register();

// Without a logger, failures to send are silent.
diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.WARN);

// Baggage is sent to whoever is called, and comes from whoever calls: only these keys become attributes.
const baggageKeys = ['user_id'];
const baggageAttributes = {
  onStart(span, parentContext) {
    for (const key of baggageKeys) {
      const entry = propagation.getBaggage(parentContext)?.getEntry(key);
      if (entry !== undefined) span.setAttribute(key, entry.value);
    }
  },
  onEnd() {},
  forceFlush: async () => {},
  shutdown: async () => {},
};

const sdk = new NodeSDK({
  spanProcessors: [baggageAttributes, new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  metricReaders: [], // traces only
  instrumentations: [
    new HttpInstrumentation(), // a span for each request, in the trace that its headers name
    new UndiciInstrumentation(), // a span for each fetch, and its headers: traceparent, tracestate, baggage
    new ExpressInstrumentation({ ignoreLayersType: [ExpressLayerType.MIDDLEWARE] }),
    new PinoInstrumentation({ disableLogSending: true }), // every line of log knows its trace
  ],
});
sdk.start();

// What was not sent yet is sent before the process ends.
process.once('SIGTERM', () => void sdk.shutdown().finally(() => process.exit(0)));
