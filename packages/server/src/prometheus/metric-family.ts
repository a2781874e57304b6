import { edgeLatencyBounds, spanLatencyBounds, type ServiceGraphRequest, type SpanMetricsRequest } from '@spoor/query';

/** One metric name as Tempo's metrics-generator has it, and where its numbers come from. */
export type MetricFamily = {
  readonly name: string;
  /** without `_bucket`, `_sum`, `_count`; what metadata is listed under */
  readonly base: string;
  readonly help: string;
  /** labels that every series has, `le` excepted */
  readonly labels: readonly string[];
  /** of a histogram: which of its numbers this name is */
  readonly part: 'bucket' | 'sum' | 'count' | undefined;
  /** upper bounds of the histogram's buckets, seconds; empty for counters */
  readonly bounds: readonly number[];
} & (
  | { readonly kind: 'span'; readonly measure: SpanMetricsRequest['measure'] }
  | { readonly kind: 'edge'; readonly measure: ServiceGraphRequest['measure'] }
);

export const spanLabels: readonly string[] = Object.freeze(['service', 'span_name', 'span_kind', 'status_code']);
export const edgeLabels: readonly string[] = Object.freeze(['client', 'server', 'connection_type']);

type Source =
  | { readonly kind: 'span'; readonly measure: SpanMetricsRequest['measure'] }
  | { readonly kind: 'edge'; readonly measure: ServiceGraphRequest['measure'] };

function counter(name: string, help: string, source: Source): readonly MetricFamily[] {
  return [{ name, base: name, help, labels: labelsOf(source), part: undefined, bounds: [], ...source }];
}

function histogram(base: string, help: string, source: Source): readonly MetricFamily[] {
  const bounds = source.kind === 'span' ? spanLatencyBounds : edgeLatencyBounds;
  return (['bucket', 'sum', 'count'] as const).map((part) => ({
    name: `${base}_${part}`,
    base,
    help,
    labels: labelsOf(source),
    part,
    bounds,
    ...source,
  }));
}

function labelsOf({ kind }: Source): readonly string[] {
  return kind === 'span' ? spanLabels : edgeLabels;
}

/** Source of names, labels and bounds: Tempo's metrics-generator, as in `docs/metrics.md`. */
export const metricFamilies: readonly MetricFamily[] = Object.freeze([
  ...counter('traces_spanmetrics_calls_total', 'Spans.', { kind: 'span', measure: 'calls' }),
  ...histogram('traces_spanmetrics_latency', 'Durations of spans, seconds.', { kind: 'span', measure: 'latency' }),
  ...counter('traces_spanmetrics_size_total', 'Sizes of spans as protobuf, bytes.', { kind: 'span', measure: 'size' }),
  ...counter('traces_service_graph_request_total', 'Calls between services.', { kind: 'edge', measure: 'requests' }),
  ...counter('traces_service_graph_request_failed_total', 'Calls between services of which a side failed.', {
    kind: 'edge',
    measure: 'failed',
  }),
  ...histogram('traces_service_graph_request_server_seconds', 'Durations of calls as the server saw them, seconds.', {
    kind: 'edge',
    measure: 'serverLatency',
  }),
  ...histogram('traces_service_graph_request_client_seconds', 'Durations of calls as the client saw them, seconds.', {
    kind: 'edge',
    measure: 'clientLatency',
  }),
]);

/** How a bound is written in the label `le`. */
export function boundText(bound: number): string {
  return bound === Infinity ? '+Inf' : String(bound);
}
