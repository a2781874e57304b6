import { Server } from '@grpc/grpc-js';
import { limits } from '@spoor/model';
import { zstdMessages } from '../grpc-zstd.ts';
import { addServices, type GrpcMethods } from '../grpc-services.ts';
import type { UnaryBytes } from '../grpc-unary.ts';
import { reportFault, type JaegerGrpcOptions } from './grpc-method.ts';
import { queryMethodsV2, queryMethodsV3, type JaegerQueryGrpcOptions } from './query-grpc.ts';
import { remoteStorageMethods } from './remote-storage-grpc.ts';
import { remoteStorageMethodsV1 } from './remote-storage-v1-grpc.ts';

/** Jaeger's query API over gRPC: both of its versions. */
export function createJaegerQueryServer(options: JaegerQueryGrpcOptions): Server {
  return serve(new Server(serverOptions), options, [queryMethodsV2(options), queryMethodsV3(options)]);
}

/**
 * What a Jaeger needs of the storage behind it, to read and to write.
 *
 * @param writeMethods  OTLP's `Export` of traces, and what a Jaeger 1 writes by
 */
export function createRemoteStorageServer(
  options: JaegerGrpcOptions,
  writeMethods: Readonly<Record<string, UnaryBytes>>,
): Server {
  const server = new Server({
    ...serverOptions,
    'grpc.max_receive_message_length': limits.requestBytesMax,
    interceptors: [zstdMessages(limits.requestBytesMax)],
  });
  return serve(server, options, [
    remoteStorageMethods(options),
    remoteStorageMethodsV1(options),
    { unary: writeMethods, streaming: {} },
  ]);
}

/** A Jaeger keeps its connection for hours; pings more often than grpc's default would be answered with GOAWAY. */
const serverOptions = Object.freeze({ 'grpc.http2.min_ping_interval_without_data_ms': 5_000 });

function serve(server: Server, options: JaegerGrpcOptions, methods: readonly GrpcMethods[]): Server {
  addServices(server, methods, (path, error) => reportFault(options, path, error));
  return server;
}
