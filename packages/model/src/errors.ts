/**
 * Every error a caller can meet, once. A code is never reused; `docs/errors.md` lists the same codes and a test
 * holds the two equal. `retryable` says whether the same request may succeed later.
 */
export const errorCodes = Object.freeze({
  WIRE_TRUNCATED: { retryable: false, meaning: 'The message ends in the middle of a field.' },
  WIRE_MALFORMED: { retryable: false, meaning: 'A field is not encoded as its protocol says.' },
  WIRE_LIMIT: { retryable: false, meaning: 'The message is larger, deeper or longer than a limit allows.' },
  WIRE_CONTENT_TYPE: { retryable: false, meaning: 'The content type or encoding is not one that is accepted here.' },
  STORE_UNAVAILABLE: { retryable: true, meaning: 'Spans cannot be made durable now: the disk is full or failing.' },
  STORE_BUSY: { retryable: true, meaning: 'The memory for unsealed spans is used up; sealing has to catch up.' },
  STORE_CLOSED: { retryable: true, meaning: 'The store is shutting down.' },
  STORE_LOCKED: { retryable: false, meaning: 'Another process uses the data directory.' },
  STORE_CORRUPT: { retryable: false, meaning: 'A data file is damaged; the message names file and offset.' },
  QUERY_INVALID: { retryable: false, meaning: 'A query parameter is missing or cannot be understood.' },
  QUERY_LIMIT: { retryable: false, meaning: 'The query asks for more than a limit allows.' },
  QUERY_CANCELLED: { retryable: true, meaning: 'The client went away or the query was cancelled.' },
});
export type ErrorCode = keyof typeof errorCodes;

/** Base of every error that is not a bug. Match on `code`, not on the class. */
export class SpoorError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Bad input on the way in. `offset` is in bytes of the (decompressed) body, −1 when unknown. */
export class WireError extends SpoorError {
  readonly offset: number;
  constructor(code: Extract<ErrorCode, `WIRE_${string}`>, message: string, offset = -1, options?: ErrorOptions) {
    super(code, offset >= 0 ? `${message} (byte ${offset})` : message, options);
    this.offset = offset;
  }
}

/** A question that cannot be answered as asked. */
export class QueryError extends SpoorError {}

/** The store cannot take or keep spans now. */
export class StoreError extends SpoorError {}

/** Damaged data. `path` and `offset` say where. */
export class CorruptionError extends SpoorError {
  readonly path: string;
  readonly offset: number;
  constructor(path: string, offset: number, message: string, options?: ErrorOptions) {
    super('STORE_CORRUPT', `${path} at byte ${offset}: ${message}`, options);
    this.path = path;
    this.offset = offset;
  }
}

/** A bug if it fails: crashes rather than goes on with a broken invariant. */
export function assert(condition: unknown, invariant: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${invariant}`);
}

/** The code of an unknown error, when it has one of ours. */
export function codeOf(error: unknown): ErrorCode | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : undefined;
}
