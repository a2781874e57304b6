import { Server } from '@grpc/grpc-js';
import { limits } from '@spoor/model';
import { streamingService } from '../grpc-streaming.ts';
import { healthMethods, unaryService, type UnaryBytes } from '../grpc-unary.ts';
import { reportFault, type JaegerGrpcOptions, type JaegerMethods } from './grpc-method.ts';
import { queryMethodsV2, queryMethodsV3, type JaegerQueryGrpcOptions } from './query-grpc.ts';
import { remoteStorageMethods } from './remote-storage-grpc.ts';

/** Jaeger's query API over gRPC: both of its versions. */
export function createJaegerQueryServer(options: JaegerQueryGrpcOptions): Server {
  const server = new Server(serverOptions);
  serve(server, options, [queryMethodsV2(options), queryMethodsV3(options)], healthMethods);
  return server;
}

/**
 * What a Jaeger needs of the storage behind it, to read and to write.
 *
 * @param writeMethods  OTLP's `Export` of traces
 */
export function createRemoteStorageServer(
  options: JaegerGrpcOptions,
  writeMethods: Readonly<Record<string, UnaryBytes>>,
): Server {
  const server = new Server({ ...serverOptions, 'grpc.max_receive_message_length': limits.requestBytesMax });
  serve(server, options, [remoteStorageMethods(options)], { ...writeMethods, ...healthMethods });
  return server;
}

/** A Jaeger keeps its connection for hours; pings more often than grpc's default would be answered with GOAWAY. */
const serverOptions = Object.freeze({ 'grpc.http2.min_ping_interval_without_data_ms': 5_000 });

function serve(
  server: Server,
  options: JaegerGrpcOptions,
  services: readonly JaegerMethods[],
  more: Readonly<Record<string, UnaryBytes>>,
): void {
  const onError = (path: string, error: unknown): void => reportFault(options, path, error);
  const unary = Object.assign({}, ...services.map((service) => service.unary), more) as typeof more;
  const streaming = Object.assign({}, ...services.map((service) => service.streaming)) as JaegerMethods['streaming'];
  for (const { definition, implementation } of [unaryService(unary), streamingService(streaming, onError)]) {
    server.addService(definition, implementation);
  }
}
