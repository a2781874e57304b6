import { Server, type ServerUnaryCall } from '@grpc/grpc-js';
import { limits } from '@spoor/model';
import type { Authorize } from '../authorize.ts';
import type { ByteBudget } from '../byte-budget.ts';
import { refusedMessages } from '../grpc-refusals.ts';
import { grpcError, headersOf, healthMethods, unaryService, type UnaryBytes } from '../grpc-unary.ts';
import { encodeOutcome } from './otlp-reply.ts';
import type { OtlpExport, OtlpSignal } from './otlp-request.ts';

export interface OtlpGrpcOptions {
  readonly export: OtlpExport;
  readonly authorize: Authorize;
  /** memory for bodies, shared by all receivers; gRPC has collected a message before it is charged here */
  readonly bodyBytes: ByteBudget;
  readonly onError: (signal: OtlpSignal | undefined, error: unknown) => void;
}

const exportPath: Readonly<Record<OtlpSignal, string>> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
};

/**
 * OTLP over gRPC. Messages pass as bytes: the decoder reads them straight into columns, and grpc-js neither builds
 * nor validates anything. Also answers `grpc.health.v1.Health/Check`, which orchestrators and Collectors ask.
 */
export function createOtlpGrpcServer(options: OtlpGrpcOptions): Server {
  const server = new Server({
    'grpc.max_receive_message_length': limits.requestBytesMax,
    // A Collector keeps its connection for hours; pings more often than grpc's default would be answered with GOAWAY.
    'grpc.http2.min_ping_interval_without_data_ms': 5_000,
    interceptors: [refusedMessages(limits.requestBytesMax, (path, error) => options.onError(signalOf(path), error))],
  });
  const methods = exportMethods(options, ['traces', 'logs', 'metrics']);
  const { definition, implementation } = unaryService({ ...methods, ...healthMethods });
  server.addService(definition, implementation);
  return server;
}

function signalOf(path: string): OtlpSignal | undefined {
  return (Object.keys(exportPath) as OtlpSignal[]).find((signal) => exportPath[signal] === path);
}

/** The `Export` methods of some signals, for whatever server takes them. */
export function exportMethods(
  options: OtlpGrpcOptions,
  signals: readonly OtlpSignal[],
): Readonly<Record<string, UnaryBytes>> {
  return Object.fromEntries(signals.map((signal) => [exportPath[signal], exportHandler(options, signal)]));
}

function exportHandler(options: OtlpGrpcOptions, signal: OtlpSignal): UnaryBytes {
  return (call, callback) => {
    takeRequest(options, signal, call).then(
      (answer) => callback(null, answer),
      (error: unknown) => {
        options.onError(signal, error);
        callback(grpcError(error));
      },
    );
  };
}

async function takeRequest(
  options: OtlpGrpcOptions,
  signal: OtlpSignal,
  call: ServerUnaryCall<Buffer, Uint8Array>,
): Promise<Uint8Array> {
  const tenant = options.authorize({
    protocol: 'grpc',
    path: exportPath[signal],
    headers: headersOf(call.metadata),
    remoteAddress: call.getPeer(),
  });
  const body = call.request;
  using hold = options.bodyBytes.open();
  hold.take(body.length);
  const outcome = await options.export({
    tenant,
    transport: 'grpc',
    signal,
    encoding: 'protobuf',
    coding: 'identity',
    received: body,
    body,
  });
  return encodeOutcome('protobuf', signal, outcome);
}
