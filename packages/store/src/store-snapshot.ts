import type { HeadBuffers } from './head-buffers.ts';
import type { SpanTableCounts } from './span-table.ts';

/**
 * What a query may see, fixed at one moment: every span acknowledged by then and none twice.
 * Plain data and shared memory, so that it can be posted to a worker, which opens it with `SnapshotReader`.
 */
export interface StoreSnapshot {
  /** grows by one with every publication (seal, merge, retention) */
  readonly version: number;
  readonly segments: readonly SegmentRef[];
  readonly heads: readonly HeadRef[];
}

export interface SegmentRef {
  readonly id: string;
  readonly path: string;
}

/**
 * The first `spanCount` rows of a head generation, less those whose `sealedVersion` is between 1 and the
 * snapshot's version: these already live in one of its segments.
 */
export interface HeadRef {
  readonly id: string;
  readonly buffers: HeadBuffers;
  readonly counts: SpanTableCounts;
  readonly startMin: bigint;
  readonly startMax: bigint;
}
