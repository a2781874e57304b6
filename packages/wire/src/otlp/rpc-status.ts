import { ProtobufWriter } from '@spoor/model';

/** gRPC status codes, which `google.rpc.Status` uses over HTTP as well. Source: google/rpc/code.proto. */
export const RpcCode = Object.freeze({
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  dataLoss: 15,
  unauthenticated: 16,
});
export type RpcCode = (typeof RpcCode)[keyof typeof RpcCode];

/** A `google.rpc.Status`. */
export interface RpcStatus {
  readonly code: RpcCode;
  readonly message: string;
  /** when the client may try again, in milliseconds; adds a `google.rpc.RetryInfo` */
  readonly retryDelayMilli?: number | undefined;
}

const RETRY_INFO_TYPE = 'type.googleapis.com/google.rpc.RetryInfo';

/**
 *    Status:     1 code  int32   2 message  string   3 details  Any[]
 *    Any:        1 type_url  string   2 value  bytes
 *    RetryInfo:  1 retry_delay  Duration
 *    Duration:   1 seconds  int64   2 nanos  int32
 *
 * Source: google/rpc/status.proto, google/rpc/error_details.proto.
 */
export function encodeRpcStatusProtobuf({ code, message, retryDelayMilli }: RpcStatus): Uint8Array {
  const writer = new ProtobufWriter();
  if (code !== 0) writer.varintField(1, code);
  if (message !== '') writer.stringField(2, message);
  if (retryDelayMilli === undefined) return writer.finish();
  const any = writer.begin(3);
  writer.stringField(1, RETRY_INFO_TYPE);
  const value = writer.begin(2);
  const delay = writer.begin(1);
  const seconds = Math.floor(retryDelayMilli / 1000);
  const nanos = Math.round((retryDelayMilli % 1000) * 1_000_000);
  if (seconds !== 0) writer.varintField(1, seconds);
  if (nanos !== 0) writer.varintField(2, nanos);
  writer.end(delay);
  writer.end(value);
  writer.end(any);
  return writer.finish();
}

/** The same as protobuf's JSON mapping spells it. */
export function encodeRpcStatusJson({ code, message, retryDelayMilli }: RpcStatus): Uint8Array {
  const details =
    retryDelayMilli === undefined
      ? undefined
      : [{ '@type': RETRY_INFO_TYPE, retryDelay: `${retryDelayMilli / 1000}s` }];
  return new TextEncoder().encode(JSON.stringify({ code, message, details }));
}
