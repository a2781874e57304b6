import { limits, type SpanSink } from '@spoor/model';
import { WalContentEncoding, type WalRecord } from '@spoor/store';
import { decodeContentSync, type ContentCoding } from '../content-coding.ts';
import type { WrapSink } from './resource-tags.ts';
import { decodeAgain } from './request-decoder.ts';

/**
 * Decodes a request from the WAL as it was decoded when it arrived, whatever its protocol: the store's `replay`.
 *
 * @throws {WireError} for a body that was never accepted; the store reports it
 */
export function replayRequest({ header, body }: WalRecord, sink: SpanSink): void {
  const decoded = decodeContentSync(body, codingOf(header.contentEncoding), limits.requestBytesMax);
  decodeAgain(header, decoded, header.receivedMilli, sink);
}

/** As {@link replayRequest}, with what is put between decoder and store when requests arrive. */
export function replayThrough(wrap: WrapSink): (record: WalRecord, sink: SpanSink) => void {
  return (record, sink) => replayRequest(record, wrap(sink));
}

function codingOf(number: number): ContentCoding {
  for (const name of ['gzip', 'deflate', 'zstd'] as const) if (WalContentEncoding[name] === number) return name;
  return 'identity';
}
