import { codeOf, errorCodes, type ErrorCode } from '@spoor/model';
import { RpcCode } from '@spoor/wire';

/** How one of our errors is answered: HTTP status, gRPC status code, and how long a client should wait. */
export interface ErrorStatus {
  readonly http: number;
  /** also `google.rpc.Status.code` in the body of an OTLP/HTTP error */
  readonly grpc: RpcCode;
  /** seconds for `Retry-After` and RetryInfo; present exactly when the client may retry */
  readonly retryAfterSeconds: number | undefined;
}

/**
 * Clients of OTLP retry 429, 502, 503 and 504 only, and lose the data on any other status: whatever may pass by
 * itself is a 503. `RESOURCE_EXHAUSTED` without RetryInfo is final, as 413 is.
 */
const statusOfCode: Readonly<Record<ErrorCode, { readonly http: number; readonly grpc: RpcCode }>> = {
  WIRE_TRUNCATED: { http: 400, grpc: RpcCode.invalidArgument },
  WIRE_MALFORMED: { http: 400, grpc: RpcCode.invalidArgument },
  WIRE_LIMIT: { http: 413, grpc: RpcCode.resourceExhausted },
  WIRE_CONTENT_TYPE: { http: 415, grpc: RpcCode.invalidArgument },
  STORE_UNAVAILABLE: { http: 503, grpc: RpcCode.unavailable },
  STORE_BUSY: { http: 503, grpc: RpcCode.unavailable },
  STORE_CLOSED: { http: 503, grpc: RpcCode.unavailable },
  STORE_LOCKED: { http: 500, grpc: RpcCode.internal },
  STORE_CORRUPT: { http: 500, grpc: RpcCode.internal },
  QUERY_INVALID: { http: 400, grpc: RpcCode.invalidArgument },
  QUERY_LIMIT: { http: 400, grpc: RpcCode.resourceExhausted },
  QUERY_CANCELLED: { http: 499, grpc: RpcCode.cancelled },
};

const retryAfterSeconds = 1;

/** An error without one of our codes is a bug: 500, final. */
export function statusOf(error: unknown): ErrorStatus {
  const code = codeOf(error);
  if (code === undefined) return { http: 500, grpc: RpcCode.internal, retryAfterSeconds: undefined };
  const retryable = errorCodes[code].retryable && code !== 'QUERY_CANCELLED';
  return { ...statusOfCode[code], retryAfterSeconds: retryable ? retryAfterSeconds : undefined };
}

/** What a client may read of an error: our own messages whole, nothing of a bug's. */
export function publicMessage(error: unknown): string {
  if (codeOf(error) !== undefined) return (error as Error).message;
  return 'internal error; the log of the server says more';
}
