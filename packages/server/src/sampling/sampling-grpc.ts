import { Server } from '@grpc/grpc-js';
import type { Authorize } from '../authorize.ts';
import { grpcError, headersOf, healthMethods, unaryService, type UnaryBytes } from '../grpc-unary.ts';
import { decodeStrategyParameters, encodeStrategy } from './sampling-protobuf.ts';
import type { StrategyProvider } from './sampling-strategy.ts';

export interface SamplingManagerOptions {
  readonly strategies: StrategyProvider;
  readonly authorize: Authorize;
}

const path = '/jaeger.api_v2.SamplingManager/GetSamplingStrategy';

/** `jaeger.api_v2.SamplingManager`: on Jaeger's collector port, and on a port of its own. */
export function samplingMethods({
  strategies,
  authorize,
}: SamplingManagerOptions): Readonly<Record<string, UnaryBytes>> {
  const getSamplingStrategy: UnaryBytes = (call, callback) => {
    try {
      authorize({ protocol: 'grpc', path, headers: headersOf(call.metadata), remoteAddress: call.getPeer() });
      callback(null, encodeStrategy(strategies.strategyFor(decodeStrategyParameters(call.request))));
    } catch (error) {
      callback(grpcError(error));
    }
  };
  return { [path]: getSamplingStrategy };
}

/** A server for the sampling port alone: the largest request is a service's name. */
export function createSamplingGrpcServer(options: SamplingManagerOptions): Server {
  const server = new Server({ 'grpc.max_receive_message_length': 64 * 1024 });
  const { definition, implementation } = unaryService({ ...samplingMethods(options), ...healthMethods });
  server.addService(definition, implementation);
  return server;
}
