import { Worker } from 'node:worker_threads';
import { StoreError } from '@spoor/model';
import type { Disk } from './disk.ts';
import { MergeInputError, type MergeRequest, runSealJob, type SealRequest, type SealResult } from './seal-job.ts';

/** Runs seal and merge jobs, one at a time each. */
export interface SealExecutor {
  run(request: SealRequest | MergeRequest): Promise<SealResult>;
  /** Gives up running jobs, where it can: what they wrote is not named by any manifest. */
  close(): Promise<void>;
}

/** Jobs on the calling thread, over any disk. */
export class InlineExecutor implements SealExecutor {
  readonly #disk: Disk;
  constructor(disk: Disk) {
    this.#disk = disk;
  }
  run(request: SealRequest | MergeRequest): Promise<SealResult> {
    return runSealJob(this.#disk, request);
  }
  async close(): Promise<void> {}
}

/** What the worker answers; errors are flattened, since class and own fields do not survive the crossing. */
export type SealReply =
  | { readonly type: 'done'; readonly result: SealResult }
  | { readonly type: 'damagedInput'; readonly segmentId: number; readonly message: string }
  | { readonly type: 'failed'; readonly message: string; readonly code: string | undefined };

type Kind = (SealRequest | MergeRequest)['kind'];

/**
 * A thread without a job for so long ends. Until then it has all that its last job allocated, since nothing makes it collect:
 * 400 MB after a merge of 800,000 rows. Seals come every few seconds under load, by code that is worth being kept compiled.
 */
const idleMilliMax: Readonly<Record<Kind, number>> = { seal: 60_000, merge: 1_000 };

/** Of numbers and small objects there is little in these threads. By itself the engine lets this grow to 48 MB. */
const youngGenerationMebibytes = 12;

/** Jobs in worker threads over the machine's disk: one thread for seals, one for merges, so that no seal waits for a merge. */
export class WorkerExecutor implements SealExecutor {
  readonly #idleMilliMax: Readonly<Record<Kind, number>>;
  readonly #workers = new Map<Kind, Worker>();
  readonly #idleTimers = new Map<Kind, NodeJS.Timeout>();
  #isClosed = false;

  constructor(idleMilli: Readonly<Record<Kind, number>> = idleMilliMax) {
    this.#idleMilliMax = idleMilli;
  }

  async run(request: SealRequest | MergeRequest): Promise<SealResult> {
    if (this.#isClosed) throw closed();
    const { kind } = request;
    clearTimeout(this.#idleTimers.get(kind));
    const worker = this.#workers.get(kind) ?? this.#start(kind);
    const reply = await answerOf(worker, request).catch((error: unknown) => {
      throw this.#isClosed ? closed() : error;
    });
    this.#idleTimers.set(kind, setTimeout(() => this.#end(kind, worker), this.#idleMilliMax[kind]).unref());
    switch (reply.type) {
      case 'done':
        return reply.result;
      case 'damagedInput':
        throw new MergeInputError(reply.segmentId, reply.message);
      case 'failed':
        throw Object.assign(new Error(reply.message), { code: reply.code });
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#workers.values()].map((worker) => worker.terminate()));
  }

  #end(kind: Kind, worker: Worker): void {
    // Not the one that the next job goes to, from here on.
    if (this.#workers.get(kind) === worker) this.#workers.delete(kind);
    void worker.terminate();
  }

  #start(kind: Kind): Worker {
    const worker = new Worker(new URL(`./seal-worker${import.meta.url.slice(-3)}`, import.meta.url), {
      name: `spoor-${kind}`,
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMebibytes },
    });
    // A worker alone does not keep the process alive; a running job does, through the store's own promise.
    worker.unref();
    worker.once('exit', () => {
      if (this.#workers.get(kind) === worker) this.#workers.delete(kind);
    });
    this.#workers.set(kind, worker);
    return worker;
  }
}

function closed(): StoreError {
  return new StoreError('STORE_CLOSED', 'the store is shutting down');
}

function answerOf(worker: Worker, request: SealRequest | MergeRequest): Promise<SealReply> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number): void =>
      settle(() => reject(new Error(`the ${request.kind} worker ended with code ${code}`)));
    const onMessage = (reply: SealReply): void => settle(() => resolve(reply));
    const onError = (error: Error): void => settle(() => reject(error));
    const settle = (done: () => void): void => {
      worker.off('exit', onExit).off('message', onMessage).off('error', onError);
      done();
    };
    worker.on('exit', onExit).on('message', onMessage).on('error', onError);
    worker.postMessage(request);
  });
}
