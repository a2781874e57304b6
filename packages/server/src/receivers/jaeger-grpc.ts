import { Server } from '@grpc/grpc-js';
import { limits } from '@spoor/model';
import { WalContentType, WalProtocol } from '@spoor/store';
import { refusedMessages } from '../grpc-refusals.ts';
import { grpcError, headersOf, healthMethods, unaryService, type UnaryBytes } from '../grpc-unary.ts';
import type { ForeignReceiver } from './jaeger-agent.ts';

const postSpansPath = '/jaeger.api_v2.CollectorService/PostSpans';
const form = Object.freeze({ protocol: WalProtocol.jaeger, contentType: WalContentType.protobuf });
const nothing = new Uint8Array(0);

/** Jaeger's collector over gRPC. A trace id of the wrong length is `INVALID_ARGUMENT`, as there. */
export function createJaegerGrpcServer(
  receiver: ForeignReceiver,
  moreMethods: Readonly<Record<string, UnaryBytes>>,
): Server {
  const { ledger } = receiver;
  const noted = (_path: string, error: unknown): void =>
    ledger.reject({ encoding: 'protobuf', error, body: nothing, sender: undefined });
  const server = new Server({
    'grpc.max_receive_message_length': limits.requestBytesMax,
    interceptors: [refusedMessages(limits.requestBytesMax, noted)],
  });
  const { definition, implementation } = unaryService({
    [postSpansPath]: spanMethod(receiver, postSpansPath, (request) => request),
    ...moreMethods,
    ...healthMethods,
  });
  server.addService(definition, implementation);
  return server;
}

/**
 * A method that takes spans, and answers a message without fields.
 *
 * @param postSpansOf  the request's bytes as a `PostSpansRequest`
 */
export function spanMethod(
  { take, authorize, bodyBytes, ledger }: ForeignReceiver,
  path: string,
  postSpansOf: (request: Buffer) => Buffer,
): UnaryBytes {
  const accept = async (body: Buffer, headers: Readonly<Record<string, string>>, sender: string): Promise<void> => {
    const tenant = authorize({ protocol: 'grpc', path, headers, remoteAddress: sender });
    using hold = bodyBytes.open();
    hold.take(body.length);
    const { spanCount, rejectedSpanCount } = await take({ tenant, form, coding: 'identity', received: body, body });
    ledger.accept({ encoding: 'protobuf', spanCount, rejectedSpanCount, sizeBytes: body.length });
  };
  return (call, callback) => {
    const body = postSpansOf(call.request);
    accept(body, headersOf(call.metadata), call.getPeer()).then(
      () => callback(null, nothing),
      (error: unknown) => {
        ledger.reject({ encoding: 'protobuf', error, body, sender: call.getPeer() });
        callback(grpcError(error));
      },
    );
  };
}
