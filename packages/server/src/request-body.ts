import type { IncomingMessage } from 'node:http';
import { WireError } from '@spoor/model';
import type { ByteHold } from './byte-budget.ts';

/** The client went away in the middle of its body: nobody is left to answer. */
export class RequestAborted extends Error {
  constructor() {
    super('the client closed the connection before its request was complete');
    this.name = 'RequestAborted';
  }
}

/**
 * Collects a request's body, never holding more than `bytesMax` of it.
 *
 * @param hold  charged for what is received
 * @throws {StoreError} `STORE_BUSY` when `hold` refuses
 * @throws {WireError} `WIRE_LIMIT` as soon as the announced or received length passes `bytesMax`; the rest of the
 *   body is then still unread (see {@link discardBody})
 * @throws {RequestAborted} when the connection closes first
 */
export function readBody(request: IncomingMessage, bytesMax: number, hold: ByteHold): Promise<Uint8Array> {
  return collectBody(request, bytesMax, hold, undefined);
}

/**
 * As {@link readBody}, in memory that goes to another request when `hold` is disposed: until then the body may be looked at.
 * Throws what {@link readBody} throws.
 */
export function borrowBody(request: IncomingMessage, bytesMax: number, hold: ByteHold): Promise<Uint8Array> {
  return collectBody(request, bytesMax, hold, hold.lend(announcedBytes(request)));
}

/** @param whole  room for exactly the announced length; pieces are collected and joined without it */
function collectBody(
  request: IncomingMessage,
  bytesMax: number,
  hold: ByteHold,
  whole: Uint8Array | undefined,
): Promise<Uint8Array> {
  if (announcedBytes(request) > bytesMax) return Promise.reject(tooLarge(bytesMax));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const stop = (): void => {
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      request.pause();
    };
    const onData = (chunk: Buffer): void => {
      const at = length;
      length += chunk.length;
      try {
        if (length > bytesMax) throw tooLarge(bytesMax);
        hold.take(chunk.length);
        // HTTP's parser ends a body at its announced length.
        if (whole) whole.set(chunk, at);
        else chunks.push(chunk);
      } catch (error) {
        stop();
        reject(error);
      }
    };
    const onEnd = (): void =>
      resolve(whole?.subarray(0, length) ?? (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length)));
    const onClose = (): void => {
      if (!request.complete) reject(new RequestAborted());
    };
    request.on('data', onData).on('end', onEnd).on('close', onClose);
    // Without a listener a reset connection would be an uncaught error; `close` follows and reports it.
    request.on('error', () => {});
  });
}

/** Bytes of `Content-Length`; 0 when it is absent, as with chunked bodies. */
export function announcedBytes(request: IncomingMessage): number {
  return Number(request.headers['content-length'] ?? 0);
}

const discardedBytesMax = 64 * 1024 * 1024;
const discardMilliMax = 2_000;

/**
 * Reads and forgets what is left of a refused body, within bounds. Closing a socket with unread data makes the kernel
 * reset the connection, and the client would then see a broken pipe in place of the answer.
 */
export function discardBody(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    if (request.complete || request.destroyed) return resolve();
    let length = 0;
    const timer = setTimeout(resolve, discardMilliMax);
    const finish = (): void => {
      clearTimeout(timer);
      resolve();
    };
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > discardedBytesMax) finish();
    });
    request.once('end', finish).once('close', finish);
    request.resume();
  });
}

function tooLarge(bytesMax: number): WireError {
  return new WireError('WIRE_LIMIT', `the body is larger than ${bytesMax} bytes`);
}
