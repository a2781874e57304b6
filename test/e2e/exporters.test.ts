import { deepEqual, equal } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace';
import { askJaeger, type JaegerTrace } from './jaeger-client.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

let spoor: RunningSpoor;
before(async () => void (spoor = await startSpoor()));
after(async () => void (await spoor.stop()));

const exporters: Readonly<Record<string, () => SpanExporter>> = {
  gRPC: () => new GrpcExporter({ url: `http://${spoor.otlpGrpc}` }),
  'gRPC with gzip': () => new GrpcExporter({ url: `http://${spoor.otlpGrpc}`, compression: 'gzip' as never }),
  'HTTP protobuf': () => new ProtobufExporter({ url: `${spoor.otlpHttp}/v1/traces` }),
  'HTTP protobuf with gzip': () =>
    new ProtobufExporter({ url: `${spoor.otlpHttp}/v1/traces`, compression: 'gzip' as never }),
  'HTTP JSON': () => new JsonExporter({ url: `${spoor.otlpHttp}/v1/traces` }),
  'HTTP JSON with gzip': () => new JsonExporter({ url: `${spoor.otlpHttp}/v1/traces`, compression: 'gzip' as never }),
};

for (const [name, make] of Object.entries(exporters)) {
  test(`official exporter, ${name}: what it delivers is found`, async () => {
    const service = `shop ${name}`;
    const id = await deliver(make(), service);
    const { data } = await askJaeger(spoor.jaeger, '/api/traces', {
      service,
      tags: '{"http.response.status_code":">=500"}',
    });
    deepEqual(
      data.map((trace) => trace.traceID),
      [id],
    );
    checkTrace(data[0], service);
    const byId = await askJaeger(spoor.jaeger, `/api/traces/${id}`);
    deepEqual(byId.data, data);
  });
}

/**
 *     GET /cart (server)
 *       └─ query (client, fails, event "exception")
 */
async function deliver(exporter: SpanExporter, service: string): Promise<string> {
  const resource = resourceFromAttributes({ 'service.name': service, 'host.name': 'h' });
  const provider = new TracerProvider({ resource, spanProcessors: [new BatchSpanProcessor({ exporter })] });
  const tracer = provider.getTracer('e2e', '1.2.3');
  const { trace, ROOT_CONTEXT } = await import('@opentelemetry/api');
  const root = tracer.startSpan(
    'GET /cart',
    { kind: SpanKind.SERVER, attributes: { 'http.response.status_code': 503 } },
    ROOT_CONTEXT,
  );
  const child = tracer.startSpan('query', { kind: SpanKind.CLIENT }, trace.setSpan(ROOT_CONTEXT, root));
  child.setAttributes({ list: ['a', 'b'], ratio: 0.25, flag: true });
  child.recordException(new Error('no connection'));
  child.setStatus({ code: SpanStatusCode.ERROR, message: 'no connection' });
  child.end();
  root.end();
  await provider.forceFlush();
  await provider.shutdown();
  return root.spanContext().traceId;
}

function checkTrace(trace: JaegerTrace, service: string): void {
  equal(trace.spans.length, 2);
  const root = trace.spans.find((span) => span.operationName === 'GET /cart')!;
  const child = trace.spans.find((span) => span.operationName === 'query')!;
  deepEqual(root.references, []);
  deepEqual(child.references, [{ refType: 'CHILD_OF', traceID: trace.traceID, spanID: root.spanID }]);
  const tags = Object.fromEntries(child.tags.map(({ key, value }) => [key, value]));
  deepEqual(tags, {
    'otel.scope.name': 'e2e',
    'otel.scope.version': '1.2.3',
    list: '["a","b"]',
    ratio: 0.25,
    flag: true,
    'span.kind': 'client',
    'otel.status_code': 'ERROR',
    error: true,
    'otel.status_description': 'no connection',
  });
  equal(child.logs[0].fields[0].value, 'exception');
  equal(trace.processes[child.processID].serviceName, service);
}
