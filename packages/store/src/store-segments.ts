import type { Disk } from './disk.ts';
import type { Manifest } from './manifest.ts';
import type { ManifestRecord, SegmentEntry } from './manifest-record.ts';
import type { StoreDirectories } from './store-directories.ts';
import type { StoreLogger } from './store-logger.ts';
import type { SegmentRef } from './store-snapshot.ts';

interface Retired {
  /** the first version whose snapshots do not contain it any more */
  readonly version: number;
  readonly dispose: () => Promise<void> | void;
}

/**
 * The published segments. A change is first durable in the manifest, then visible in snapshots of the next
 * {@link version}, and only when no snapshot of an older version is leased do files disappear.
 */
export class StoreSegments {
  readonly #disk: Disk;
  readonly #manifest: Manifest;
  readonly #directories: StoreDirectories;
  readonly #logger: StoreLogger;
  readonly #leases = new Map<number, number>();
  /** being set aside: several queries may find the same damage */
  readonly #leaving = new Set<number>();
  #retired: Retired[] = [];
  /** 1 is what was found at start: rows with `sealedVersion` 1 were in a segment already when they were replayed */
  #version = 1;
  #refs: readonly SegmentRef[];
  #lastSegmentId = 0;

  constructor(disk: Disk, manifest: Manifest, directories: StoreDirectories, logger: StoreLogger) {
    this.#disk = disk;
    this.#manifest = manifest;
    this.#directories = directories;
    this.#logger = logger;
    this.#refs = this.#currentRefs();
  }

  get version(): number {
    return this.#version;
  }

  get walFloor(): number {
    return this.#manifest.state.walFloor;
  }

  /** by id, which is the order of publication */
  get entries(): readonly SegmentEntry[] {
    return [...this.#manifest.state.segments.values()].sort((a, b) => a.id - b.id);
  }

  get(id: number): SegmentEntry | undefined {
    return this.#manifest.state.segments.get(id);
  }

  get refs(): readonly SegmentRef[] {
    return this.#refs;
  }

  /** An id no segment has or had, not even an unpublished one of this run. */
  newId(): number {
    this.#lastSegmentId = Math.max(this.#lastSegmentId + 1, this.#manifest.state.nextSegmentId);
    return this.#lastSegmentId;
  }

  /**
   * Makes a change durable, then visible.
   * @param beforeVisible  runs with the version in which the change will be visible, in the same turn as it becomes so
   * @throws {StoreError} `STORE_UNAVAILABLE`: nothing changed; see {@link Manifest.append}
   */
  async publish(record: ManifestRecord, beforeVisible?: (version: number) => void): Promise<void> {
    await this.#manifest.append(record, () => {
      beforeVisible?.(this.#version + 1);
      this.#version++;
      this.#refs = this.#currentRefs();
      for (const id of retiredBy(record)) this.whenUnused(this.#version, () => this.#remove(id));
    });
    await this.#removeRetired();
  }

  /** Keeps the files of the present version until the returned function is called. */
  lease(): () => void {
    const version = this.#version;
    this.#leases.set(version, (this.#leases.get(version) ?? 0) + 1);
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      const count = this.#leases.get(version)! - 1;
      if (count > 0) this.#leases.set(version, count);
      else this.#leases.delete(version);
      void this.#removeRetired();
    };
  }

  /** Takes a damaged segment out of service and its file, when there is one, aside. */
  async quarantine(id: number, reason: string): Promise<void> {
    if (this.#leaving.has(id)) return;
    this.#leaving.add(id);
    try {
      await this.#quarantine(id, reason);
    } finally {
      this.#leaving.delete(id);
    }
  }

  async #quarantine(id: number, reason: string): Promise<void> {
    const from = this.#directories.segmentPath(id);
    const to = this.#directories.quarantinePath(from);
    this.#logger.error('segment is damaged; moved to quarantine', { segment: id, path: from, quarantine: to, reason });
    try {
      // First the file: what the manifest does not name is removed at the next start.
      await this.#disk.rename(from, to);
    } catch (error) {
      this.#logger.warn('cannot move a damaged segment', { path: from, error });
    }
    await this.publish({ type: 'quarantined', id, reason });
  }

  #currentRefs(): readonly SegmentRef[] {
    return this.entries.map(({ id }) => ({ id: String(id), path: this.#directories.segmentPath(id) }));
  }

  /** Calls back once no snapshot older than this version is leased. */
  whenUnused(version: number, dispose: () => Promise<void> | void): void {
    this.#retired.push({ version, dispose });
  }

  async #removeRetired(): Promise<void> {
    const oldestLeased = Math.min(...this.#leases.keys());
    const ready = this.#retired.filter(({ version }) => version <= oldestLeased);
    this.#retired = this.#retired.filter(({ version }) => version > oldestLeased);
    for (const { dispose } of ready) await dispose();
  }

  async #remove(id: number): Promise<void> {
    const path = this.#directories.segmentPath(id);
    try {
      await this.#disk.unlink(path);
    } catch (error) {
      // Not named by the manifest any more: the next start removes it.
      this.#logger.warn('cannot remove a segment that is not needed any more', { path, error });
    }
  }
}

function retiredBy(record: ManifestRecord): readonly number[] {
  if (record.type === 'replaced') return record.segment.replaces;
  return record.type === 'removed' ? record.ids : [];
}
