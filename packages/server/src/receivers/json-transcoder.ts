import { Worker } from 'node:worker_threads';
import { WireError } from '@spoor/model';
import type { TranscodeJob, TranscodeReply } from './json-transcode-worker.ts';

/**
 * Rewrites large OTLP/JSON bodies as protobuf in a thread of its own, which is started by the first of them: a body of
 * some megabytes would hold the sockets for tens of milliseconds. Jobs run one after the other.
 */
export class JsonTranscoder {
  readonly #waiting = new Map<number, PromiseWithResolvers<Uint8Array>>();
  #worker: Worker | undefined;
  #lastId = 0;

  /** @throws {WireError} as `transcodeJsonToProtobuf` does */
  transcode(json: Uint8Array): Promise<Uint8Array> {
    const id = ++this.#lastId;
    const waiting = Promise.withResolvers<Uint8Array>();
    this.#waiting.set(id, waiting);
    this.#worker ??= this.#start();
    this.#worker.postMessage({ id, json } satisfies TranscodeJob);
    return waiting.promise;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const name = `./json-transcode-worker${import.meta.url.slice(-3)}`;
    const worker = new Worker(new URL(name, import.meta.url), { name: 'spoor-json' });
    worker.unref();
    worker.on('message', (reply: TranscodeReply) => this.#settle(reply));
    worker.on('error', (error: Error) => this.#fail(error));
    worker.on('exit', (code) => {
      this.#worker = undefined;
      this.#fail(new Error(`the JSON worker ended with code ${code}`));
    });
    return worker;
  }

  #settle(reply: TranscodeReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('protobuf' in reply) waiting?.resolve(reply.protobuf);
    else waiting?.reject(flattenedError(reply));
  }

  #fail(error: Error): void {
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}

/** The class of an error does not survive the way between threads; its code does. */
function flattenedError({ code, message, offset }: Extract<TranscodeReply, { message: string }>): Error {
  if (code === undefined) return new Error(message);
  const error = new WireError(code as WireError['code'] & `WIRE_${string}`, message);
  return Object.assign(error, { offset });
}
