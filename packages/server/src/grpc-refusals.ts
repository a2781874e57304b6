import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import { WireError } from '@spoor/model';
import { RpcCode } from '@spoor/wire';
import { acceptZstd } from './grpc-zstd.ts';

/**
 * Tells of messages that grpc-js refuses before a method sees them: those that are too large, and those it cannot decompress. It
 * has no event for that; its call ends itself by its own `sendStatus`, which is therefore watched. Messages in zstd are taken.
 *
 * @param bytesMax  of a message in zstd, decompressed
 */
export function refusedMessages(bytesMax: number, note: (path: string, error: WireError) => void): ServerInterceptor {
  return ({ path }, call) => {
    acceptZstd(call, bytesMax);
    let isReceived = false;
    const end = call.sendStatus.bind(call);
    call.sendStatus = (status): void => {
      const code = codes[status.code ?? RpcCode.ok];
      if (!isReceived && code !== undefined) note(path, new WireError(code, status.details ?? '', 0));
      end(status);
    };
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMessage: (message, pass) => {
            isReceived = true;
            pass(message);
          },
        }),
    });
  };
}

const codes: Readonly<Record<number, 'WIRE_LIMIT' | 'WIRE_MALFORMED' | 'WIRE_CONTENT_TYPE'>> = {
  [RpcCode.resourceExhausted]: 'WIRE_LIMIT',
  [RpcCode.internal]: 'WIRE_MALFORMED',
  [RpcCode.invalidArgument]: 'WIRE_MALFORMED',
  [RpcCode.unimplemented]: 'WIRE_CONTENT_TYPE',
};
