import type { PortEntry } from '../port-entry.ts';

/** A port of Jaeger's or Zipkin's clients. */
export interface ReceiverEntry extends PortEntry {
  /** label in metrics, name in the log */
  readonly name: ReceiverName;
}

export type ReceiverName =
  | 'jaeger-compact'
  | 'jaeger-binary'
  | 'jaeger-zipkin-compact'
  | 'jaeger-thrift-http'
  | 'jaeger-grpc'
  | 'zipkin'
  | 'sampling-http'
  | 'sampling-grpc';

/** All of them, in the order of their age. Each is on unless it is switched off. */
export const receiverEntries = Object.freeze([
  {
    name: 'jaeger-compact',
    title: "Jaeger's agent, compact Thrift over UDP",
    flag: 'jaeger-compact-port',
    env: 'SPOOR_JAEGER_COMPACT_PORT',
    port: 6831,
    jaegerFlag: 'processor.jaeger-compact.server-host-port',
  },
  {
    name: 'jaeger-binary',
    title: "Jaeger's agent, binary Thrift over UDP",
    flag: 'jaeger-binary-port',
    env: 'SPOOR_JAEGER_BINARY_PORT',
    port: 6832,
    jaegerFlag: 'processor.jaeger-binary.server-host-port',
  },
  {
    name: 'jaeger-zipkin-compact',
    title: "Jaeger's agent, Zipkin's Thrift over UDP",
    flag: 'jaeger-zipkin-compact-port',
    env: 'SPOOR_JAEGER_ZIPKIN_COMPACT_PORT',
    port: 5775,
    jaegerFlag: 'processor.zipkin-compact.server-host-port',
  },
  {
    name: 'jaeger-thrift-http',
    title: "Jaeger's collector, Thrift over HTTP",
    flag: 'jaeger-thrift-http-port',
    env: 'SPOOR_JAEGER_THRIFT_HTTP_PORT',
    port: 14268,
    jaegerFlag: 'collector.http-server.host-port',
  },
  {
    name: 'jaeger-grpc',
    title: "Jaeger's collector, gRPC",
    flag: 'jaeger-grpc-port',
    env: 'SPOOR_JAEGER_GRPC_PORT',
    port: 14250,
    jaegerFlag: 'collector.grpc-server.host-port',
  },
  {
    name: 'zipkin',
    title: 'Zipkin over HTTP',
    flag: 'zipkin-port',
    env: 'SPOOR_ZIPKIN_PORT',
    port: 9411,
    jaegerFlag: 'collector.zipkin.host-port',
  },
  {
    name: 'sampling-http',
    title: 'sampling strategies over HTTP',
    flag: 'sampling-http-port',
    env: 'SPOOR_SAMPLING_HTTP_PORT',
    port: 5778,
    jaegerFlag: 'http-server.host-port',
  },
  {
    name: 'sampling-grpc',
    title: 'sampling strategies over gRPC',
    flag: 'sampling-grpc-port',
    env: 'SPOOR_SAMPLING_GRPC_PORT',
    port: 5779,
    jaegerFlag: undefined,
  },
] as const satisfies readonly ReceiverEntry[]);
