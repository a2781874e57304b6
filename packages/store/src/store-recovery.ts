import { codeOf } from '@spoor/model';
import { damageOfDisk } from './disk-damage.ts';
import { HeadFullError } from './head-full-error.ts';
import type { HeadCapacity } from './head-buffers.ts';
import { Manifest } from './manifest.ts';
import type { SegmentEntry } from './manifest-record.ts';
import { openSegment } from './segment-reader.ts';
import { parseSegmentFileName, type StoreDirectories } from './store-directories.ts';
import { Generation, generationCapacity, largestCapacity, newHead } from './store-generation.ts';
import type { StoreOptions } from './store-options.ts';
import { StoreSegments } from './store-segments.ts';
import { TraceIdSet } from './trace-id-set.ts';
import { readWal, readWalFileHeader, type WalDamage, type WalRecord } from './wal-reader.ts';
import { type AbandonedWal, parseWalFileName, walFileName, walRecordHeaderBytes } from './wal-record.ts';

export interface Recovered {
  readonly manifest: Manifest;
  readonly segments: StoreSegments;
  /** frozen, oldest first: everything acknowledged that no segment holds */
  readonly generations: readonly Generation[];
  readonly abandoned: readonly AbandonedWal[];
  readonly nextWalId: number;
  readonly damageCount: number;
}

/** Rows of these traces that came from before the offset are in a segment already. */
interface Skip {
  readonly offset: number;
  readonly traces: TraceIdSet;
}

/**
 * Brings a tenant's directory back to what was acknowledged: reads the manifest, compares it with the files
 * there are, and replays the WAL files whose rows are not all in segments. Damage is reported and set aside; only an
 * error of the disk itself ends the start.
 */
export async function recover(options: StoreOptions, directories: StoreDirectories): Promise<Recovered> {
  await directories.create(options.disk);
  const manifest = await Manifest.open(options.disk, directories.root);
  const segments = new StoreSegments(options.disk, manifest, directories, options.logger);
  const recovery = new Recovery(options, directories, manifest, segments);
  await recovery.compareSegments();
  return recovery.replayWals();
}

class Recovery {
  readonly #options: StoreOptions;
  readonly #directories: StoreDirectories;
  readonly #manifest: Manifest;
  readonly #segments: StoreSegments;
  readonly #usualCapacity: HeadCapacity;
  readonly #generations: Generation[] = [];
  #damageCount = 0;

  constructor(options: StoreOptions, directories: StoreDirectories, manifest: Manifest, segments: StoreSegments) {
    this.#options = options;
    this.#directories = directories;
    this.#manifest = manifest;
    this.#segments = segments;
    this.#usualCapacity = generationCapacity(options.headRowsMax);
  }

  /**
   * A listed file that is missing or of the wrong size is taken out of service. A file that is not listed was
   * written shortly before a crash and is removed, since its rows are still in the WAL or in the segments it was
   * merged from; unless the manifest is damaged: then it may be the file that the lost record named, and its own
   * footer says what it holds. A manifest that was cut between two records does not look damaged: there, files that are newer
   * than all it tells of are asked whether their rows are anywhere else.
   */
  async compareSegments(): Promise<void> {
    const { disk } = this.#options;
    const isDamaged = this.#manifest.damage.length > 0 || !(await disk.stat(this.#manifest.path));
    this.#reportManifestDamage();
    const present = new Set<number>();
    for (const name of await disk.readdir(this.#directories.segments)) {
      const id = parseSegmentFileName(name);
      if (id === undefined) await disk.unlink(`${this.#directories.segments}/${name}`);
      else present.add(id);
    }
    for (const { id, sizeBytes } of this.#segments.entries) {
      const damage = present.has(id) ? await this.#damageOf(id, sizeBytes) : 'the file is missing';
      present.delete(id);
      if (damage === undefined) continue;
      this.#damageCount++;
      await this.#segments.quarantine(id, damage);
    }
    const { nextSegmentId } = this.#manifest.state;
    const wals = new Set((await disk.readdir(this.#directories.wal)).map(parseWalFileName));
    for (const id of [...present].sort((a, b) => a - b)) {
      const isWanted = isDamaged || (id >= nextSegmentId && (await this.#isOnlyCopy(id, wals)));
      if (!isWanted || !(await this.#adopt(id))) await disk.unlink(this.#directories.segmentPath(id));
    }
  }

  /** False for what a crash left of a seal or a merge, whole or in part: the files it was made from are there. */
  async #isOnlyCopy(id: number, wals: ReadonlySet<number | undefined>): Promise<boolean> {
    try {
      const { consumedWals, replaces } = await this.#entryFromFooter(this.#directories.segmentPath(id));
      const listed = new Set(this.#segments.entries.map((entry) => entry.id));
      return !replaces.every((replaced) => listed.has(replaced)) || !consumedWals.every((wal) => wals.has(wal));
    } catch (error) {
      if (codeOf(error) !== 'STORE_CORRUPT') throw error;
      return false;
    }
  }

  /** What is wrong with a listed file, as far as the file system tells without reading it. */
  async #damageOf(id: number, sizeBytes: number): Promise<string | undefined> {
    try {
      const stat = await damageOfDisk(this.#options.disk).stat(this.#directories.segmentPath(id));
      if (!stat) return 'the file is missing';
      return stat.sizeBytes === sizeBytes ? undefined : `it has ${stat.sizeBytes} bytes, not ${sizeBytes}`;
    } catch (error) {
      if (codeOf(error) !== 'STORE_CORRUPT') throw error;
      return (error as Error).message;
    }
  }

  #reportManifestDamage(): void {
    const { path, damage } = this.#manifest;
    for (const { offset, endOffset, isTail } of damage) {
      // A crash in the middle of an append leaves such a tail; what it was to say had not happened yet.
      if (isTail) this.#options.logger.warn('manifest ends in an incomplete record', { path, offset, endOffset });
      else this.#options.logger.error('manifest is damaged; asking the segment files', { path, offset, endOffset });
      if (!isTail) this.#damageCount++;
    }
  }

  /** @returns false when another segment already holds what this one does */
  async #adopt(id: number): Promise<boolean> {
    const path = this.#directories.segmentPath(id);
    if (this.#segments.entries.some(({ replaces }) => replaces.includes(id))) return false;
    try {
      const segment = await this.#entryFromFooter(path);
      await this.#segments.publish({ type: segment.replaces.length > 0 ? 'replaced' : 'added', segment });
      this.#options.logger.warn('segment is not in the manifest; taken from its own footer', {
        path,
        rows: segment.rowCount,
      });
    } catch (error) {
      if (codeOf(error) !== 'STORE_CORRUPT') throw error;
      // It may be half a file of a seal that a crash ended, or the only copy of something: a person may look at it.
      const quarantine = this.#directories.quarantinePath(path);
      this.#damageCount++;
      this.#options.logger.error('segment is not in the manifest and damaged; moved to quarantine', {
        path,
        quarantine,
        error,
      });
      await this.#options.disk.rename(path, quarantine);
    }
    return true;
  }

  async #entryFromFooter(path: string): Promise<SegmentEntry> {
    const reader = await openSegment(damageOfDisk(this.#options.disk), path);
    await reader.close();
    return reader.entry;
  }

  async replayWals(): Promise<Recovered> {
    const { disk } = this.#options;
    const ids = (await disk.readdir(this.#directories.wal))
      .flatMap((name) => parseWalFileName(name) ?? [])
      .sort((a, b) => a - b);
    const { walFloor } = this.#manifest.state;
    const live = ids.filter((id) => id >= walFloor);
    for (const id of ids) if (id < walFloor) await disk.unlink(this.#walPath(id));
    const abandoned = new Map<number, number>();
    for (const id of live) {
      const header = await readWalFileHeader(disk, this.#walPath(id));
      for (const { id: abandonedId, validBytes } of header?.abandoned ?? []) abandoned.set(abandonedId, validBytes);
    }
    for (const id of live) await this.#replay(id, abandoned.get(id));
    const now = this.#options.now();
    for (const generation of this.#generations) generation.frozenMilli ??= now;
    return {
      manifest: this.#manifest,
      segments: this.#segments,
      generations: this.#generations,
      abandoned: [...abandoned].filter(([id]) => live.includes(id)).map(([id, validBytes]) => ({ id, validBytes })),
      nextWalId: Math.max(walFloor, ...ids.map((id) => id + 1)),
      damageCount: this.#damageCount,
    };
  }

  async #replay(id: number, validBytes: number | undefined): Promise<void> {
    const path = this.#walPath(id);
    const skips = await this.#skipsOf(id);
    let generation = this.#openGeneration(id, path);
    const undecodable: WalDamage[] = [];
    const endOffset = await readWal({
      disk: this.#options.disk,
      path,
      id,
      validBytes,
      onDamage: (damage) => this.#report(damage),
      onRecord: (record) => {
        generation.wals.at(-1)!.durableBytes = record.offset;
        try {
          generation = this.#replayRecord(generation, record, skips, path, id);
        } catch (error) {
          const reason = `a stored request cannot be decoded any more: ${(error as Error).message}`;
          const endOffset = record.offset + walRecordHeaderBytes + record.body.length;
          undecodable.push({ kind: 'corrupt', path, offset: record.offset, endOffset, reason });
        }
      },
    });
    for (const damage of undecodable) await this.#report(damage);
    generation.wals.at(-1)!.durableBytes = endOffset;
    this.#takeIn(generation);
  }

  /** @returns the generation that has the record now: a full one is ended, and the next takes it */
  #replayRecord(
    generation: Generation,
    record: WalRecord,
    skips: readonly Skip[],
    path: string,
    id: number,
  ): Generation {
    let at = generation;
    for (;;) {
      try {
        this.#decode(at, record, skips);
        return at;
      } catch (error) {
        const isLargest = at.head.buffers.capacity === largestCapacity;
        if (!(error instanceof HeadFullError) || (isLargest && at.head.counts.spans === 0)) throw error;
        const capacity = at.head.counts.spans === 0 ? largestCapacity : this.#usualCapacity;
        this.#takeIn(at);
        at.frozenMilli = this.#options.now();
        at = this.#openGeneration(id, path, capacity);
      }
    }
  }

  #decode(generation: Generation, record: WalRecord, skips: readonly Skip[]): void {
    const { head } = generation;
    const mark = head.mark();
    head.arrivalMilli = record.header.receivedMilli;
    try {
      this.#options.replay(record, head);
    } catch (error) {
      head.rollback(mark);
      throw error;
    }
    generation.receivedMaxMilli = Math.max(generation.receivedMaxMilli, record.header.receivedMilli);
    const { traceId, traceRow, sealedVersion } = head.buffers;
    for (const { offset, traces } of skips) {
      if (record.offset >= offset) continue;
      for (let row = mark.counts.spans; row < head.counts.spans; row++) {
        if (traces.has(traceId, 4 * traceRow[row])) sealedVersion[row] = 1;
      }
    }
  }

  /** The last generation when it has room, or a new one, with this file as its newest. */
  #openGeneration(id: number, path: string, capacity = this.#usualCapacity): Generation {
    let generation = this.#generations.at(-1);
    const isUsable = generation && !generation.isFrozen && generation.durableCounts.spans < this.#options.headRowsMax;
    if (!generation || !isUsable) {
      if (generation) generation.frozenMilli ??= this.#options.now();
      generation = new Generation(this.#generations.length, this.#options.now(), newHead(capacity));
      this.#generations.push(generation);
    }
    generation.wals.push({ id, path, durableBytes: 0 });
    return generation;
  }

  #takeIn(generation: Generation): void {
    generation.durableCounts = generation.head.countsNow();
  }

  async #skipsOf(walId: number): Promise<readonly Skip[]> {
    const skips: Skip[] = [];
    for (const { id, joined } of this.#segments.entries) {
      const offset = joined.find((wal) => wal.walId === walId)?.offset;
      if (offset === undefined) continue;
      try {
        skips.push({ offset, traces: await this.#tracesOf(id) });
      } catch (error) {
        if (codeOf(error) !== 'STORE_CORRUPT') throw error;
        // Nothing of it can be skipped, which is right: what it held is replayed as far as it is still in the WAL.
        this.#damageCount++;
        await this.#segments.quarantine(id, (error as Error).message);
      }
    }
    return skips;
  }

  async #tracesOf(segmentId: number): Promise<TraceIdSet> {
    const reader = await openSegment(damageOfDisk(this.#options.disk), this.#directories.segmentPath(segmentId));
    try {
      const id = await reader.traceIdWords();
      const traces = new TraceIdSet(id.length >> 2);
      for (let at = 0; at < id.length; at += 4) traces.add(id, at);
      return traces;
    } finally {
      await reader.close();
    }
  }

  async #report({ kind, path, offset, endOffset, reason }: WalDamage): Promise<void> {
    const { disk, logger } = this.#options;
    if (kind === 'torn') {
      logger.warn('WAL file ends in an incomplete record', { path, offset, endOffset, reason });
      return;
    }
    this.#damageCount++;
    const quarantine = this.#directories.quarantinePath(path, offset);
    logger.error('WAL file is damaged; the part is copied to quarantine', {
      path,
      offset,
      endOffset,
      reason,
      quarantine,
    });
    if (await disk.stat(quarantine)) return;
    const [from, to] = [await disk.open(path, 'read'), await disk.open(quarantine, 'create')];
    try {
      await to.write([await from.read(offset, endOffset - offset)], 0);
    } finally {
      await from.close();
      await to.close();
    }
  }

  #walPath(id: number): string {
    return `${this.#directories.wal}/${walFileName(id)}`;
  }
}
