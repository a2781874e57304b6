import type { IncomingMessage, ServerResponse } from 'node:http';

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

/** A signal that fires when the client goes away before its answer was sent. */
export function clientGone(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
