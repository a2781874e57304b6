import type { Disk } from './disk.ts';
import type { ManifestRecord, SegmentEntry } from './manifest-record.ts';
import type { SealExecutor } from './seal-executor.ts';
import { MergeInputError, type MergeRequest, type SealRequest } from './seal-job.ts';
import type { StoreDirectories } from './store-directories.ts';
import type { Generation } from './store-generation.ts';
import { type DurationHistogram, DurationRecorder } from './store-histogram.ts';
import type { StoreIngest } from './store-ingest.ts';
import { chooseMerge } from './store-merge-policy.ts';
import type { StoreOptions } from './store-options.ts';
import { chooseExpired, retentionBytes } from './store-retention.ts';
import type { StoreSegments } from './store-segments.ts';
import { removeWal } from './wal-removal.ts';

/** A segment file that is durable but not yet in the manifest. */
interface Unpublished {
  readonly record: ManifestRecord;
  readonly beforeVisible: (version: number) => void;
  readonly afterwards: () => Promise<void>;
}

export interface StoreSealingCounts {
  readonly seals: DurationHistogram;
  readonly merges: DurationHistogram;
  readonly sealedRows: number;
  readonly mergedRows: number;
  readonly failures: number;
  readonly expiredSegments: number;
}

/**
 * What happens to rows after the head: sealed into segments, merged, removed in the end. Two lanes that the caller keeps
 * apart: one of {@link sealOldest} at a time, and one of {@link mergeOnce} and {@link expire} at a time.
 * Every method throws what the disk throws, has then changed nothing that anyone sees, and may be called again.
 */
export class StoreSealing {
  readonly #options: StoreOptions;
  readonly #directories: StoreDirectories;
  readonly #segments: StoreSegments;
  readonly #ingest: StoreIngest;
  readonly #executor: SealExecutor;
  readonly #unpublished: { seal?: Unpublished | undefined; merge?: Unpublished | undefined } = {};
  #nothingToMergeAt = 0;
  readonly #seals = new DurationRecorder();
  readonly #merges = new DurationRecorder();
  readonly #counts = { sealedRows: 0, mergedRows: 0, failures: 0, expiredSegments: 0 };

  constructor(
    options: StoreOptions,
    directories: StoreDirectories,
    segments: StoreSegments,
    ingest: StoreIngest,
    executor: SealExecutor,
  ) {
    this.#options = options;
    this.#directories = directories;
    this.#segments = segments;
    this.#ingest = ingest;
    this.#executor = executor;
  }

  get counts(): StoreSealingCounts {
    return { ...this.#counts, seals: this.#seals.histogram(), merges: this.#merges.histogram() };
  }

  /**
   * Seals the oldest frozen generation together with the rows of its traces in newer ones.
   * @returns false when there is none
   */
  async sealOldest(): Promise<boolean> {
    const [generation] = this.#ingest.generations;
    if (!generation?.isFrozen) return false;
    await this.#ingest.settled(generation);
    // Its last requests may have failed, and nothing be left of it.
    if (this.#ingest.generations[0] !== generation) return true;
    const start = performance.now();
    this.#unpublished.seal ??= await this.#seal(generation);
    await this.#publish('seal');
    this.#seals.record(performance.now() - start);
    this.#counts.sealedRows += generation.durableCounts.spans;
    await this.#ingest.space.poll();
    return true;
  }

  /**
   * Merges the best group of small neighbours.
   * @returns false when there is nothing worth it
   */
  async mergeOnce(): Promise<boolean> {
    const start = performance.now();
    if (!this.#unpublished.merge) {
      // Asked several times a second, of perhaps thousands of segments.
      const { version, walFloor } = this.#segments;
      if (version === this.#nothingToMergeAt) return false;
      const inputs = chooseMerge(this.#segments.entries, walFloor, this.#options);
      if (inputs.length === 0) {
        this.#nothingToMergeAt = version;
        return false;
      }
      // A merged segment is there beside what it replaces for a while, and must not take what seals need.
      if (!this.#ingest.space.hasRoomFor(inputs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))) return false;
      this.#unpublished.merge = await this.#merge(inputs);
      if (!this.#unpublished.merge) return true;
    }
    await this.#publish('merge');
    this.#merges.record(performance.now() - start);
    return true;
  }

  /** Removes what is older, or more, than the store should keep. */
  async expire(): Promise<void> {
    if (this.#unpublished.merge) return;
    const { disk, now, retentionAgeMilli, retentionBytesMax, logger } = this.#options;
    const { entries, walFloor } = this.#segments;
    const { space } = this.#ingest;
    const bytesMax =
      retentionBytesMax ?? (await retentionBytes(disk, this.#directories.segments, entries, space.reserveBytes));
    const expired = chooseExpired(entries, walFloor, { oldestMilli: now() - retentionAgeMilli, bytesMax });
    for (const { reason, segments } of expired) {
      const ids = segments.map(({ id }) => id);
      await this.#segments.publish({ type: 'removed', ids, reason });
      this.#counts.expiredSegments += ids.length;
      await space.poll();
      logger.info('removed expired segments', {
        reason,
        count: ids.length,
        rows: segments.reduce((sum, { rowCount }) => sum + rowCount, 0),
      });
    }
  }

  async #seal(generation: Generation): Promise<Unpublished> {
    const newer = this.#ingest.generations.filter((other) => other !== generation);
    const joined = new Map<number, number>();
    for (const { id, durableBytes } of newer.flatMap(({ wals }) => wals)) {
      joined.set(id, Math.max(joined.get(id) ?? 0, durableBytes));
    }
    // Replay may have spread one file over two generations: it is consumed with the second.
    const consumedWals = generation.wals.map(({ id }) => id).filter((id) => !joined.has(id));
    const id = this.#segments.newId();
    const heads = newer.map(({ head: { buffers }, durableCounts }) => ({ buffers, counts: durableCounts }));
    const request: SealRequest = {
      kind: 'seal',
      path: this.#directories.segmentPath(id),
      tenant: this.#options.tenant,
      origin: {
        id,
        receivedMaxMilli: Math.max(
          generation.receivedMaxMilli,
          ...newer.map(({ receivedMaxMilli }) => receivedMaxMilli),
        ),
        mergeLevel: 0,
        consumedWals,
        joined: [...joined].map(([walId, offset]) => ({ walId, offset })),
        replaces: [],
      },
      head: { buffers: generation.head.buffers, counts: generation.durableCounts },
      newer: heads,
    };
    const { segment, joinedRows } = await this.#run(request);
    return {
      record: segment ? { type: 'added', segment } : { type: 'consumed', wals: consumedWals },
      beforeVisible: (version) => {
        for (const [index, rows] of joinedRows.entries()) {
          const { sealedVersion } = heads[index].buffers;
          for (const row of rows) sealedVersion[row] = version;
        }
        this.#ingest.remove(generation, consumedWals);
        this.#segments.whenUnused(version, () => this.#recycleLater(generation));
      },
      afterwards: () => this.#removeWals(generation, consumedWals),
    };
  }

  async #merge(inputs: readonly SegmentEntry[]): Promise<Unpublished | undefined> {
    const id = this.#segments.newId();
    const request: MergeRequest = {
      kind: 'merge',
      path: this.#directories.segmentPath(id),
      tenant: this.#options.tenant,
      origin: {
        id,
        receivedMaxMilli: Math.max(...inputs.map(({ receivedMaxMilli }) => receivedMaxMilli)),
        mergeLevel: 1 + Math.max(...inputs.map(({ mergeLevel }) => mergeLevel)),
        consumedWals: [],
        joined: [],
        replaces: inputs.map((input) => input.id),
      },
      inputs: inputs.map((input) => ({ id: input.id, path: this.#directories.segmentPath(input.id) })),
    };
    try {
      const { segment } = await this.#run(request);
      this.#counts.mergedRows += segment!.rowCount;
      return {
        record: { type: 'replaced', segment: segment! },
        beforeVisible: () => undefined,
        afterwards: async () => undefined,
      };
    } catch (error) {
      if (!(error instanceof MergeInputError)) throw error;
      await this.#segments.quarantine(error.segmentId, error.message);
      return undefined;
    }
  }

  async #run(
    request: SealRequest | MergeRequest,
  ): Promise<{ segment: SegmentEntry | undefined; joinedRows: readonly Uint32Array[] }> {
    try {
      return await this.#executor.run(request);
    } catch (error) {
      this.#counts.failures++;
      await removeQuietly(this.#options.disk, request.path);
      throw error;
    }
  }

  /** What could not be published stays, file and all, for the next call: its record may be in the manifest already. */
  async #publish(lane: 'seal' | 'merge'): Promise<void> {
    const { record, beforeVisible, afterwards } = this.#unpublished[lane]!;
    try {
      await this.#segments.publish(record, beforeVisible);
    } catch (error) {
      this.#counts.failures++;
      throw error;
    }
    this.#unpublished[lane] = undefined;
    await afterwards();
  }

  #recycleLater(generation: Generation): void {
    const { headReuseMilli } = this.#options;
    if (headReuseMilli === 0) this.#ingest.recycle(generation);
    else setTimeout(() => this.#ingest.recycle(generation), headReuseMilli).unref();
  }

  async #removeWals(generation: Generation, consumedWals: readonly number[]): Promise<void> {
    for (const { id, path } of generation.wals) {
      if (consumedWals.includes(id)) await removeWal(this.#options.disk, path);
    }
  }
}

/** For files that nothing names any more: the next start removes what is left. */
async function removeQuietly(disk: Disk, path: string): Promise<void> {
  try {
    await disk.unlink(path);
  } catch {
    // As good as removed.
  }
}
