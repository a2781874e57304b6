/*
 * Test only: what Jaeger's and Zipkin's clients sent, beside the repository, when it is there.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Decode } from './damage.ts';
import { decodeJaegerAgentMessage, decodeJaegerBatch, decodeJaegerPostSpans } from '../jaeger/decode-jaeger.ts';
import { runSlices } from '../slices.ts';
import { type ZipkinForm, decodeZipkin } from '../zipkin/decode-zipkin.ts';

const dataDirectory = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url));

export const foreignCorpusIsMissing: string | false = existsSync(`${dataDirectory}captures/zipkin`)
  ? false
  : 'no ../shared/data beside the repository';

export interface ForeignCapture {
  readonly name: string;
  readonly body: Uint8Array;
  /** what an independent decoder made of it; empty for JSON, which needs none */
  readonly decoded: string;
  readonly decode: Decode;
}

const options = { receivedMilli: 1_795_376_000_000 };

export const decodeBatch: Decode = (body, sink) => runSlices(decodeJaegerBatch(body, sink, options));
export const decodeAgentMessage: Decode = (body, sink) => runSlices(decodeJaegerAgentMessage(body, sink, options));
export const decodePostSpans: Decode = (body, sink) => runSlices(decodeJaegerPostSpans(body, sink, options));
export function zipkinDecoder(form: ZipkinForm): Decode {
  return (body, sink) => runSlices(decodeZipkin(form, body, sink, options));
}

export function jaegerCaptures(
  folder:
    | 'jaeger-thrift-http'
    | 'jaeger-thrift-udp-compact-6831'
    | 'jaeger-thrift-udp-binary-6832'
    | 'jaeger-grpc-14250',
): readonly ForeignCapture[] {
  const decode =
    folder === 'jaeger-thrift-http'
      ? decodeBatch
      : folder === 'jaeger-grpc-14250'
        ? decodePostSpans
        : decodeAgentMessage;
  return read(`captures/${folder}`, /\.(body|packet)\.bin$/).map(({ name, body }) => ({
    name,
    // A gRPC message has a byte that says whether it is compressed and four with its length.
    body: folder === 'jaeger-grpc-14250' ? body.subarray(5) : body,
    decoded: readFileSync(`${dataDirectory}captures/${folder}/${name}.decoded.json`, 'utf8'),
    decode,
  }));
}

/** Captured requests, and published traces of production systems. */
export function zipkinBodies(form: ZipkinForm): readonly ForeignCapture[] {
  const captured = read('captures/zipkin', /\.body\.bin$/).filter(({ name }) => formOf(name) === form);
  const published = read('zipkin', /\.json$/).filter(({ name }) => formOf(name) === form);
  return [...captured, ...published].map(({ name, body }) => ({
    name,
    body,
    decoded: '',
    decode: zipkinDecoder(form),
  }));
}

function formOf(name: string): ZipkinForm {
  if (/json-v1|case1|cancel/.test(name)) return 'v1-json';
  return name.includes('proto') ? 'v2-protobuf' : 'v2-json';
}

function read(folder: string, names: RegExp): readonly { readonly name: string; readonly body: Uint8Array }[] {
  if (foreignCorpusIsMissing !== false) return [];
  return readdirSync(dataDirectory + folder)
    .filter((name) => names.test(name))
    .map((name) => ({
      name: name.replace(names, ''),
      body: new Uint8Array(readFileSync(`${dataDirectory}${folder}/${name}`)),
    }));
}
