import {
  Metadata,
  Server,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServiceDefinition,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import { limits } from '@spoor/model';
import type { Authorize } from '../authorize.ts';
import type { ByteBudget } from '../byte-budget.ts';
import { publicMessage, statusOf } from '../error-status.ts';
import { encodeOutcome, encodeStatus } from './otlp-reply.ts';
import type { OtlpExport, OtlpSignal } from './otlp-request.ts';

export interface OtlpGrpcOptions {
  readonly export: OtlpExport;
  readonly authorize: Authorize;
  /** memory for bodies, shared by all receivers; gRPC has collected a message before it is charged here */
  readonly bodyBytes: ByteBudget;
  readonly onError: (signal: OtlpSignal, error: unknown) => void;
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
  });
  for (const signal of ['traces', 'logs', 'metrics'] as const) {
    server.addService(unaryBytes({ export: exportPath[signal] }), { export: exportHandler(options, signal) });
  }
  server.addService(unaryBytes({ check: '/grpc.health.v1.Health/Check' }), { check: answerServing });
  return server;
}

type UnaryBytes = (call: ServerUnaryCall<Buffer, Uint8Array>, callback: sendUnaryData<Uint8Array>) => void;

function exportHandler(options: OtlpGrpcOptions, signal: OtlpSignal): UntypedHandleCall {
  const handle: UnaryBytes = (call, callback) => {
    takeRequest(options, signal, call).then(
      (answer) => callback(null, answer),
      (error: unknown) => {
        options.onError(signal, error);
        callback(grpcError(error));
      },
    );
  };
  return handle;
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

/** Code, message and, where the client may retry, RetryInfo in the trailer that carries `google.rpc.Status`. */
function grpcError(error: unknown): { code: number; details: string; metadata: Metadata } {
  const status = statusOf(error);
  const details = publicMessage(error);
  const metadata = new Metadata();
  if (status.retryAfterSeconds !== undefined) {
    metadata.set('grpc-status-details-bin', asBuffer(encodeStatus('protobuf', status, details)));
  }
  return { code: status.grpc, details, metadata };
}

function headersOf(metadata: Metadata): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(metadata.getMap())) headers[name] = value.toString();
  return headers;
}

/** `HealthCheckResponse { status = SERVING }`, whatever service is asked for: a process that answers takes spans. */
const serving = Uint8Array.of(0x08, 0x01);
const answerServing: UnaryBytes = (_call, callback) => callback(null, serving);

function unaryBytes(paths: Readonly<Record<string, string>>): ServiceDefinition {
  const definition: Record<string, ServiceDefinition[string]> = {};
  for (const [name, path] of Object.entries(paths)) {
    definition[name] = {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: asBuffer,
      requestDeserialize: (bytes: Buffer) => bytes,
      responseSerialize: asBuffer,
      responseDeserialize: (bytes: Buffer) => bytes,
    };
  }
  return definition;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
