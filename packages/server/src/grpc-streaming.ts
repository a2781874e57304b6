import type { ServerWritableStream, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { QueryError } from '@spoor/model';
import { asBuffer, bytesOnly, grpcError, headersOf } from './grpc-unary.ts';

/** A question that is answered with any number of messages, as its handler sees it. */
export interface StreamingCall {
  /** `/package.Service/Method` */
  readonly path: string;
  /** the one request message */
  readonly request: Buffer;
  /** the metadata, for `authorize` */
  readonly headers: Readonly<Record<string, string>>;
  readonly remoteAddress: string;
  /** fires when the client cancels, goes away, or its deadline passes; hand it on to whatever takes long */
  readonly signal: AbortSignal;
  /**
   * Sends a message. Wait for it before the next: it resolves when the connection has taken the bytes, so a slow reader
   * holds up the writer and at most one message is in memory.
   * Borrowed: the bytes must not change until then.
   *
   * @throws {QueryError} `QUERY_CANCELLED` when nobody reads any more
   */
  readonly send: (message: Uint8Array) => Promise<void>;
}

/**
 * A method that streams its answer, as bytes. Returning ends the stream with status OK; what it throws becomes the
 * status, as of unary methods, after the messages sent so far.
 */
export type StreamingBytes = (call: StreamingCall) => Promise<void>;

/**
 * What a server needs to serve server-streaming methods by their paths. A server takes it beside a `unaryService`, each
 * by an `addService` of its own.
 *
 * @param onError  told of what methods throw, cancelled ones excepted
 */
export function streamingService(
  methods: Readonly<Record<string, StreamingBytes>>,
  onError: (path: string, error: unknown) => void,
): { readonly definition: ServiceDefinition; readonly implementation: UntypedServiceImplementation } {
  const entries = Object.entries(methods);
  const definition = entries.map(([path], i) => [`method${i}`, { path, ...bytesOnly, responseStream: true }] as const);
  const implementation = entries.map(([path, method], i) => {
    const handle = (call: ServerWritableStream<Buffer, Uint8Array>): void => void run(call, path, method, onError);
    return [`method${i}`, handle] as const;
  });
  return { definition: Object.fromEntries(definition), implementation: Object.fromEntries(implementation) };
}

async function run(
  call: ServerWritableStream<Buffer, Uint8Array>,
  path: string,
  method: StreamingBytes,
  onError: (path: string, error: unknown) => void,
): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  call.once('cancelled', () => controller.abort());
  try {
    const send = (message: Uint8Array): Promise<void> => sent(call, signal, message);
    const { request, metadata } = call;
    await method({ path, request, headers: headersOf(metadata), remoteAddress: call.getPeer(), signal, send });
    call.end();
  } catch (error) {
    if (signal.aborted) return;
    onError(path, error);
    call.emit('error', grpcError(error));
  }
}

/** grpc-js calls back when HTTP/2 has taken the message, and not at all when the call is over before. */
function sent(call: ServerWritableStream<Buffer, Uint8Array>, signal: AbortSignal, message: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new QueryError('QUERY_CANCELLED', 'nobody reads the answer any more'));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    call.write(asBuffer(message), (error: Error | null | undefined) => {
      signal.removeEventListener('abort', onAbort);
      if (error) reject(error);
      else resolve();
    });
  });
}
