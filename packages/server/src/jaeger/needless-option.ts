import { jaegerEnv } from '../port-entry.ts';

interface NeedlessOptions {
  /** `*` is any end of a name; of a variable only after two words, since `ES_` and `AGENT_` begin others' names too */
  readonly flags: readonly string[];
  /** why nothing comes of them, after “has no effect: ” */
  readonly why: string;
}

/** Options of Jaeger 1 that are known and change nothing here. Each is a line of warning when it is given. */
export const needlessOptions: readonly NeedlessOptions[] = Object.freeze([
  options(
    `collector.queue-size collector.queue-size-memory collector.num-workers processor.jaeger-compact.workers
     processor.jaeger-binary.workers processor.zipkin-compact.workers
     processor.jaeger-compact.server-queue-size processor.jaeger-binary.server-queue-size
     processor.zipkin-compact.server-queue-size`,
    'there is no queue before the store; --memory bounds what is not on disk yet',
  ),
  options(
    `processor.jaeger-compact.server-max-packet-size processor.jaeger-binary.server-max-packet-size
     processor.jaeger-compact.server-socket-buffer-size processor.jaeger-binary.server-socket-buffer-size
     processor.zipkin-compact.server-max-packet-size processor.zipkin-compact.server-socket-buffer-size`,
    'packets of any size are taken, and the buffer is as large as the system allows',
  ),
  options(
    `collector.grpc-server.max-* collector.otlp.grpc.max-* collector.zipkin.keep-alive
     collector.http-server.idle-timeout collector.http-server.read-* collector.enable-span-size-metrics
     collector.otlp.http.idle-timeout collector.otlp.http.read-* query.grpc-server.max-message-size`,
    'connections and messages have limits of their own, see docs/limits.md',
  ),
  options(
    `collector.otlp.http.cors.* collector.otlp.grpc.cors.* collector.zipkin.cors.* collector.zipkin.allowed-*`,
    '--cors-origins says for all of them which web origins may send',
  ),
  options(
    `collector.grpc.tls.* collector.http.tls.* collector.otlp.grpc.tls.* collector.otlp.http.tls.*
     collector.zipkin.tls.* query.grpc.tls.* query.http.tls.* admin.http.tls.*`,
    'ports are not encrypted yet; put a proxy in front of them',
  ),
  options(`memory.max-traces`, 'traces are on disk; --retention-age and --retention-bytes bound them'),
  options(
    `badger.* badger.ephemeral badger.directory-key badger.consistency`,
    "Spoor's own store is in the place of Badger, keeps everything in one directory, and looks after itself",
  ),
  options(
    `es.* es-archive.* cassandra.* cassandra-archive.* grpc-storage.* grpc-storage-archive.* es.server-urls
     es.username es.password es.token-file es.index-prefix es.num-shards es.num-replicas es.use-aliases
     es.use-ilm es.max-span-age es.max-doc-count es.timeout es.version es.create-index-templates es.sniffer
     es.tls.* es.bulk.* es.tags-as-fields.* cassandra.servers cassandra.keyspace grpc-storage.server`,
    'Spoor keeps traces in its own store only so far',
  ),
  options(
    `kafka.* ingester.* kafka.producer.* kafka.consumer.*`,
    'spans go to the store at once; a request is acknowledged when it is on disk',
  ),
  options(
    `downsampling.* downsampling.ratio downsampling.hashsalt`,
    'all spans that arrive are kept; sampling strategies say what is sent',
  ),
  options(
    `prometheus.* prometheus.server-url prometheus.query.* metrics-storage.type`,
    'rates, errors and durations are computed from the stored spans',
  ),
  options(`dependency-storage.type`, 'calls between services are computed from the stored spans'),
  options(
    `multi-tenancy.* multi-tenancy.enabled multi-tenancy.header multi-tenancy.tenants`,
    'there are no tenants yet, and everybody sees the traces of all',
  ),
  options(`query.max-clock-skew-adjustment`, 'times are shown as they were sent, and never moved'),
  options(
    `query.bearer-token-propagation query.additional-headers query.enable-tracing`,
    'the query port passes nothing on, adds no headers, and does not trace itself',
  ),
  options(
    `query.log-static-assets-access metrics-backend metrics-http-route`,
    'metrics are Prometheus metrics at /metrics, and requests are not logged',
  ),
  options(
    `sampling.leader-lease-refresh-interval sampling.follower-lease-refresh-interval
     sampling.aggregation-buckets sampling.strategies.bearer-token`,
    'adaptive sampling is computed in this one process',
  ),
  options(`reporter.* agent.*`, "the ports of Jaeger's agent are open here, and nothing is passed on"),
  options(`jaeger.disabled`, 'Spoor does not trace itself'),
]);

function options(flags: string, why: string): NeedlessOptions {
  return { flags: flags.split(/\s+/), why };
}

/** @returns why it has no effect, if it is one of these */
export function whyNeedless(flag: string): string | undefined {
  return needlessOptions.find(({ flags }) => flags.some((pattern) => matches(pattern, flag)))?.why;
}

/** As {@link whyNeedless}, for a variable. */
export function whyNeedlessVariable(name: string): string | undefined {
  const isOf = (pattern: string): boolean => !/^[^.]*\.\*$/.test(pattern) && matches(jaegerEnv(pattern), name);
  return needlessOptions.find(({ flags }) => flags.some(isOf))?.why;
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** Whole names among them, for “did you mean”. */
export const needlessNames: readonly string[] = needlessOptions.flatMap(({ flags }) =>
  flags.filter((flag) => !flag.endsWith('*')),
);
