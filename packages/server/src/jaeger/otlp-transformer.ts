import { Worker } from 'node:worker_threads';
import { QueryError } from '@spoor/model';
import { restoreError } from '../query-error.ts';
import type { TransformedOtlp } from './transform-otlp.ts';
import type { TransformJob, TransformReply } from './transform-worker.ts';

/** A thread that has had nothing to do for so long goes, and its memory with it. */
const idleMilliMax = 30_000;

/**
 * Runs `transformOtlp` in a thread of its own, which is started by the first upload: a file of tens of megabytes must not
 * hold the sockets. Uploads take turns.
 */
export class OtlpTransformer {
  readonly #waiting = new Map<number, PromiseWithResolvers<TransformedOtlp>>();
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #lastId = 0;

  /** @throws {WireError} for what is not OTLP/JSON; {QueryError} `QUERY_LIMIT` when there is not the memory for it */
  transform(json: Uint8Array, prettyPrint: boolean): Promise<TransformedOtlp> {
    const id = ++this.#lastId;
    const waiting = Promise.withResolvers<TransformedOtlp>();
    clearTimeout(this.#idle);
    this.#waiting.set(id, waiting);
    this.#worker ??= this.#start();
    this.#worker.postMessage({ id, json, prettyPrint } satisfies TransformJob);
    return waiting.promise;
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const name = `./transform-worker${import.meta.url.slice(-3)}`;
    const worker = new Worker(new URL(name, import.meta.url), { name: 'spoor-transform' });
    worker.unref();
    let fault: Error | undefined;
    worker.on('message', (reply: TransformReply) => this.#settle(reply));
    worker.on('error', (error: Error) => (fault = error));
    worker.on('exit', (code) => {
      if (this.#worker === worker) this.#worker = undefined;
      this.#fail(fault ?? new Error(`the transform worker ended with code ${code}`));
    });
    return worker;
  }

  #settle(reply: TransformReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('transformed' in reply) waiting?.resolve(reply.transformed);
    else waiting?.reject(restoreError(reply.error));
    if (this.#waiting.size > 0) return;
    this.#idle = setTimeout(() => this.#retire(), idleMilliMax);
    this.#idle.unref();
  }

  #retire(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
  }

  #fail(fault: Error): void {
    const isMemory = (fault as { code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY';
    const error = isMemory ? new QueryError('QUERY_LIMIT', 'the document needs more memory than there is') : fault;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}
