/** A port of the program: what it is called, where it is by default, and by which options it moves. */
export interface PortEntry {
  readonly name: string;
  /** as a person knows it, in help and in messages */
  readonly title: string;
  readonly flag: string;
  readonly env: string;
  /** by default */
  readonly port: number;
  /** Jaeger's own option for it, `host:port`, when it has one; its variable is the same in capitals with `_` */
  readonly jaegerFlag: string | undefined;
}

export type PortName = (typeof portEntries)[number]['name'];

/** The ports that are not of Jaeger's or Zipkin's clients (for those see `receivers/receiver-entry.ts`). */
export const portEntries = Object.freeze([
  {
    name: 'otlp-grpc',
    title: 'OTLP over gRPC',
    flag: 'otlp-grpc-port',
    env: 'SPOOR_OTLP_GRPC_PORT',
    port: 4317,
    jaegerFlag: 'collector.otlp.grpc.host-port',
  },
  {
    name: 'otlp-http',
    title: 'OTLP over HTTP, protobuf and JSON',
    flag: 'otlp-http-port',
    env: 'SPOOR_OTLP_HTTP_PORT',
    port: 4318,
    jaegerFlag: 'collector.otlp.http.host-port',
  },
  {
    name: 'jaeger-http',
    title: "the page, Jaeger's HTTP API, /ready and /metrics",
    flag: 'jaeger-http-port',
    env: 'SPOOR_JAEGER_HTTP_PORT',
    port: 16686,
    jaegerFlag: 'query.http-server.host-port',
  },
  {
    name: 'jaeger-query-grpc',
    title: "Jaeger's query API over gRPC",
    flag: 'jaeger-query-grpc-port',
    env: 'SPOOR_JAEGER_QUERY_GRPC_PORT',
    port: 16685,
    jaegerFlag: 'query.grpc-server.host-port',
  },
  {
    name: 'remote-storage',
    title: 'the storage of a Jaeger in front, over gRPC',
    flag: 'remote-storage-port',
    env: 'SPOOR_REMOTE_STORAGE_PORT',
    port: 17271,
    jaegerFlag: undefined,
  },
  {
    name: 'tempo-http',
    title: "Tempo's HTTP API, and its streaming gRPC API on the same port",
    flag: 'tempo-http-port',
    env: 'SPOOR_TEMPO_HTTP_PORT',
    port: 3200,
    jaegerFlag: undefined,
  },
  {
    name: 'tempo-grpc',
    title: "Tempo's streaming gRPC API",
    flag: 'tempo-grpc-port',
    env: 'SPOOR_TEMPO_GRPC_PORT',
    port: 9095,
    jaegerFlag: undefined,
  },
  {
    name: 'admin',
    title: "health and metrics, where Jaeger's collector has them",
    flag: 'admin-port',
    env: 'SPOOR_ADMIN_PORT',
    port: 14269,
    jaegerFlag: 'admin.http.host-port',
  },
  {
    name: 'query-admin',
    title: "health and metrics, where Jaeger's query has them",
    flag: 'query-admin-port',
    env: 'SPOOR_QUERY_ADMIN_PORT',
    port: 16687,
    jaegerFlag: undefined,
  },
] as const satisfies readonly PortEntry[]);

/** The variable of a Jaeger option: `--collector.zipkin.host-port` is `COLLECTOR_ZIPKIN_HOST_PORT`. */
export function jaegerEnv(flag: string): string {
  return flag.toUpperCase().replaceAll(/[.-]/g, '_');
}
