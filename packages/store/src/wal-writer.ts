import { StoreError } from '@spoor/model';
import type { Disk, DiskFile } from './disk.ts';
import {
  encodeWalFileHeader,
  encodeWalRecordHeader,
  endMeta,
  type RequestMeta,
  type WalFileHeader,
  walFileName,
  walRecordHeaderBytes,
} from './wal-record.ts';

/** Requests of one group stop here, so that a burst of huge bodies does not hold up the first of them. */
const groupBytesMax = 16 << 20;

/**
 * How soon a request has to be durable: `urgent`, at once, at the price of a sync, when its sender does nothing else until
 * it is answered; `usual`, with those of the window; `patient`, after some more, when nobody waits for an answer.
 */
export type Haste = 'urgent' | 'usual' | 'patient';

/** A sync for each few datagrams takes a sixth of all the time that they take. */
const usualPatientMilli = 20;

export interface WalWriterOptions<Mark> {
  readonly disk: Disk;
  /** must exist and be durable */
  readonly directory: string;
  readonly header: WalFileHeader;
  /**
   * Syncs begin at least this far apart: under load, requests gather for the rest of the window; a lone request after
   * an idle window goes out at once. Unpaced syncing doubles the CPU per span.
   */
  readonly windowMilli: number;
  /** So long patient requests wait for others. */
  readonly patientMilli?: number;
  /** Called once per synced group, with the mark of its last request, before any of its promises resolves. */
  readonly onDurable: (mark: Mark, durableBytes: number) => void;
  /** Called once, when a write or sync failed, before the waiting promises reject. */
  readonly onFailed: (error: StoreError) => void;
  readonly onSync?: (durationMilli: number, bytes: number, requestCount: number) => void;
}

interface Pending<Mark> {
  readonly meta: RequestMeta;
  readonly body: Uint8Array;
  readonly mark: Mark;
  readonly resolve: () => void;
  readonly reject: (error: StoreError) => void;
}

/**
 * One WAL file being written, by group commit: all requests that arrive while a sync runs or within the window share
 * one write and one sync. After the first error nothing is written to the file again: what the kernel did with
 * the failed pages is unknown, so everything past `durableBytes` counts as never received.
 */
export class WalWriter<Mark> {
  readonly id: number;
  readonly path: string;
  readonly #options: WalWriterOptions<Mark>;
  #file: DiskFile | undefined;
  #queue: Pending<Mark>[] = [];
  #running: Promise<void> | undefined;
  #closed: Promise<void> | undefined;
  #failure: StoreError | undefined;
  #durableBytes = 0;
  #lastSyncStart = Number.NEGATIVE_INFINITY;
  #isUrgent = false;
  /** when the first of the queue has to be durable, but for the window */
  #dueMilli = Number.POSITIVE_INFINITY;
  #endPause: (() => void) | undefined;

  /** Begins to create the file at once; appends wait for it, and fail when that fails. */
  constructor(options: WalWriterOptions<Mark>) {
    this.#options = options;
    this.id = options.header.id;
    this.path = `${options.directory}/${walFileName(this.id)}`;
    this.#running = this.#run(() => this.#create());
  }

  /** Everything before it is on disk, header included; 0 until the file itself is durable. */
  get durableBytes(): number {
    return this.#durableBytes;
  }

  get failure(): StoreError | undefined {
    return this.#failure;
  }

  /**
   * Resolves when the request is durable. `body` is borrowed until then.
   * @throws {StoreError} `STORE_UNAVAILABLE`, the disk's error as its cause
   */
  append(meta: RequestMeta, body: Uint8Array, mark: Mark, haste: Haste = 'usual'): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#closed) return Promise.reject(new StoreError('STORE_CLOSED', 'this WAL file is complete'));
    return new Promise((resolve, reject) => {
      this.#queue.push({ meta, body, mark, resolve, reject });
      this.#hurry(haste);
      this.#running ??= this.#run();
    });
  }

  /** Waits for what is queued, marks the file as complete and closes it. Never rejects. */
  close(): Promise<void> {
    this.#closed ??= this.#finish();
    this.#hurry('usual');
    return this.#closed;
  }

  #hurry(haste: Haste): void {
    this.#isUrgent ||= haste === 'urgent';
    const dueMilli = performance.now() + (haste === 'patient' ? (this.#options.patientMilli ?? usualPatientMilli) : 0);
    const isSooner = dueMilli < this.#dueMilli;
    if (isSooner) this.#dueMilli = dueMilli;
    if (isSooner || haste === 'urgent') this.#endPause?.();
  }

  async #finish(): Promise<void> {
    while (this.#running) await this.#running;
    if (this.#failure || !this.#file) return;
    const header = encodeWalRecordHeader('end', endMeta, this.#position(this.#durableBytes), new Uint8Array());
    try {
      // Not synced: it proves more when it arrives and is not missed when it does not.
      await this.#file.write([header], this.#durableBytes);
      await this.#file.close();
    } catch (error) {
      this.#fail(error, []);
    }
  }

  async #run(first?: () => Promise<void>): Promise<void> {
    let group: readonly Pending<Mark>[] = [];
    try {
      await first?.();
      while (this.#queue.length > 0) {
        await this.#pace();
        group = this.#takeGroup();
        await this.#commit(group);
        group = [];
      }
    } catch (error) {
      this.#fail(error, group);
    }
    this.#running = undefined;
  }

  async #create(): Promise<void> {
    const { disk, directory, header } = this.#options;
    const bytes = encodeWalFileHeader(header);
    this.#file = await disk.open(this.path, 'create');
    await this.#file.write([bytes], 0);
    await this.#file.datasync();
    await disk.syncDirectory(directory);
    this.#durableBytes = bytes.length;
  }

  async #pace(): Promise<void> {
    while (!this.#isUrgent) {
      const dueMilli = Math.max(this.#dueMilli, this.#lastSyncStart + this.#options.windowMilli);
      const restMilli = dueMilli - performance.now();
      // Timers have whole milliseconds; one turn of the event loop still gathers what has already arrived.
      if (restMilli < 0.7) break;
      await this.#pause(restMilli);
    }
    await new Promise((resolve) => setImmediate(resolve));
    this.#isUrgent = false;
  }

  async #pause(milli: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milli);
      this.#endPause = (): void => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#endPause = undefined;
  }

  #takeGroup(): readonly Pending<Mark>[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#queue.length && (count === 0 || bytes < groupBytesMax))
      bytes += this.#queue[count++].body.length;
    // What is left of a large group goes out with the next, as soon.
    if (count === this.#queue.length) this.#dueMilli = Number.POSITIVE_INFINITY;
    return this.#queue.splice(0, count);
  }

  async #commit(group: readonly Pending<Mark>[]): Promise<void> {
    const chunks: Uint8Array[] = [];
    let end = this.#durableBytes;
    for (const { meta, body } of group) {
      chunks.push(encodeWalRecordHeader('request', meta, this.#position(end), body), body);
      end += walRecordHeaderBytes + body.length;
    }
    const start = performance.now();
    this.#lastSyncStart = start;
    await this.#file!.write(chunks, this.#durableBytes);
    await this.#file!.datasync();
    this.#options.onSync?.(performance.now() - start, end - this.#durableBytes, group.length);
    this.#durableBytes = end;
    this.#options.onDurable(group.at(-1)!.mark, end);
    for (const { resolve } of group) resolve();
  }

  #position(offset: number): { walId: number; offset: number; durableBytes: number } {
    return { walId: this.id, offset, durableBytes: this.#durableBytes };
  }

  #fail(cause: unknown, group: readonly Pending<Mark>[]): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#failure = new StoreError('STORE_UNAVAILABLE', `cannot write ${this.path}: ${reason}`, { cause });
    const failed = [...group, ...this.#queue];
    this.#queue = [];
    // A close that fails loses nothing more: the file is given up already.
    this.#file?.close().catch(() => undefined);
    this.#options.onFailed(this.#failure);
    for (const { reject } of failed) reject(this.#failure);
  }
}
