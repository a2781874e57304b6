import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { constants, createGzip, type Gzip } from 'node:zlib';
import { LatestSender } from '../latest-sender.ts';

const streamType = 'application/x-ndjson';

/** What an open stream writes to; with compression, each line is sent on as soon as it is compressed. */
interface OpenStream {
  readonly target: Writable;
  readonly gzip: Gzip | undefined;
  /** the client is gone, or has everything */
  readonly closed: Promise<void>;
}

/**
 * An answer that is told while it grows: lines of JSON, the last of which is what an answer in one piece would have been.
 *
 *    {"soFar":…}       any number of them, each in place of the one before
 *    {…} | {"error":…} the answer, or why there is none
 *
 * Nothing is sent before there is something to tell: what is answered quickly is answered as ever, with its own status.
 */
export class AnswerStream {
  readonly #response: ServerResponse;
  readonly #acceptsGzip: boolean;
  readonly #sender = new LatestSender<() => string>((make) => this.#write(make()));
  #stream: OpenStream | undefined;

  constructor(response: ServerResponse, acceptsGzip: boolean) {
    this.#response = response;
    this.#acceptsGzip = acceptsGzip;
  }

  /** Whether a client can read such an answer. */
  static isAccepted(accept: string | undefined): boolean {
    return accept?.includes(streamType) ?? false;
  }

  get isOpen(): boolean {
    return this.#stream !== undefined;
  }

  /** @param make  called when the line is sent, if it is: a slow client gets fewer */
  offer(make: () => object): void {
    this.#sender.offer(() => `{"soFar":${JSON.stringify(make())}}`);
  }

  /** @param last  JSON in one line */
  async finish(last: string): Promise<void> {
    await this.#sender.finish(() => last);
    this.#stream?.target.end();
  }

  async #write(line: string): Promise<void> {
    if (this.#response.destroyed) return;
    this.#stream ??= this.#open();
    const { target, gzip, closed } = this.#stream;
    const sent = new Promise<void>((resolve) => {
      target.write(`${line}\n`, (error) => (gzip === undefined || error ? resolve() : gzip.flush(resolve)));
    });
    await Promise.race([sent, closed]);
  }

  #open(): OpenStream {
    const response = this.#response;
    const gzip = this.#acceptsGzip ? createGzip({ level: constants.Z_BEST_SPEED }) : undefined;
    response.writeHead(200, {
      'Content-Type': streamType,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      ...(gzip !== undefined && { 'Content-Encoding': 'gzip' }),
    });
    const closed = new Promise<void>((resolve) => response.once('close', resolve));
    if (gzip === undefined) return { target: response, gzip, closed };
    response.once('close', () => gzip.destroy());
    gzip.pipe(response);
    return { target: gzip, gzip, closed };
  }
}
