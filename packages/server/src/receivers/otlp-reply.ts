import {
  encodeExportResponseJson,
  encodeExportResponseProtobuf,
  encodeRpcStatusJson,
  encodeRpcStatusProtobuf,
} from '@spoor/wire';
import type { ErrorStatus } from '../error-status.ts';
import type { OtlpEncoding, OtlpOutcome, OtlpSignal } from './otlp-request.ts';

/** The `Export…ServiceResponse`. `partial_success` is unset on full success, as OTLP asks. */
export function encodeOutcome(encoding: OtlpEncoding, signal: OtlpSignal, outcome: OtlpOutcome): Uint8Array {
  const isFull = outcome.rejectedCount === 0 && outcome.message === '';
  const partial = isFull ? undefined : { rejectedCount: outcome.rejectedCount, errorMessage: outcome.message };
  return encoding === 'json' ? encodeExportResponseJson(signal, partial) : encodeExportResponseProtobuf(partial);
}

/** The `google.rpc.Status`, with RetryInfo where the client may retry. */
export function encodeStatus(encoding: OtlpEncoding, status: ErrorStatus, message: string): Uint8Array {
  const { retryAfterSeconds } = status;
  const body = {
    code: status.grpc,
    message,
    retryDelayMilli: retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1000,
  };
  return encoding === 'json' ? encodeRpcStatusJson(body) : encodeRpcStatusProtobuf(body);
}
