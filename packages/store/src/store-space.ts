import { StoreError } from '@spoor/model';
import type { Disk } from './disk.ts';

/** Kept free at least, for a segment, a manifest rewrite and what file systems need themselves … */
const reserveBytesMin = 16 << 20;
/** … but of a small file system no more than this part, or nothing would be left for spans. */
const reserveShareMax = 1 / 4;

/** The file system is asked again when this much was written since it last answered. */
const pollBytes = 4 << 20;
const pollMilli = 1000;

/** What is in WAL files and in no segment. */
export interface Unsealed {
  readonly walBytes: number;
  /** of the generation with the most: generations are sealed one after the other, and each seal frees its files */
  readonly walBytesOfLargest: number;
}

/**
 * Keeps space for sealing. Spans that fill the disk to its last byte could never leave the WAL again: the segment that would
 * free it would not fit. So requests are refused while less than a reserve is free, and sealing does not wait then.
 *
 * The file system is asked once a second, after some written megabytes and after each seal; in between, what is let in is
 * subtracted from its last answer.
 */
export class StoreSpace {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #unsealed: () => Unsealed;
  readonly #now: () => number;
  /** what an unprivileged process may still use; infinite when the file system does not say */
  #freeBytes = Number.POSITIVE_INFINITY;
  #totalBytes = Number.POSITIVE_INFINITY;
  #walBytesOfLargest = 0;
  /** let in, not known to be written or refused yet */
  #pendingBytes = 0;
  /** let in since the last answer */
  #admittedBytes = 0;
  #polling: Promise<void> | undefined;
  #polledMilli = Number.NEGATIVE_INFINITY;
  #isRefusing = false;
  #refusedCount = 0;

  /** @param now  milliseconds since the epoch */
  constructor(disk: Disk, directory: string, unsealed: () => Unsealed, now: () => number) {
    this.#disk = disk;
    this.#directory = directory;
    this.#unsealed = unsealed;
    this.#now = now;
  }

  /** What no request and no merge may take. */
  get reserveBytes(): number {
    return spaceReserve(this.#totalBytes, this.#walBytesOfLargest + this.#admittedBytes);
  }

  /** The last request was refused for want of space. */
  get isRefusing(): boolean {
    return this.#isRefusing;
  }

  get refusedCount(): number {
    return this.#refusedCount;
  }

  /** True when sealing should not wait: requests are, or will soon be, refused, and a seal would free something. */
  get isShort(): boolean {
    const { reserveBytes } = this;
    return this.#freeBytes < 2 * reserveBytes && this.#unsealed().walBytes > reserveBytes / 4;
  }

  /** True when so much can be written and the reserve is still there. */
  hasRoomFor(bytes: number): boolean {
    return this.#freeBytes - bytes >= this.reserveBytes;
  }

  /** @throws {StoreError} `STORE_UNAVAILABLE` when a request of that many bytes would touch the reserve */
  check(bytes: number): void {
    this.#isRefusing = !this.hasRoomFor(bytes);
    if (!this.#isRefusing) return;
    this.#refusedCount++;
    const [free, reserve] = [megabytes(this.#freeBytes), megabytes(this.reserveBytes)];
    throw new StoreError(
      'STORE_UNAVAILABLE',
      `the disk is nearly full: ${free} are free, and ${reserve} are kept for sealing the spans that are there`,
    );
  }

  /** So many bytes will be written; call {@link settle} when they are, or are given up. */
  admit(bytes: number): void {
    this.#pendingBytes += bytes;
    this.#freeBytes -= bytes;
    this.#admittedBytes += bytes;
    if (this.#admittedBytes >= pollBytes) void this.poll();
  }

  settle(bytes: number): void {
    this.#pendingBytes -= bytes;
  }

  /** Asks the file system again if its last answer is old, or if it was that there is not enough. */
  async pollWhenDue(): Promise<void> {
    if (this.#isRefusing || this.isShort || this.#now() - this.#polledMilli >= pollMilli) await this.poll();
  }

  /** Asks the file system. Never rejects: one that does not answer is trusted until a write fails. */
  async poll(): Promise<void> {
    this.#polling ??= this.#poll().finally(() => {
      this.#polling = undefined;
    });
    await this.#polling;
  }

  async #poll(): Promise<void> {
    this.#polledMilli = this.#now();
    this.#admittedBytes = 0;
    try {
      const { freeBytes, totalBytes } = await this.#disk.statfs(this.#directory);
      this.#freeBytes = freeBytes - this.#pendingBytes;
      this.#totalBytes = totalBytes;
    } catch {
      this.#freeBytes = Number.POSITIVE_INFINITY;
    }
    this.#walBytesOfLargest = this.#unsealed().walBytesOfLargest;
  }
}

/**
 * Bytes to keep free on a file system of that size: for the next segment as much as the WAL bytes that it replaces. Of usual
 * spans it takes 1/17 of that, of compressed bodies a half; of random text nearly all.
 */
export function spaceReserve(totalBytes: number, walBytesOfLargest: number): number {
  return Math.max(Math.min(reserveBytesMin, reserveShareMax * totalBytes), walBytesOfLargest);
}

function megabytes(bytes: number): string {
  return `${(Math.max(bytes, 0) / 1e6).toFixed(1)} MB`;
}
