import type { ClientProtocol } from './foreign-bodies.ts';
import { grpcSender, httpSender, type Send, udpSender } from './senders.ts';
import type { ServerProcess } from './server-process.ts';

/** How bodies of a protocol get to a server. */
export function senderOf(protocol: ClientProtocol, server: ServerProcess): Send {
  const { receiverPorts: ports } = server;
  switch (protocol) {
    case 'otlp-grpc':
      return grpcSender(server.otlpGrpcPort, '/opentelemetry.proto.collector.trace.v1.TraceService/Export');
    case 'otlp-http':
    case 'otlp-json': {
      const contentType = protocol === 'otlp-json' ? 'application/json' : 'application/x-protobuf';
      return httpSender({ port: server.otlpHttpPort, path: '/v1/traces', contentType, status: 200 });
    }
    case 'jaeger-compact':
    case 'jaeger-binary':
      return udpSender(ports[protocol]);
    case 'jaeger-thrift-http':
      return httpSender({
        port: ports[protocol],
        path: '/api/traces',
        contentType: 'application/x-thrift',
        status: 202,
      });
    case 'jaeger-grpc':
      return grpcSender(ports[protocol], '/jaeger.api_v2.CollectorService/PostSpans');
    case 'zipkin-json':
    case 'zipkin-protobuf': {
      const contentType = protocol === 'zipkin-json' ? 'application/json' : 'application/x-protobuf';
      return httpSender({ port: ports.zipkin, path: '/api/v2/spans', contentType, status: 202 });
    }
  }
}

/** Nothing answers a datagram. */
export function isUdp(protocol: ClientProtocol): boolean {
  return protocol === 'jaeger-compact' || protocol === 'jaeger-binary';
}

/** A datagram holds 65,507 bytes, and spans of the capture take up to 1,400 in compact Thrift (of some service), 1,300 in binary. */
export function spansPerBodyOf(protocol: ClientProtocol, wanted: number): number {
  if (protocol === 'jaeger-binary') return Math.min(wanted, 50);
  return protocol === 'jaeger-compact' ? Math.min(wanted, 45) : wanted;
}
