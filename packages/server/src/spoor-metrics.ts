import { MetricRegistry, type Counter, type Histogram } from './metric-registry.ts';

/** Seconds: from a cached trace by id to a scan of everything. */
const querySecondsBounds = Object.freeze([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]);
const exportSecondsBounds = Object.freeze([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]);

/** What the program counts of itself, served at `/metrics`. */
export interface SpoorMetrics {
  readonly registry: MetricRegistry;
  /** transport (`http` and `grpc` are OTLP's, others the name of a receiver), encoding */
  readonly spansAccepted: Counter;
  /** transport, reason */
  readonly spansRejected: Counter;
  /** receiver, encoding, outcome: `ok` or why not; requests and packets of Jaeger's and Zipkin's clients */
  readonly receiverRequests: Counter;
  /** receiver; bytes of what was accepted, as received */
  readonly receiverBytes: Counter;
  /** signal: logs and metrics, which are not kept yet */
  readonly recordsNotKept: Counter;
  /** transport, signal, outcome: `ok` or an error code */
  readonly exportRequests: Counter;
  /** transport, signal; bytes as received, before decompression */
  readonly exportBytes: Counter;
  /** transport; until the spans are durable and searchable */
  readonly exportSeconds: Histogram;
  /** kind, outcome */
  readonly querySeconds: Histogram;
}

export function createMetrics(): SpoorMetrics {
  const registry = new MetricRegistry();
  const metrics: SpoorMetrics = {
    registry,
    spansAccepted: registry.counter('spoor_spans_accepted_total', 'Spans made durable and searchable.', [
      'transport',
      'encoding',
    ]),
    spansRejected: registry.counter('spoor_spans_rejected_total', 'Spans refused one by one.', ['transport', 'reason']),
    receiverRequests: registry.counter(
      'spoor_receiver_requests_total',
      "Requests and packets of Jaeger's and Zipkin's clients by outcome.",
      ['receiver', 'encoding', 'outcome'],
    ),
    receiverBytes: registry.counter(
      'spoor_receiver_bytes_total',
      "Bytes of accepted requests and packets of Jaeger's and Zipkin's clients, as received.",
      ['receiver'],
    ),
    recordsNotKept: registry.counter(
      'spoor_records_not_kept_total',
      'Log records and metric points received; they are not kept yet.',
      ['signal'],
    ),
    exportRequests: registry.counter('spoor_export_requests_total', 'OTLP requests by outcome.', [
      'transport',
      'signal',
      'outcome',
    ]),
    exportBytes: registry.counter('spoor_export_bytes_total', 'Bytes of accepted OTLP requests, as received.', [
      'transport',
      'signal',
    ]),
    exportSeconds: registry.histogram(
      'spoor_export_seconds',
      'From a whole trace request to its acknowledgement.',
      exportSecondsBounds,
      ['transport'],
    ),
    querySeconds: registry.histogram('spoor_query_seconds', 'Time of a query, waiting included.', querySecondsBounds, [
      'kind',
      'outcome',
    ]),
  };
  addProcessMetrics(registry);
  return metrics;
}

function addProcessMetrics(registry: MetricRegistry): void {
  const startSeconds = (Date.now() - process.uptime() * 1000) / 1000;
  registry.observed('counter', 'process_cpu_seconds_total', 'CPU time of the process, all threads.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  registry.observed('gauge', 'process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  registry.observed(
    'gauge',
    'process_peak_resident_memory_bytes',
    'Peak resident memory.',
    () => process.resourceUsage().maxRSS * 1024,
  );
  registry.observed('gauge', 'process_start_time_seconds', 'Start of the process, Unix time.', () => startSeconds);
}
