import { StoreError } from '@spoor/model';
import type { Disk, DiskFile } from './disk.ts';
import {
  applyManifestRecord,
  decodeManifest,
  emptyManifestState,
  encodeManifestHeader,
  encodeManifestRecord,
  type ManifestDamage,
  type ManifestRecord,
  type ManifestState,
  manifestStateRecord,
} from './manifest-record.ts';

/** The file is rewritten when it has more than this many records and most of them are history. */
const recordsBeforeRewriteMin = 256;

/**
 * The list of what the store consists of: an append-only log of checksummed records, rewritten whole (new file,
 * sync, rename, sync of the directory) when history outgrows the present, and after any failed write, since nobody knows
 * what a failed write left behind.
 */
export class Manifest {
  readonly path: string;
  /** read-only for everybody else */
  readonly state: ManifestState;
  /** what could not be read when the file was opened; not empty → the segment files have to be asked */
  readonly damage: readonly ManifestDamage[];
  readonly #disk: Disk;
  readonly #directory: string;
  #file: DiskFile | undefined;
  #endOffset = 0;
  #recordCount = 0;
  #isClosed = false;
  #turn: Promise<void> = Promise.resolve();

  private constructor(disk: Disk, directory: string, state: ManifestState, damage: readonly ManifestDamage[]) {
    this.#disk = disk;
    this.#directory = directory;
    this.path = manifestPath(directory);
    this.state = state;
    this.damage = damage;
  }

  /** Reads the manifest of a tenant's directory; an absent file is an empty store. Writes nothing. */
  static async open(disk: Disk, directory: string): Promise<Manifest> {
    const state = emptyManifestState();
    const path = manifestPath(directory);
    const stat = await disk.stat(path);
    if (!stat) return new Manifest(disk, directory, state, []);
    const file = await disk.open(path, 'read');
    try {
      const { records, damage } = decodeManifest(await file.read(0, await file.sizeBytes()));
      for (const record of records) applyManifestRecord(state, record);
      return new Manifest(disk, directory, state, damage);
    } finally {
      await file.close();
    }
  }

  /**
   * Makes the record durable, then applies it to {@link state}; calls take turns. A rejected record may be found
   * after a crash all the same: append it again until it succeeds, and keep what it names.
   * @param onApplied  runs in the same turn as the record is applied, before anybody else can see the new state
   * @throws {StoreError} `STORE_UNAVAILABLE`, the disk's error as its cause
   */
  append(record: ManifestRecord, onApplied?: () => void): Promise<void> {
    const turn = this.#turn.then(() => this.#append(record, onApplied));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Ends the log: what is appended from now on is refused with `STORE_CLOSED`. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#turn;
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async #append(record: ManifestRecord, onApplied: (() => void) | undefined): Promise<void> {
    if (this.#isClosed) throw new StoreError('STORE_CLOSED', 'the store is shutting down');
    try {
      const isLong = this.#recordCount > Math.max(recordsBeforeRewriteMin, 4 * this.state.segments.size);
      if (!this.#file || isLong) await this.#rewrite();
      const bytes = encodeManifestRecord(record);
      await this.#file!.write([bytes], this.#endOffset);
      await this.#file!.datasync();
      this.#endOffset += bytes.length;
      this.#recordCount++;
    } catch (error) {
      const file = this.#file;
      this.#file = undefined;
      // Already given up: a close that fails loses nothing more.
      await file?.close().catch(() => undefined);
      const reason = error instanceof Error ? error.message : String(error);
      throw new StoreError('STORE_UNAVAILABLE', `cannot write ${this.path}: ${reason}`, { cause: error });
    }
    applyManifestRecord(this.state, record);
    onApplied?.();
  }

  async #rewrite(): Promise<void> {
    const old = this.#file;
    this.#file = undefined;
    await old?.close();
    const bytes = [encodeManifestHeader(), encodeManifestRecord(manifestStateRecord(this.state))];
    const temporaryPath = `${this.path}.new`;
    const file = await this.#disk.open(temporaryPath, 'create');
    try {
      await file.write(bytes, 0);
      await file.datasync();
      await this.#disk.rename(temporaryPath, this.path);
      await this.#disk.syncDirectory(this.#directory);
    } catch (error) {
      await file.close().catch(() => undefined);
      throw error;
    }
    this.#file = file;
    this.#endOffset = bytes[0].length + bytes[1].length;
    this.#recordCount = 1;
  }
}

function manifestPath(directory: string): string {
  return `${directory}/manifest`;
}
