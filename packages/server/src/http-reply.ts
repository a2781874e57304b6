import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, createGzip } from 'node:zlib';

/** Sends a whole answer. A `HEAD` request gets the headers only. */
export function reply(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string | Uint8Array | readonly Uint8Array[],
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.destroyed || response.headersSent) return;
  const pieces = typeof body === 'string' ? [Buffer.from(body)] : body instanceof Uint8Array ? [body] : body;
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': length, ...headers });
  if (request.method !== 'HEAD') for (const piece of pieces) response.write(piece);
  response.end();
}

/** Below this, an answer leaves in a packet or two anyway. */
const gzipBytesMin = 16 * 1024;

/**
 * As {@link reply}; a large answer is compressed when the client asks for it, on the thread pool, at the lowest level: a
 * sixth of the bytes at some 200 MB/s. Its length is not known before, so it goes in chunks.
 */
export function replyCompressed(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string | Uint8Array | readonly Uint8Array[],
  headers: Readonly<Record<string, string>> = {},
): void {
  const pieces = typeof body === 'string' ? [Buffer.from(body)] : body instanceof Uint8Array ? [body] : body;
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (length < gzipBytesMin) return reply(request, response, status, contentType, pieces, headers);
  const vary = { ...headers, Vary: 'Accept-Encoding' };
  if (request.method === 'HEAD' || !acceptsGzip(request)) {
    return reply(request, response, status, contentType, pieces, vary);
  }
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Encoding': 'gzip', ...vary });
  const gzip = createGzip({ level: constants.Z_BEST_SPEED, chunkSize: 64 * 1024 });
  response.once('close', () => gzip.destroy());
  gzip.pipe(response);
  for (const piece of pieces) gzip.write(piece);
  gzip.end();
}

/** `gzip` or `*`, unless refused by `q=0`. */
function acceptsGzip({ headers }: IncomingMessage): boolean {
  for (const part of (headers['accept-encoding'] ?? '').split(',')) {
    const [name, ...parameters] = part.toLowerCase().split(';');
    const isRefused = parameters.some((parameter) => /^\s*q=0(\.0*)?\s*$/.test(parameter));
    if (/^\s*(gzip|x-gzip|\*)\s*$/.test(name)) return !isRefused;
  }
  return false;
}

/** A signal that fires when the client goes away before its answer was sent. */
export function clientGone(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
