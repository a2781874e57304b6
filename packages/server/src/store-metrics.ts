import type { Store, StoreStats } from '@spoor/store';
import type { MetricRegistry } from './metric-registry.ts';

type Read = (stats: StoreStats) => number;

/** Everything the store counts, read when scraped. */
export function addStoreMetrics(registry: MetricRegistry, store: Store): void {
  const gauge = (name: string, help: string, read: Read): void =>
    registry.observed('gauge', name, help, () => read(store.stats()));
  const counter = (name: string, help: string, read: Read): void =>
    registry.observed('counter', name, help, () => read(store.stats()));

  counter('spoor_wal_bytes_total', 'Bytes written to the write-ahead log.', ({ ingest }) => ingest.walBytes);
  counter(
    'spoor_wal_failures_total',
    'Write-ahead log files given up after a failed write or sync.',
    ({ ingest }) => ingest.walFailures,
  );
  counter('spoor_store_busy_total', 'Requests refused because sealing has to catch up.', ({ ingest }) => ingest.busy);
  counter(
    'spoor_store_disk_full_total',
    'Requests refused because the disk is nearly full.',
    ({ ingest }) => ingest.refusedForSpace,
  );
  gauge('spoor_rows_not_durable', 'Spans that wait for their sync.', ({ ingest }) => ingest.rowsNotDurable);
  gauge('spoor_head_spans', 'Spans that are durable and not sealed yet.', ({ headRows }) => headRows);
  gauge('spoor_head_bytes', 'Memory of spans that are not sealed yet.', ({ headBytes }) => headBytes);
  gauge('spoor_head_generations', 'Head generations in memory.', ({ generations }) => generations);
  gauge('spoor_segments', 'Sealed segments.', ({ segments }) => segments);
  gauge('spoor_segment_spans', 'Spans in sealed segments.', ({ segmentRows }) => segmentRows);
  gauge('spoor_segment_bytes', 'Bytes of sealed segments on disk.', ({ segmentBytes }) => segmentBytes);
  gauge('spoor_quarantined_files', 'Files set aside because they are damaged.', ({ quarantined }) => quarantined);
  counter('spoor_sealed_spans_total', 'Spans written into segments.', ({ sealing }) => sealing.sealedRows);
  counter('spoor_merged_spans_total', 'Spans rewritten by merging segments.', ({ sealing }) => sealing.mergedRows);
  counter(
    'spoor_seal_failures_total',
    'Seals and merges that failed and are tried again.',
    ({ sealing }) => sealing.failures,
  );
  counter('spoor_expired_segments_total', 'Segments removed by retention.', ({ sealing }) => sealing.expiredSegments);
  registry.observedDurations(
    'spoor_wal_sync_seconds',
    'Time of one sync of the write-ahead log.',
    () => store.stats().ingest.syncs,
  );
  registry.observedDurations('spoor_seal_seconds', 'Time of one seal.', () => store.stats().sealing.seals);
  registry.observedDurations('spoor_merge_seconds', 'Time of one merge.', () => store.stats().sealing.merges);
}
