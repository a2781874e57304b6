import { Arrivals } from './arrivals.ts';
import type { Manifest } from './manifest.ts';
import { InlineExecutor, type SealExecutor, WorkerExecutor } from './seal-executor.ts';
import { StoreDirectories } from './store-directories.ts';
import { type DecodeRequest, StoreIngest, type StoreIngestCounts } from './store-ingest.ts';
import { storeDefaults, type StoreOptions } from './store-options.ts';
import { recover } from './store-recovery.ts';
import { StoreScheduler } from './store-scheduler.ts';
import { StoreSealing, type StoreSealingCounts } from './store-sealing.ts';
import type { StoreSegments } from './store-segments.ts';
import type { StoreSnapshot } from './store-snapshot.ts';
import type { RequestMeta } from './wal-record.ts';
import type { Haste } from './wal-writer.ts';

/** What must be said; the rest has {@link storeDefaults}. */
export type StoreSettings = Omit<StoreOptions, keyof typeof storeDefaults> & Partial<StoreOptions>;

/** A snapshot whose files stay where they are, and whose heads keep their content, until it is released. */
export interface SnapshotLease {
  readonly snapshot: StoreSnapshot;
  /** May be called more than once. */
  release(): void;
}

/** Plain data for `/metrics`. Counts are since the start. */
export interface StoreStats {
  readonly ingest: StoreIngestCounts;
  readonly sealing: StoreSealingCounts;
  /** durable, not sealed yet */
  readonly headRows: number;
  readonly headBytes: number;
  readonly generations: number;
  readonly segments: number;
  readonly segmentRows: number;
  readonly segmentBytes: number;
  readonly quarantined: number;
}

/**
 * The spans of one tenant, in `<data-dir>/<tenant>/`. A request is acknowledged when it is on disk; from that moment every
 * snapshot has it, and so has the next process. Whoever opens a store holds the `DataDirectoryLock` of its data directory.
 */
export class Store {
  readonly tenant: string;
  readonly #segments: StoreSegments;
  readonly #manifest: Manifest;
  readonly #ingest: StoreIngest;
  readonly #sealing: StoreSealing;
  readonly #scheduler: StoreScheduler;
  readonly #executor: SealExecutor;
  #quarantinedCount: number;
  #closed: Promise<void> | undefined;

  /**
   * Opens or creates the store and replays what was not sealed.
   * @throws the disk's errors; damaged files are not among them, they are reported and set aside
   */
  static async open(settings: StoreSettings): Promise<Store> {
    const options: StoreOptions = { ...storeDefaults, ...settings };
    const directories = new StoreDirectories(options.dataDirectory, options.tenant);
    const start = performance.now();
    const recovered = await recover(options, directories);
    const rows = recovered.generations.reduce((sum, { durableCounts }) => sum + durableCounts.spans, 0);
    if (rows > 0)
      options.logger.info('replayed unsealed spans', { rows, milli: Math.round(performance.now() - start) });
    const ingest = new StoreIngest(options, directories, recovered);
    await ingest.space.poll();
    const executor = options.executor === 'worker' ? new WorkerExecutor() : new InlineExecutor(options.disk);
    const sealing = new StoreSealing(options, directories, recovered.segments, ingest, executor);
    const scheduler = new StoreScheduler(options, ingest, sealing);
    if (options.schedule === 'automatic') scheduler.start();
    const { manifest, segments, damageCount } = recovered;
    return new Store(options.tenant, { manifest, segments, damageCount, ingest, sealing, scheduler, executor });
  }

  private constructor(
    tenant: string,
    parts: {
      readonly manifest: Manifest;
      readonly segments: StoreSegments;
      readonly damageCount: number;
      readonly ingest: StoreIngest;
      readonly sealing: StoreSealing;
      readonly scheduler: StoreScheduler;
      readonly executor: SealExecutor;
    },
  ) {
    this.tenant = tenant;
    this.#manifest = parts.manifest;
    this.#segments = parts.segments;
    this.#quarantinedCount = parts.damageCount;
    this.#ingest = parts.ingest;
    this.#sealing = parts.sealing;
    this.#scheduler = parts.scheduler;
    this.#executor = parts.executor;
  }

  /**
   * Decodes a request into the head and resolves, with what `decode` returned, when it is durable and searchable.
   * `decode` runs at once, or after the slices of those before it; when it throws, nothing of the request stays, and
   * what it threw is thrown. It may run more than once. `body`, as received, is borrowed until the promise settles.
   * @throws {StoreError} `STORE_BUSY`, `STORE_UNAVAILABLE`, `STORE_CLOSED`; nothing of the request is visible then, now
   * or after a restart (in the rare case of a crash before the next successful write it may be found all the same)
   */
  append<T>(meta: RequestMeta, body: Uint8Array, decode: DecodeRequest<T>, haste?: Haste): Promise<T> {
    return this.#ingest.append(meta, body, decode, haste);
  }

  /** Everything acknowledged so far, each span once. Release it soon: until then replaced files take space. */
  snapshot(): SnapshotLease {
    const heads = this.#ingest.generations.flatMap((generation) => generation.ref() ?? []);
    const { version, refs: segments } = this.#segments;
    return { snapshot: { version, segments, heads }, release: this.#segments.lease() };
  }

  /**
   * Every span that becomes durable from now on, each once. Take them every few seconds: heads that were sealed meanwhile keep
   * their memory until then, or until it is closed.
   */
  arrivals(onLeft: () => void): Arrivals {
    const arrivals = new Arrivals(
      {
        generations: () => this.#ingest.generations,
        lease: () => this.#segments.lease(),
        unwatch: (one) => this.#ingest.unwatch(one),
      },
      onLeft,
    );
    this.#ingest.watch(arrivals);
    return arrivals;
  }

  /** Takes a segment that a query found damaged out of service; everything else goes on. */
  async reportCorruption(segmentId: string, error: Error): Promise<void> {
    const id = Number(segmentId);
    if (!this.#segments.get(id)) return;
    this.#quarantinedCount++;
    await this.#segments.quarantine(id, error.message);
  }

  /** Begins whatever is due and waits for it: what the timer does, for tests. */
  tick(): Promise<void> {
    return this.#scheduler.tick();
  }

  /** Ends the open generation, now. */
  rotate(): Promise<void> {
    return this.#ingest.rotate();
  }

  /** Seals the oldest generation that has ended, now. @returns false when there is none @throws the disk's errors */
  sealOldest(): Promise<boolean> {
    return this.#sealing.sealOldest();
  }

  /** Seals everything there is, now. @throws the disk's errors */
  async sealAll(): Promise<void> {
    await this.rotate();
    while (await this.sealOldest());
  }

  /** Merges while it is worth it, and expires, now. @throws the disk's errors */
  async compact(): Promise<void> {
    while (await this.#sealing.mergeOnce());
    await this.#sealing.expire();
  }

  stats(): StoreStats {
    const { generations, memoryBytes } = this.#ingest;
    const { entries } = this.#segments;
    return {
      ingest: this.#ingest.counts,
      sealing: this.#sealing.counts,
      headRows: generations.reduce((sum, { durableCounts }) => sum + durableCounts.spans, 0),
      headBytes: memoryBytes,
      generations: generations.length,
      segments: entries.length,
      segmentRows: entries.reduce((sum, { rowCount }) => sum + rowCount, 0),
      segmentBytes: entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      quarantined: this.#quarantinedCount,
    };
  }

  /**
   * Refuses new requests, waits until those before are durable, and lets go of the files. Does not seal: what is in the WAL
   * is replayed by the next start.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#scheduler.stop();
    await this.#ingest.close();
    await this.#executor.close();
    await this.#scheduler.idle();
    await this.#manifest.close();
  }
}
