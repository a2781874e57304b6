import type { SpanSink } from '@spoor/model';
import { WalContentType, WalProtocol } from '@spoor/store';
import {
  decodeJaegerAgentMessage,
  decodeJaegerBatch,
  decodeJaegerPostSpans,
  decodeTracesJson,
  decodeTracesProtobuf,
  decodeZipkin,
  runSlices,
  type DecodeResult,
  type Slices,
  type ZipkinForm,
} from '@spoor/wire';

/** What a body is in, by the numbers that the WAL keeps of it. */
export interface BodyForm {
  /** `WalProtocol` */
  readonly protocol: number;
  /** `WalContentType` */
  readonly contentType: number;
}

const slicedBytesMin = 1024 * 1024;
const spansPerSlice = 1_000;

/**
 * Decodes a body of Jaeger's or Zipkin's clients, with any content coding undone. Bodies that would hold the sockets for
 * long come in slices.
 *
 * @param receivedMilli  as the WAL keeps it: a body says the same whenever it is decoded
 */
export function decodeForeign(
  form: BodyForm,
  body: Uint8Array,
  receivedMilli: number,
  sink: SpanSink,
): DecodeResult | Slices<DecodeResult> {
  if (body.length > slicedBytesMin) return slicesOf(form, body, sink, { receivedMilli, spansPerSlice });
  return runSlices(slicesOf(form, body, sink, { receivedMilli }));
}

/** Decodes a body from the WAL at once, of any protocol. */
export function decodeAgain(form: BodyForm, body: Uint8Array, receivedMilli: number, sink: SpanSink): DecodeResult {
  if (form.protocol !== WalProtocol.otlp) return runSlices(slicesOf(form, body, sink, { receivedMilli }));
  return form.contentType === WalContentType.json ? decodeTracesJson(body, sink) : decodeTracesProtobuf(body, sink);
}

function slicesOf(
  { protocol, contentType }: BodyForm,
  body: Uint8Array,
  sink: SpanSink,
  options: { readonly receivedMilli: number; readonly spansPerSlice?: number },
): Slices<DecodeResult> {
  switch (protocol) {
    case WalProtocol.jaegerAgent:
      return decodeJaegerAgentMessage(body, sink, options);
    case WalProtocol.jaeger:
      return contentType === WalContentType.protobuf
        ? decodeJaegerPostSpans(body, sink, options)
        : decodeJaegerBatch(body, sink, options);
    case WalProtocol.zipkin:
    case WalProtocol.zipkinV1:
      return decodeZipkin(zipkinForm(protocol, contentType), body, sink, options);
    default:
      throw new Error(`there is no decoder for protocol ${protocol}`);
  }
}

function zipkinForm(protocol: number, contentType: number): ZipkinForm {
  if (protocol === WalProtocol.zipkinV1) return contentType === WalContentType.json ? 'v1-json' : 'v1-thrift';
  return contentType === WalContentType.json ? 'v2-json' : 'v2-protobuf';
}
