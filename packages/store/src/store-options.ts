import type { SpanSink } from '@spoor/model';
import type { Disk } from './disk.ts';
import type { StoreLogger } from './store-logger.ts';
import type { WalRecord } from './wal-reader.ts';

/**
 * Decodes a body again exactly as it was decoded when it arrived, all of it, into the sink. What it throws means that
 * the body cannot be decoded any more: it is reported and kept aside.
 */
export type ReplayRequest = (record: WalRecord, sink: SpanSink) => void;

export interface StoreOptions {
  readonly dataDirectory: string;
  readonly tenant: string;
  readonly disk: Disk;
  readonly replay: ReplayRequest;
  readonly logger: StoreLogger;
  /** milliseconds since the epoch */
  readonly now: () => number;
  /** `worker` needs the machine's own disk: worker threads open files themselves */
  readonly executor: 'worker' | 'inline';
  /** `manual` leaves sealing, merging and retention to calls of {@link Store.tick} and the like: for tests */
  readonly schedule: 'automatic' | 'manual';
  /** group commit; see `WalWriterOptions` */
  readonly walWindowMilli: number;

  /** Unsealed spans: from a third of it on sealing does not wait, past it requests are refused with `STORE_BUSY`. */
  readonly memoryBytesMax: number;
  /** A generation takes no more once it has so many rows; a seal takes about 450 bytes a row while it runs. */
  readonly headRowsMax: number;
  /** A generation of this age is sealed if it has {@link sealRowsMin} rows … */
  readonly sealAgeMilli: number;
  readonly sealRowsMin: number;
  /** … and at this age in any case: what is not sealed is replayed at the next start, which takes about 2 µs a span. */
  readonly sealAgeMaxMilli: number;
  /** Between the end of a generation and its seal: the late spans of its traces arrive, in the next generation. */
  readonly sealIdleMilli: number;

  /**
   * Memory of a sealed head is written again so long after the last lease of a snapshot that has it: a cancelled query
   * may go on reading for a block or two. 0: at once.
   */
  readonly headReuseMilli: number;

  /** So many neighbours of similar size are merged into one … */
  readonly mergeSegmentsMin: number;
  /** … if together they have no more rows than this, since a merge holds them all in memory (about 200 bytes each). */
  readonly mergeRowsMax: number;

  /**
   * Segments whose newest span *arrived* this long ago are removed. Not the spans' own time: a day of old traces that
   * is imported today should not vanish at once, and a clock that is years ahead should not keep spans for years.
   */
  readonly retentionAgeMilli: number;
  /**
   * When segments together are larger, the oldest go first. `undefined`: 50 GB, or 80 % of what the file system has for
   * segments (free now, plus what they take), whichever is less; down to a half where that leaves too little to seal.
   */
  readonly retentionBytesMax: number | undefined;
}

const day = 24 * 60 * 60 * 1000;

/** What is not said; `dataDirectory`, `tenant`, `disk` and `replay` have to be. */
export const storeDefaults = Object.freeze({
  now: Date.now,
  executor: 'worker',
  schedule: 'automatic',
  walWindowMilli: 3,
  memoryBytesMax: 512 << 20,
  headRowsMax: 300_000,
  sealAgeMilli: 15_000,
  sealRowsMin: 50_000,
  sealAgeMaxMilli: 10 * 60 * 1000,
  sealIdleMilli: 10_000,
  headReuseMilli: 2000,
  mergeSegmentsMin: 8,
  mergeRowsMax: 1_000_000,
  retentionAgeMilli: 14 * day,
  retentionBytesMax: undefined,
} as const);
