import {
  Server,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Authorize } from '../authorize.ts';
import { publicMessage, statusOf } from '../error-status.ts';
import { decodeStrategyParameters, encodeStrategy } from './sampling-protobuf.ts';
import type { StrategyProvider } from './sampling-strategy.ts';

export interface SamplingManagerOptions {
  readonly strategies: StrategyProvider;
  readonly authorize: Authorize;
}

const path = '/jaeger.api_v2.SamplingManager/GetSamplingStrategy';

/** `jaeger.api_v2.SamplingManager`, as grpc-js wants it. Messages pass as bytes. */
export const samplingManagerDefinition: ServiceDefinition = {
  getSamplingStrategy: {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: asBuffer,
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: asBuffer,
    responseDeserialize: (bytes: Buffer) => bytes,
  },
};

/** The handlers of {@link samplingManagerDefinition}: for `server.addService`, on whichever port. */
export function samplingManager({ strategies, authorize }: SamplingManagerOptions): UntypedServiceImplementation {
  const getSamplingStrategy = (
    call: ServerUnaryCall<Buffer, Uint8Array>,
    callback: sendUnaryData<Uint8Array>,
  ): void => {
    try {
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(call.metadata.getMap())) headers[name] = value.toString();
      authorize({ protocol: 'grpc', path, headers, remoteAddress: call.getPeer() });
      callback(null, encodeStrategy(strategies.strategyFor(decodeStrategyParameters(call.request))));
    } catch (error) {
      callback({ code: statusOf(error).grpc, details: publicMessage(error) });
    }
  };
  return { getSamplingStrategy };
}

/** A server for the sampling port alone: the largest request is a service's name. */
export function createSamplingGrpcServer(options: SamplingManagerOptions): Server {
  const server = new Server({ 'grpc.max_receive_message_length': 64 * 1024 });
  server.addService(samplingManagerDefinition, samplingManager(options));
  return server;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
