import {
  Metadata,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { encodeRpcStatusProtobuf, type RpcCode } from '@spoor/wire';
import { publicMessage, statusOf } from './error-status.ts';

/** A method whose messages pass as bytes: the decoder reads them straight into columns, and grpc-js builds nothing. */
export type UnaryBytes = (call: ServerUnaryCall<Buffer, Uint8Array>, callback: sendUnaryData<Uint8Array>) => void;

/** What a server needs to serve methods by their paths. */
export function unaryService(methods: Readonly<Record<string, UnaryBytes>>): {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
} {
  const paths = Object.entries(methods);
  const definition = paths.map(([path], i) => [`method${i}`, { path, ...bytesOnly, responseStream: false }] as const);
  const implementation = paths.map(([, method], i) => [`method${i}`, method] as const);
  return { definition: Object.fromEntries(definition), implementation: Object.fromEntries(implementation) };
}

/** A status that is none of our error codes, such as that something is not there. */
export class RpcRefusal extends Error {
  readonly code: RpcCode;

  constructor(code: RpcCode, message: string) {
    super(message);
    this.name = 'RpcRefusal';
    this.code = code;
  }
}

/** Code, message and, where the client may retry, RetryInfo in the trailer that carries `google.rpc.Status`. */
export function grpcError(error: unknown): { code: number; details: string; metadata: Metadata } {
  if (error instanceof RpcRefusal) return { code: error.code, details: error.message, metadata: new Metadata() };
  const { grpc: code, retryAfterSeconds } = statusOf(error);
  const details = publicMessage(error);
  const metadata = new Metadata();
  if (retryAfterSeconds !== undefined) {
    const status = { code, message: details, retryDelayMilli: retryAfterSeconds * 1000 };
    metadata.set('grpc-status-details-bin', asBuffer(encodeRpcStatusProtobuf(status)));
  }
  return { code, details, metadata };
}

export function headersOf(metadata: Metadata): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(metadata.getMap())) headers[name] = value.toString();
  return headers;
}

const healthPath = '/grpc.health.v1.Health/Check';
/** `HealthCheckResponse { status = SERVING }`, whatever service is asked for: a process that answers takes spans. */
const serving = Uint8Array.of(0x08, 0x01);
const answerServing: UnaryBytes = (_call, callback) => callback(null, serving);

/** `grpc.health.v1.Health/Check`, which orchestrators and Collectors ask. */
export const healthMethods: Readonly<Record<string, UnaryBytes>> = Object.freeze({ [healthPath]: answerServing });

/** One request message, and messages both ways as bytes: what a method's definition has besides its path. */
export const bytesOnly = Object.freeze({
  requestStream: false,
  requestSerialize: asBuffer,
  requestDeserialize: (bytes: Buffer) => bytes,
  responseSerialize: asBuffer,
  responseDeserialize: (bytes: Buffer) => bytes,
});

/** The same bytes; nothing is copied. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
