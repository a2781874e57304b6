import type { OptionFlag } from '../config-option.ts';

/**
 * What a key of Tempo's file means here. A key without an entry means what the nearest key above it means, and is
 * unknown when there is none.
 */
export type TempoKeyMeaning =
  /** it is this option, in the same words */
  | { readonly option: OptionFlag }
  /** it has no part in one process that needs no tuning: all of these are one quiet line together */
  | { readonly isNeedless: true }
  /** somebody may miss it: one line that says why nothing comes of it */
  | { readonly ignored: string }
  /** `tempo-config.ts` reads it, since it is more than a word */
  | { readonly isRead: true };

const needless: TempoKeyMeaning = { isNeedless: true };
const read: TempoKeyMeaning = { isRead: true };
const ignored = (why: string): TempoKeyMeaning => ({ ignored: why });
const objectStore = ignored('it is for another backend than local, and those are not there yet');
const tls = ignored('ports are not encrypted yet; put a proxy in front of them');

/**
 * The keys of Tempo 2 and 3, by their whole names.
 *
 * Source: the configuration reference of Tempo 2.4 to 3.0.
 */
export const tempoKeys: Readonly<Record<string, TempoKeyMeaning>> = Object.freeze({
  target: read,
  auth_enabled: read,
  multitenancy_enabled: read,
  http_api_prefix: { option: 'tempo-api-prefix' },
  stream_over_http_enabled: needless,
  autocomplete_filtering_enabled: needless,
  search_enabled: needless,
  shutdown_delay: needless,
  use_otel_tracer: needless,
  enable_go_runtime_metrics: needless,
  usage_report: needless,
  memory: needless,

  'server.http_listen_address': read,
  'server.http_listen_port': read,
  'server.grpc_listen_address': read,
  'server.grpc_listen_port': read,
  'server.log_level': { option: 'log-level' },
  'server.log_format': read,
  'server.http_tls_config': tls,
  'server.grpc_tls_config': tls,
  'server.http_path_prefix': ignored('http_api_prefix is what there is'),
  ...needlessUnder('server', [
    'http_listen_network',
    'http_listen_conn_limit',
    'grpc_listen_network',
    'grpc_listen_conn_limit',
    'http_server_read_timeout',
    'http_server_read_header_timeout',
    'http_server_write_timeout',
    'http_server_idle_timeout',
    'graceful_shutdown_timeout',
    'register_instrumentation',
    'tls_cipher_suites',
    'grpc_server_max_recv_msg_size',
    'grpc_server_max_send_msg_size',
    'grpc_server_max_concurrent_streams',
    'grpc_server_max_connection_idle',
    'grpc_server_max_connection_age',
    'grpc_server_max_connection_age_grace',
    'grpc_server_keepalive_time',
    'grpc_server_keepalive_timeout',
    'grpc_server_min_time_between_pings',
    'grpc_server_ping_without_stream_allowed',
    'log_source_ips_enabled',
    'log_request_headers',
    'log_request_at_info_level_enabled',
    'tls_min_version',
    'proxy_protocol_enabled',
    'cluster_validation',
    'instrumentation_request_duration_buckets',
    'per_tenant_duration_instrumentation',
  ]),
  internal_server: needless,

  'distributor.receivers': read,
  'distributor.forwarders': ignored('spans are kept here and sent nowhere else'),
  'distributor.log_received_spans': ignored('what arrives is on the home page and in /metrics, not in the log'),
  'distributor.log_received_traces': ignored('what arrives is on the home page and in /metrics, not in the log'),
  'distributor.log_discarded_spans': ignored('what is refused is on the home page and in /metrics, with its reason'),
  ...needlessUnder('distributor', [
    'ring',
    'override_ring_key',
    'extend_writes',
    'retry_after_on_resource_exhausted',
    'search_tags_deny_list',
    'max_attribute_bytes',
    'max_span_attr_byte',
    'usage',
    'metric_received_spans',
    'artificial_delay',
    'kafka_write_path_enabled',
    'kafka_config',
    'ingester_write_path_enabled',
    'tenant_info',
  ]),

  'storage.trace.backend': read,
  'storage.trace.local.path': { option: 'data-dir' },
  'storage.trace.s3': objectStore,
  'storage.trace.gcs': objectStore,
  'storage.trace.azure': objectStore,
  'storage.trace': needless,

  'compactor.compaction.block_retention': read,
  'backend_worker.compaction.block_retention': read,
  'backend_scheduler.provider.compaction.compaction.block_retention': read,
  'overrides.defaults.compaction.block_retention': read,
  'overrides.block_retention': read,
  overrides: ignored('limits are not set per tenant here; docs/limits.md has those there are'),
  metrics_generator: ignored('service graphs and span metrics are computed from the stored spans, unasked'),

  compactor: needless,
  backend_worker: needless,
  backend_scheduler: needless,
  backend_scheduler_client: needless,
  ingester: needless,
  ingester_client: needless,
  live_store: needless,
  live_store_client: needless,
  metrics_generator_client: needless,
  block_builder: needless,
  ingest: needless,
  querier: needless,
  query_frontend: needless,
  memberlist: needless,
  cache: needless,
});

function needlessUnder(parent: string, keys: readonly string[]): Record<string, TempoKeyMeaning> {
  return Object.fromEntries(keys.map((key) => [`${parent}.${key}`, needless]));
}

/** Names of the keys that may stand directly below one, for “did you mean”. */
export function tempoKeysBelow(parent: string): readonly string[] {
  const prefix = parent === '' ? '' : `${parent}.`;
  const names = Object.keys(tempoKeys).filter((key) => key.startsWith(prefix));
  return [...new Set(names.map((key) => key.slice(prefix.length).split('.', 1)[0]))];
}
