import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import { decodeContent } from './content-coding.ts';
import { grpcError } from './grpc-unary.ts';

/** What grpc-js's own call has beside its public methods: undoes the compression of a message with its five-byte head. */
interface Decompressing {
  decompressMessage: (message: Buffer, encoding: string) => Uint8Array | Promise<Uint8Array>;
}

const headBytes = 5;

/** As {@link acceptZstd}, of every call of a server. */
export function zstdMessages(bytesMax: number): ServerInterceptor {
  return (_method, call) => {
    acceptZstd(call, bytesMax);
    return new ServerInterceptingCall(call);
  };
}

/**
 * Takes messages in zstd, which Collectors and Rust's exporter can be told to send, beside grpc-js's gzip and deflate. It has no
 * door for another compression, so that its call's own method is wrapped; a test sends such a message.
 *
 * @param call  as the first interceptor of a server is given it
 * @param bytesMax  of a decompressed message; one that is larger is `RESOURCE_EXHAUSTED`
 */
export function acceptZstd(call: object, bytesMax: number): void {
  const inner = call as Decompressing;
  const own = inner.decompressMessage.bind(call);
  inner.decompressMessage = async (message, encoding) => {
    if (encoding !== 'zstd') return own(message, encoding);
    try {
      return await decodeContent(message.subarray(headBytes), 'zstd', bytesMax);
    } catch (error) {
      throw Object.assign(new Error('zstd', { cause: error }), grpcError(error));
    }
  };
}
