import type { SpanSink } from '@spoor/model';
import type { DecodeResult } from './decode-result.ts';
import { decodeTracesProtobuf } from './decode-traces-protobuf.ts';
import { transcodeJsonToProtobuf } from './transcode-json.ts';

/**
 * Decodes an OTLP/JSON `ExportTraceServiceRequest` by way of protobuf; see {@link transcodeJsonToProtobuf}, which a
 * worker may run by itself for a large body.
 *
 * @throws {WireError} `WIRE_TRUNCATED`, `WIRE_MALFORMED`, `WIRE_LIMIT`. What JSON can get wrong is found before the
 * sink is touched. Only the limit on a key's length is found later, and its offset is that of the rewritten body.
 */
export function decodeTracesJson(body: Uint8Array, sink: SpanSink): DecodeResult {
  return decodeTracesProtobuf(transcodeJsonToProtobuf(body), sink);
}
