import { ProtobufWriter } from '@spoor/model';
import { asBuffer, type UnaryBytes } from '../grpc-unary.ts';
import type { ForeignReceiver } from './jaeger-agent.ts';
import { spanMethod } from './jaeger-grpc.ts';
import type { TakeSpans } from './span-intake.ts';

const nothing = new Uint8Array(0);

/**
 * `jaeger.storage.v1`: what the programs of Jaeger 1 write to the storage behind them, a span a call. Each is answered when it is
 * on disk. A Jaeger 1.76 writes the spans of a batch one after the other, and gives up the rest of it after 5 s: none is made
 * to wait for others.
 *
 * @param takeArchived  where spans go that somebody wants to keep
 * Source: jaeger 1.76, internal/storage/v1/grpc/proto/storage.proto.
 */
export function spanWriterMethods(
  receiver: ForeignReceiver,
  takeArchived: TakeSpans,
): Readonly<Record<string, UnaryBytes>> {
  const urgent = (take: TakeSpans): ForeignReceiver => ({
    ...receiver,
    take: (request) => take({ ...request, haste: 'urgent' }),
  });
  const writeSpan = '/jaeger.storage.v1.SpanWriterPlugin/WriteSpan';
  const writeArchiveSpan = '/jaeger.storage.v1.ArchiveSpanWriterPlugin/WriteArchiveSpan';
  return {
    [writeSpan]: spanMethod(urgent(receiver.take), writeSpan, batchOfOne),
    [writeArchiveSpan]: spanMethod(urgent(takeArchived), writeArchiveSpan, batchOfOne),
    '/jaeger.storage.v1.SpanWriterPlugin/Close': (_call, callback) => callback(null, nothing),
  };
}

/**
 *    WriteSpanRequest:  1 span  Span        PostSpansRequest:  1 batch  Batch        Batch:  1 spans  Span[]
 *
 * A `WriteSpanRequest` is a `Batch` of one span: what collectors take stands round it, and is what the WAL keeps.
 */
function batchOfOne(request: Buffer): Buffer {
  const writer = new ProtobufWriter();
  writer.bytesField(1, request);
  return asBuffer(writer.finish());
}
