import type { ContentCoding } from '../content-coding.ts';

export type OtlpSignal = 'traces' | 'logs' | 'metrics';
export type OtlpEncoding = 'protobuf' | 'json';

/** One `Export` request, whichever way it came. */
export interface OtlpRequest {
  readonly tenant: string;
  readonly transport: 'grpc' | 'http';
  readonly signal: OtlpSignal;
  readonly encoding: OtlpEncoding;
  /** the coding `received` is in */
  readonly coding: ContentCoding;
  /** the body as received: what the WAL keeps */
  readonly received: Uint8Array;
  /** the body with its content coding undone */
  readonly body: Uint8Array;
}

/**
 * What became of a request that was accepted. With `rejectedCount` 0 a non-empty `message` is a warning, which
 * clients may log; with both empty the answer is the plain success that OTLP asks for.
 */
export interface OtlpOutcome {
  readonly rejectedCount: number;
  readonly message: string;
}

/** Takes a request as a whole or refuses it as a whole. Resolves when what it kept is durable and searchable. */
export type OtlpExport = (request: OtlpRequest) => Promise<OtlpOutcome>;

export const fullSuccess: OtlpOutcome = Object.freeze({ rejectedCount: 0, message: '' });
