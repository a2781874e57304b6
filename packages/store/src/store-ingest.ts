import type { Arrivals } from './arrivals.ts';
import { type SpanSink, StoreError } from '@spoor/model';
import type { HeadCapacity } from './head-buffers.ts';
import { HeadFullError } from './head-full-error.ts';
import type { SpanTableCounts } from './span-table.ts';
import type { StoreDirectories } from './store-directories.ts';
import {
  Generation,
  generationCapacity,
  type GenerationWal,
  largestCapacity,
  newHead,
  reusedHead,
  type UsedBuffers,
} from './store-generation.ts';
import { DurationRecorder } from './store-histogram.ts';
import type { StoreOptions } from './store-options.ts';
import type { Recovered } from './store-recovery.ts';
import { StoreSpace, type Unsealed } from './store-space.ts';
import { type AbandonedWal, type RequestMeta, walRecordHeaderBytes } from './wal-record.ts';
import { type Haste, WalWriter } from './wal-writer.ts';

/** Decodes a request into the sink; a generator does it in slices, and other requests wait in order. */
export type DecodeRequest<T> = (sink: SpanSink) => T | Generator<undefined, T>;

/** After a failed WAL file, the next is tried this much later, doubling up to the second figure. */
const retryMilliMin = 50;
const retryMilliMax = 5000;

/**
 * Heads whose memory waits for the next generation. What is dropped here stays for minutes, until the collector of every
 * thread that saw it has run, while new memory is taken: one spare was too few for seals that end soon after each other.
 */
const spareBuffersMax = 3;

interface Open {
  readonly generation: Generation;
  readonly wal: GenerationWal;
  readonly writer: WalWriter<SpanTableCounts>;
}

/** The way in: from a request to rows that are durable, in the generation that is open; and the generations not sealed yet. */
export class StoreIngest {
  /** of the file system, watched for the sake of sealing */
  readonly space: StoreSpace;
  readonly #options: StoreOptions;
  readonly #directories: StoreDirectories;
  readonly #usualCapacity: HeadCapacity;
  readonly #generations: Generation[];
  readonly #settling = new Map<Generation, Promise<void>>();
  readonly #abandoned: Map<number, AbandonedWal>;
  readonly #syncs = new DurationRecorder();
  #open: Open | undefined;
  readonly #spareBuffers: UsedBuffers[] = [];
  readonly #arrivals = new Set<Arrivals>();
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  #nextWalId: number;
  #nextGenerationId: number;
  #retryMilli = 0;
  #retryAtMilli = 0;
  #failure: StoreError | undefined;
  readonly #counts = { requests: 0, spans: 0, bodyBytes: 0, walBytes: 0, walFailures: 0, busy: 0 };

  constructor(options: StoreOptions, directories: StoreDirectories, recovered: Recovered) {
    this.#options = options;
    this.#directories = directories;
    this.#usualCapacity = generationCapacity(options.headRowsMax);
    this.#generations = [...recovered.generations];
    this.#nextGenerationId = recovered.generations.length;
    this.#abandoned = new Map(recovered.abandoned.map((wal) => [wal.id, wal]));
    this.#nextWalId = recovered.nextWalId;
    this.space = new StoreSpace(options.disk, directories.root, () => this.#unsealed(), options.now);
  }

  /** Not sealed yet, oldest first; the last may be open. */
  get generations(): readonly Generation[] {
    return this.#generations;
  }

  /** Shared memory that unsealed spans take. */
  get memoryBytes(): number {
    return this.#generations.reduce((sum, { head }) => sum + head.memoryBytes, 0);
  }

  get counts(): Readonly<StoreIngestCounts> {
    const appended = this.#open?.generation.head.counts.spans ?? 0;
    const durable = this.#open?.generation.durableCounts.spans ?? 0;
    const refusedForSpace = this.space.refusedCount;
    return { ...this.#counts, refusedForSpace, rowsNotDurable: appended - durable, syncs: this.#syncs.histogram() };
  }

  #unsealed(): Unsealed {
    const bytes = this.#generations.map(({ wals }) => wals.reduce((sum, { durableBytes }) => sum + durableBytes, 0));
    return { walBytes: bytes.reduce((sum, each) => sum + each, 0), walBytesOfLargest: Math.max(0, ...bytes) };
  }

  /** See `Store.append`. */
  async append<T>(meta: RequestMeta, body: Uint8Array, decode: DecodeRequest<T>, haste: Haste = 'usual'): Promise<T> {
    if (this.#isClosed) throw new StoreError('STORE_CLOSED', 'the store is shutting down');
    const { value, durable } = await this.#inTurn(() => this.#enter(meta, body, decode, haste));
    await durable;
    this.#counts.requests++;
    this.#counts.bodyBytes += body.length;
    return value;
  }

  /** Ends the open generation, if it has rows; the next request opens a new one. */
  async rotate(): Promise<void> {
    await this.#inTurn(() => {
      if (this.#open && this.#open.generation.head.counts.spans > 0) this.#freeze(this.#open);
    });
  }

  /** Waits until the durable mark of a frozen generation stands still. */
  async settled(generation: Generation): Promise<void> {
    await this.#settling.get(generation);
  }

  /** Tells of generations that are about to be removed. */
  watch(arrivals: Arrivals): void {
    this.#arrivals.add(arrivals);
  }

  unwatch(arrivals: Arrivals): void {
    this.#arrivals.delete(arrivals);
  }

  /** Takes away the oldest generation, whose rows are all in segments now. */
  remove(generation: Generation, consumedWals: readonly number[]): void {
    for (const arrivals of this.#arrivals) arrivals.leave(generation);
    this.#generations.splice(this.#generations.indexOf(generation), 1);
    for (const id of consumedWals) this.#abandoned.delete(id);
  }

  /** Takes back the memory of a generation that no thread reads any more. */
  recycle({ head: { buffers, counts } }: Generation): void {
    const isUsual = buffers.capacity === this.#usualCapacity;
    if (isUsual && this.#spareBuffers.length < spareBuffersMax) this.#spareBuffers.push({ buffers, counts });
  }

  /** Refuses what comes from now on, and waits for what came before to be durable. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#turn.catch(() => undefined);
    if (this.#open) this.#freeze(this.#open);
    await Promise.all(this.#settling.values());
  }

  /** One request after the other: a decoder that works in slices has the head for itself. */
  #inTurn<R>(work: () => R | Promise<R>): Promise<R> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #enter<T>(
    meta: RequestMeta,
    body: Uint8Array,
    decode: DecodeRequest<T>,
    haste: Haste,
  ): Promise<{ value: T; durable: Promise<void> }> {
    let capacity = this.#usualCapacity;
    for (;;) {
      const open = this.#writable(capacity, walRecordHeaderBytes + body.length);
      const { head } = open.generation;
      const mark = head.mark();
      head.arrivalMilli = meta.receivedMilli;
      try {
        const decoded = decode(head);
        const value = isGenerator(decoded) ? await drive(decoded, () => open.generation.isFrozen) : decoded;
        if (value === interrupted) {
          head.rollback(mark);
          continue;
        }
        const spanCount = head.counts.spans - mark.counts.spans;
        return { value, durable: this.#write(open, meta, body, { spanCount, haste }) };
      } catch (error) {
        head.rollback(mark);
        if (!(error instanceof HeadFullError) || open.generation.head.buffers.capacity === largestCapacity)
          throw tooLarge(error);
        // A request that does not fit into an empty head fits into one that was made for the largest.
        if (mark.counts.spans === 0) capacity = largestCapacity;
        if (!open.generation.isFrozen) this.#freeze(open);
      }
    }
  }

  #write(
    open: Open,
    meta: RequestMeta,
    body: Uint8Array,
    { spanCount, haste }: { readonly spanCount: number; readonly haste: Haste },
  ): Promise<void> {
    const { generation, writer } = open;
    generation.receivedMaxMilli = Math.max(generation.receivedMaxMilli, meta.receivedMilli);
    const walBytes = walRecordHeaderBytes + body.length;
    this.space.admit(walBytes);
    const durable = writer.append(meta, body, generation.head.countsNow(), haste);
    if (generation.head.counts.spans >= this.#options.headRowsMax) this.#freeze(open);
    return durable.then(
      () => {
        this.space.settle(walBytes);
        this.#counts.spans += spanCount;
      },
      (error: unknown) => {
        this.space.settle(walBytes);
        throw error;
      },
    );
  }

  /** @throws {StoreError} when no request can be taken now */
  #writable(capacity: HeadCapacity, walBytes: number): Open {
    const { memoryBytesMax } = this.#options;
    if (this.memoryBytes > memoryBytesMax) {
      this.#counts.busy++;
      throw new StoreError(
        'STORE_BUSY',
        `unsealed spans take more than ${memoryBytesMax} bytes; sealing has to catch up`,
      );
    }
    this.space.check(walBytes);
    if (this.#open) return this.#open;
    if (this.#options.now() < this.#retryAtMilli) throw this.#failure!;
    this.#open = this.#openGeneration(capacity);
    return this.#open;
  }

  #openGeneration(capacity: HeadCapacity): Open {
    const spare = capacity === this.#usualCapacity ? this.#spareBuffers.pop() : undefined;
    const head = spare ? reusedHead(spare) : newHead(capacity);
    const generation = new Generation(this.#nextGenerationId++, this.#options.now(), head);
    const id = this.#nextWalId++;
    const writer: WalWriter<SpanTableCounts> = new WalWriter({
      disk: this.#options.disk,
      directory: this.#directories.wal,
      header: { id, tenant: this.#options.tenant, abandoned: [...this.#abandoned.values()] },
      windowMilli: this.#options.walWindowMilli,
      onDurable: (counts, durableBytes) => {
        generation.durableCounts = counts;
        wal.durableBytes = durableBytes;
        this.#retryMilli = 0;
      },
      onFailed: (error) => this.#onFailed({ generation, wal, writer }, error),
      onSync: (durationMilli, bytes) => {
        this.#syncs.record(durationMilli);
        this.#counts.walBytes += bytes;
      },
    });
    const wal: GenerationWal = { id, path: writer.path, durableBytes: 0 };
    generation.wals.push(wal);
    this.#generations.push(generation);
    return { generation, wal, writer };
  }

  #freeze({ generation, writer }: Open): void {
    generation.frozenMilli = this.#options.now();
    if (this.#open?.generation === generation) this.#open = undefined;
    const settled = writer.close().finally(() => this.#settling.delete(generation));
    this.#settling.set(generation, settled);
  }

  /** The generation ends at its durable mark; its file is never written again, and the next file's header says so. */
  #onFailed(failed: Open, error: StoreError): void {
    const { generation, wal } = failed;
    this.#counts.walFailures++;
    this.#failure = error;
    this.#retryMilli = Math.min(Math.max(retryMilliMin, 2 * this.#retryMilli), retryMilliMax);
    this.#retryAtMilli = this.#options.now() + this.#retryMilli;
    this.#abandoned.set(wal.id, { id: wal.id, validBytes: wal.durableBytes });
    this.#options.logger.error('cannot write to the WAL; refusing spans for now', {
      path: wal.path,
      error,
      retryMilli: this.#retryMilli,
    });
    const isCurrent = this.#open?.generation === generation;
    if (isCurrent) this.#freeze(failed);
    // A newer file that is open already cannot tell of this failure in its header any more: the next one will.
    else void this.#inTurn(() => this.#open && this.#freeze(this.#open));
    if (generation.durableCounts.spans === 0) this.#dropEmpty(generation, wal);
  }

  /** Nothing of it was ever acknowledged. Its memory serves the next one, unless a decoder is still writing to it. */
  #dropEmpty(generation: Generation, wal: GenerationWal): void {
    this.#generations.splice(this.#generations.indexOf(generation), 1);
    void this.#inTurn(async () => {
      this.recycle(generation);
      try {
        await this.#options.disk.unlink(wal.path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return;
      }
      this.#abandoned.delete(wal.id);
    });
  }
}

export interface StoreIngestCounts {
  readonly requests: number;
  readonly spans: number;
  readonly bodyBytes: number;
  readonly walBytes: number;
  readonly walFailures: number;
  readonly busy: number;
  /** requests */
  readonly refusedForSpace: number;
  /** rows of the open generation that wait for their sync */
  readonly rowsNotDurable: number;
  readonly syncs: ReturnType<DurationRecorder['histogram']>;
}

const interrupted = Symbol('interrupted');

/** Runs a decoder in slices, with other work of the event loop in between, until it is done or its head was given up. */
async function drive<T>(
  slices: Generator<undefined, T>,
  isInterrupted: () => boolean,
): Promise<T | typeof interrupted> {
  for (;;) {
    const step = slices.next();
    if (step.done) return step.value;
    await new Promise((resolve) => setImmediate(resolve));
    if (!isInterrupted()) continue;
    slices.return(undefined as T);
    return interrupted;
  }
}

function isGenerator<T>(value: T | Generator<undefined, T>): value is Generator<undefined, T> {
  return typeof value === 'object' && value !== null && 'next' in value && Symbol.iterator in value;
}

function tooLarge(error: unknown): unknown {
  if (!(error instanceof HeadFullError)) return error;
  return new StoreError('STORE_BUSY', `the request does not fit into memory for unsealed spans: ${error.message}`, {
    cause: error,
  });
}
