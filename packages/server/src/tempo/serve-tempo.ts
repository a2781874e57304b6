import { ServerCredentials } from '@grpc/grpc-js';
import { limits } from '@spoor/model';
import { closeGrpc, listenGrpc } from '../grpc-listener.ts';
import { listenHttp, type Listener, type ListenerName } from '../http-listener.ts';
import type { PrometheusApi } from '../prometheus/prometheus-api.ts';
import { createTempoGrpcServer } from './streaming-querier.ts';
import { TempoApi, type TempoOptions } from './tempo-api.ts';

/** Opens Tempo's ports. Both throw {@link ListenError}. */
export interface TempoPorts {
  /** HTTP, and gRPC without TLS on the same port: Grafana streams from the address it was given for HTTP */
  listenHttp(name: ListenerName, addresses: readonly string[]): Promise<Listener>;
  listenGrpc(name: ListenerName, addresses: readonly string[]): Promise<Listener>;
}

/** @param prometheus  answers on the same HTTP port: in Grafana one address is then both data sources */
export function serveTempo(options: TempoOptions, prometheus: PrometheusApi): TempoPorts {
  return {
    listenHttp: async (name, addresses) => {
      const api = new TempoApi(options);
      // A server of its own, since one whose port is taken is shut down whole.
      const grpc = createTempoGrpcServer(options);
      const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
      const http = await listenHttp(
        {
          ...name,
          onRequest: (request, response) => {
            if (!prometheus.answer(request, response)) void api.handle(request, response);
          },
          headerBytesMax: limits.tempoHeaderBytesMax,
          onHttp2: (socket) => injector.injectConnection(socket),
        },
        addresses,
      );
      return {
        port: http.port,
        close: async (graceMilli) => {
          await Promise.all([http.close(graceMilli), closeGrpc(grpc, graceMilli)]);
        },
      };
    },
    listenGrpc: (name, addresses) => listenGrpc(createTempoGrpcServer(options), name, addresses),
  };
}
