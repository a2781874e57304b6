/*
 * Test only: one small body for every decoder, for when there are no captures, and to begin fuzzing from.
 */
import { encodeTracesJson } from '../otlp/encode-traces-json.ts';
import { encodeTracesProtobuf } from '../otlp/encode-traces-protobuf.ts';
import { decodeTracesJson } from '../otlp/decode-traces-json.ts';
import { decodeTracesProtobuf } from '../otlp/decode-traces-protobuf.ts';
import { ProtobufWriter } from '@spoor/model';
import type { Decode } from './damage.ts';
import {
  type ForeignCapture,
  decodeAgentMessage,
  decodeBatch,
  decodePostSpans,
  jaegerCaptures,
  foreignCorpusIsMissing,
  zipkinBodies,
  zipkinDecoder,
} from './foreign-corpus.ts';
import { captures } from './corpus.ts';
import { madeUpTrace } from './made-up-trace.ts';
import { bool, bytes, encodeMessage, encodeThrift, i32, i64, struct, structs, text } from './thrift-writer.ts';

export interface SampleBody {
  readonly name: string;
  readonly body: Uint8Array;
  readonly decode: Decode;
}

const tags = structs(
  struct({ 1: text('span.kind'), 2: i32(0), 3: text('client') }),
  struct({ 1: text('error'), 2: i32(2), 5: bool(true) }),
  struct({ 1: text('n'), 2: i32(3), 6: i64(-1) }),
  struct({ 1: text('b'), 2: i32(4), 7: bytes(1, 2) }),
);
const batch = struct({
  1: struct({ 1: text('shop'), 2: tags }),
  2: structs(
    struct({
      1: i64(1),
      3: i64(2),
      5: text('get'),
      6: structs(struct({ 1: i32(1), 2: i64(1), 4: i64(4) })),
      8: i64(5),
      9: i64(6),
      10: tags,
      11: structs(struct({ 1: i64(5), 2: tags })),
    }),
  ),
});
const endpoint = struct({ 1: i32(1), 2: { type: 'i16', value: 80 }, 3: text('shop') });
const zipkinSpans = structs(
  struct({
    1: i64(1),
    3: text('get'),
    4: i64(2),
    6: structs(struct({ 1: i64(5), 2: text('cs'), 3: endpoint }), struct({ 1: i64(6), 2: text('sr'), 3: endpoint })),
    8: structs(struct({ 1: text('sa'), 2: bytes(1), 3: i32(0), 4: endpoint })),
  }),
);
const v2Json = `[{"traceId":"ab","id":"c","parentId":"d","kind":"CLIENT","name":"n\\n","timestamp":5,"duration":6,
"localEndpoint":{"serviceName":"s","ipv4":"1.2.3.4"},"annotations":[{"timestamp":5,"value":"a|{\\"k\\":1}|0"}],
"tags":{"error":"e","otlp.link.0":"1"}},{"traceId":"ab","id":"d"}]`;
const v1Json = `[{"traceId":"ab","id":"c","annotations":[{"timestamp":5,"value":"cs","endpoint":{"serviceName":"s"}},
{"timestamp":6,"value":"sr"}],"binaryAnnotations":[{"key":"sa","value":true,"endpoint":{"ipv4":"1"}},{"key":"n","value":1}]}]`;

/** A small body for each decoder of this room. */
export function sampleBodies(): readonly SampleBody[] {
  const trace = madeUpTrace(2);
  const utf8 = new TextEncoder();
  const message = struct({ 1: batch });
  const zipkinMessage = struct({ 1: zipkinSpans });
  return [
    { name: 'OTLP protobuf', body: encodeTracesProtobuf([trace]), decode: decodeTracesProtobuf },
    { name: 'OTLP JSON', body: encodeTracesJson([trace]), decode: decodeTracesJson },
    { name: 'Jaeger batch', body: encodeThrift('binary', batch), decode: decodeBatch },
    { name: 'Jaeger binary message', body: encodeMessage('binary', 'emitBatch', message), decode: decodeAgentMessage },
    {
      name: 'Jaeger compact message',
      body: encodeMessage('compact', 'emitBatch', message),
      decode: decodeAgentMessage,
    },
    {
      name: 'Jaeger compact message of Zipkin spans',
      body: encodeMessage('compact', 'emitZipkinBatch', zipkinMessage),
      decode: decodeAgentMessage,
    },
    { name: 'Jaeger protobuf', body: postSpansRequest(), decode: decodePostSpans },
    { name: 'Zipkin v2 JSON', body: utf8.encode(v2Json), decode: zipkinDecoder('v2-json') },
    { name: 'Zipkin v2 protobuf', body: zipkinProtobuf(), decode: zipkinDecoder('v2-protobuf') },
    { name: 'Zipkin v1 JSON', body: utf8.encode(v1Json), decode: zipkinDecoder('v1-json') },
    { name: 'Zipkin v1 Thrift', body: encodeThrift('binary', zipkinSpans), decode: zipkinDecoder('v1-thrift') },
  ];
}

/** Those, and what real clients sent, as far as it is small enough to be mutated often. */
export function fuzzBodies(bytesMax = 8_192): readonly SampleBody[] {
  const otlp = (['otlp-http-proto', 'otlp-http-json'] as const).flatMap((folder) =>
    captures(folder)
      .filter(({ name }) => !/-(logs|metrics)$/.test(name))
      .map((one) => ({ ...one, decode: folder === 'otlp-http-json' ? decodeTracesJson : decodeTracesProtobuf })),
  );
  const foreign: readonly ForeignCapture[] = foreignCorpusIsMissing
    ? []
    : [
        ...jaegerCaptures('jaeger-thrift-http'),
        ...jaegerCaptures('jaeger-thrift-udp-compact-6831'),
        ...jaegerCaptures('jaeger-thrift-udp-binary-6832'),
        ...jaegerCaptures('jaeger-grpc-14250'),
        ...zipkinBodies('v2-json'),
        ...zipkinBodies('v2-protobuf'),
        ...zipkinBodies('v1-json'),
      ];
  return [...sampleBodies(), ...[...otlp, ...foreign].filter(({ body }) => body.length <= bytesMax)];
}

function postSpansRequest(): Uint8Array {
  const writer = new ProtobufWriter();
  const request = writer.begin(1);
  const span = writer.begin(1);
  writer.bytesField(1, new Uint8Array(16).fill(1));
  writer.bytesField(2, new Uint8Array(8).fill(2));
  writer.stringField(3, 'get');
  const start = writer.begin(6);
  writer.varintField(1, 5);
  writer.varintField(2, 6);
  writer.end(start);
  const tag = writer.begin(8);
  writer.stringField(1, 'n');
  writer.varintField(2, 2);
  writer.varintField(5, 7);
  writer.end(tag);
  writer.end(span);
  const process = writer.begin(2);
  writer.stringField(1, 'shop');
  writer.end(process);
  writer.end(request);
  return writer.finish();
}

function zipkinProtobuf(): Uint8Array {
  const writer = new ProtobufWriter();
  const span = writer.begin(1);
  writer.bytesField(1, new Uint8Array(16).fill(1));
  writer.bytesField(3, new Uint8Array(8).fill(2));
  writer.varintField(4, 1);
  writer.fixed64Field(6, 5n);
  const local = writer.begin(8);
  writer.stringField(1, 'shop');
  writer.bytesField(2, Uint8Array.of(1, 2, 3, 4));
  writer.end(local);
  const tag = writer.begin(11);
  writer.stringField(1, 'error');
  writer.stringField(2, 'e');
  writer.end(tag);
  writer.end(span);
  return writer.finish();
}
