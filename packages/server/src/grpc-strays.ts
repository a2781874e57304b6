import type { sendUnaryData, Server, ServerUnaryCall } from '@grpc/grpc-js';
import { RpcCode } from '@spoor/wire';
import { asBuffer, bytesOnly } from './grpc-unary.ts';
import { homeOf, WrongProtocol, type OnMistake } from './wrong-protocol.ts';

/** What clients of other ports call first, by service. */
const called: Readonly<Record<string, readonly string[]>> = {
  'opentelemetry.proto.collector.trace.v1.TraceService': ['Export'],
  'opentelemetry.proto.collector.logs.v1.LogsService': ['Export'],
  'opentelemetry.proto.collector.metrics.v1.MetricsService': ['Export'],
  'jaeger.api_v2.CollectorService': ['PostSpans'],
  'jaeger.api_v2.SamplingManager': ['GetSamplingStrategy'],
  'jaeger.api_v2.QueryService': ['GetServices', 'GetOperations', 'GetTrace', 'FindTraces', 'GetDependencies'],
  'jaeger.api_v3.QueryService': ['GetServices', 'GetOperations', 'GetTrace', 'FindTraces', 'FindTraceSummaries'],
  'jaeger.storage.v1.PluginCapabilities': ['Capabilities'],
  'jaeger.storage.v1.SpanReaderPlugin': ['GetServices', 'GetOperations', 'GetTrace', 'FindTraces'],
  'jaeger.storage.v1.SpanWriterPlugin': ['WriteSpan'],
  'jaeger.storage.v2.TraceReader': ['GetServices', 'GetOperations', 'GetTraces', 'FindTraces', 'FindTraceIDs'],
};

/**
 * Answers calls that belong to another port with its number, where grpc-js would say that there is no such method. What the
 * server has already stays.
 *
 * @param title  what the port takes, for people
 */
export function refuseStrays(server: Server, title: string, onMistake: OnMistake | undefined): void {
  for (const [service, methods] of Object.entries(called)) {
    for (const method of methods) {
      const path = `/${service}/${method}`;
      const message = `this port takes ${title}, and not ${path}; ${homeOf(path)}`;
      const refuse = (call: ServerUnaryCall<Buffer, Uint8Array>, callback: sendUnaryData<Uint8Array>): void => {
        const error = new WrongProtocol('wrong_protocol', message);
        onMistake?.({ error, firstBytes: call.request, sender: call.getPeer() });
        callback({ code: RpcCode.unimplemented, details: message });
      };
      server.register(path, refuse, asBuffer, bytesOnly.requestDeserialize, 'unary');
    }
  }
}
