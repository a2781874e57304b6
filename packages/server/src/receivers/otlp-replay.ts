import { limits, type SpanSink } from '@spoor/model';
import { WalContentEncoding, WalContentType, type WalRecord } from '@spoor/store';
import { decodeTracesJson, decodeTracesProtobuf } from '@spoor/wire';
import { decodeContentSync, type ContentCoding } from '../content-coding.ts';

/**
 * Decodes a request from the WAL as it was decoded when it arrived: the store's `replay`.
 *
 * @throws {WireError} for a body that was never accepted; the store reports it
 */
export function replayOtlp(record: WalRecord, sink: SpanSink): void {
  const body = decodeContentSync(record.body, codingOf(record.header.contentEncoding), limits.requestBytesMax);
  if (record.header.contentType === WalContentType.json) decodeTracesJson(body, sink);
  else decodeTracesProtobuf(body, sink);
}

function codingOf(number: number): ContentCoding {
  for (const name of ['gzip', 'deflate', 'zstd'] as const) if (WalContentEncoding[name] === number) return name;
  return 'identity';
}
