import { Worker } from 'node:worker_threads';
import { QueryError } from '@spoor/model';
import type { StoreSnapshot } from '@spoor/store';
import { restoreError } from './query-error.ts';
import type { Query, QueryWorkerData, WorkerMessage, WorkerReply } from './query-job.ts';

/** Queries take turns inside a worker; more than this at once would only share out its memory. Others wait in order. */
const queriesPerWorkerMax = 8;

export interface QueryPoolOptions {
  readonly workerCount: number;
  /** for decoded blocks, of all workers together */
  readonly cacheBytesMax: number;
  /** told when a worker ends that was not asked to */
  readonly onDeath: (error: Error) => void;
  /** told when a worker cannot open a segment; the query goes on without it */
  readonly onDamaged: (segmentId: string, error: Error) => void;
}

interface Member {
  readonly worker: Worker;
  readonly running: Map<number, Running>;
}

interface Running {
  readonly settled: PromiseWithResolvers<unknown>;
  readonly onProgress: ((soFar: unknown) => void) | undefined;
}

interface Waiting {
  readonly start: (member: Member) => void;
  readonly fail: (error: Error) => void;
}

/**
 * Worker threads that run queries. Each query goes to the one with the fewest. A worker that dies fails the queries it
 * had, and is replaced when the next one comes.
 */
export class QueryPool {
  readonly #options: QueryPoolOptions;
  readonly #members: Member[] = [];
  readonly #queue: Waiting[] = [];
  #lastId = 0;
  #isClosed = false;

  constructor(options: QueryPoolOptions) {
    this.#options = options;
  }

  /** Starts the threads ahead of the first query, which would otherwise wait for them. */
  warm(): void {
    while (this.#members.length < this.#options.workerCount) this.#start();
  }

  /**
   * @param onProgress  told answers so far, until the query ends or is cancelled
   * @throws {QueryError} `QUERY_CANCELLED` when `signal` fires first; what the query throws, by its code
   */
  run(
    query: Query,
    snapshot: StoreSnapshot,
    signal?: AbortSignal,
    onProgress?: (soFar: unknown) => void,
  ): Promise<unknown> {
    if (this.#isClosed || signal?.aborted) return Promise.reject(cancelled(signal));
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const start = (member: Member): void =>
        void this.#send(member, id, { query, snapshot, signal, onProgress }).then(resolve, reject);
      const waiting: Waiting = { start, fail: reject };
      const member = this.#leastBusy();
      if (member !== undefined) return waiting.start(member);
      this.#queue.push(waiting);
      signal?.addEventListener('abort', () => this.#leaveQueue(waiting) && reject(cancelled(signal)), { once: true });
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const waiting of this.#queue.splice(0)) waiting.fail(cancelled());
    await Promise.all(this.#members.map(({ worker }) => worker.terminate()));
  }

  async #send(member: Member, id: number, { query, snapshot, signal, onProgress }: Job): Promise<unknown> {
    if (signal?.aborted) throw cancelled(signal);
    const settled = Promise.withResolvers<unknown>();
    // Nothing is told to who has cancelled, though the worker may not have heard of it yet.
    const tell = onProgress && ((soFar: unknown): void => void (signal?.aborted === true || onProgress(soFar)));
    postRun(member, { type: 'run', id, snapshot, query, hasProgress: onProgress !== undefined });
    // No reply can be here before this.
    member.running.set(id, { settled, onProgress: tell });
    const onAbort = (): void => {
      post(member, { type: 'cancel', id });
      settled.reject(cancelled(signal));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await settled.promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #leastBusy(): Member | undefined {
    if (this.#members.length < this.#options.workerCount) this.#start();
    let best: Member | undefined;
    for (const member of this.#members) {
      if (member.running.size >= queriesPerWorkerMax) continue;
      if (best === undefined || member.running.size < best.running.size) best = member;
    }
    return best;
  }

  #leaveQueue(waiting: Waiting): boolean {
    const index = this.#queue.indexOf(waiting);
    if (index >= 0) this.#queue.splice(index, 1);
    return index >= 0;
  }

  #start(): void {
    const name = `./query-worker${import.meta.url.slice(-3)}`;
    const { cacheBytesMax, workerCount } = this.#options;
    const workerData: QueryWorkerData = { cacheBytesMax: Math.floor(cacheBytesMax / workerCount) };
    const worker = new Worker(new URL(name, import.meta.url), { name: 'spoor-query', workerData });
    const member: Member = { worker, running: new Map() };
    this.#members.push(member);
    let fault: Error | undefined;
    worker.on('message', (reply: WorkerReply) => this.#settle(member, reply));
    worker.on('error', (error: Error) => (fault = error));
    worker.on('exit', (code) => this.#bury(member, fault ?? new Error(`a query worker ended with code ${code}`)));
  }

  #settle(member: Member, reply: WorkerReply): void {
    if (reply.type === 'damaged') return this.#options.onDamaged(reply.segmentId, restoreError(reply.error));
    const running = member.running.get(reply.id);
    if (reply.type === 'progress') return running?.onProgress?.(reply.soFar);
    member.running.delete(reply.id);
    if (reply.type === 'done') running?.settled.resolve(reply.answer);
    else running?.settled.reject(restoreError(reply.error));
    this.#startNext();
  }

  #bury(member: Member, fault: Error): void {
    this.#members.splice(this.#members.indexOf(member), 1);
    const isMemory = (fault as { code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY';
    const error = isMemory
      ? new QueryError('QUERY_LIMIT', 'the queries running together needed more memory than there is')
      : fault;
    for (const { settled } of member.running.values()) settled.reject(this.#isClosed ? cancelled() : error);
    if (this.#isClosed) return;
    this.#options.onDeath(fault);
    this.#startNext();
  }

  #startNext(): void {
    while (this.#queue.length > 0) {
      const member = this.#leastBusy();
      if (member === undefined) return;
      this.#queue.shift()!.start(member);
    }
  }
}

interface Job {
  readonly query: Query;
  readonly snapshot: StoreSnapshot;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((soFar: unknown) => void) | undefined;
}

/**
 * The way between threads is recursive, and a chain of some thousand conditions is a tree as deep as it is long.
 *
 * @throws {QueryError} `QUERY_LIMIT`; nothing was sent
 */
function postRun(member: Member, message: Extract<WorkerMessage, { type: 'run' }>): void {
  try {
    post(member, message);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new QueryError('QUERY_LIMIT', 'the query has too many conditions, one after the other', { cause: error });
  }
}

function post(member: Member, message: WorkerMessage): void {
  member.worker.postMessage(message);
}

function cancelled(signal?: AbortSignal): QueryError {
  return new QueryError('QUERY_CANCELLED', 'the query was cancelled', { cause: signal?.reason });
}
