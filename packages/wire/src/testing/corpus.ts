/*
 * Test only: real request bodies that lie beside the repository, when they do.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const dataDirectory = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url));

/** Why tests over the corpus are skipped; `false` when it is there. */
export const corpusIsMissing: string | false = existsSync(dataDirectory)
  ? false
  : 'no ../shared/data beside the repository';

export interface Capture {
  readonly name: string;
  /** the request as a decoder gets it: unframed and decompressed */
  readonly body: Uint8Array;
  /** what an independent decoder made of it: OTLP/JSON or protoc's text */
  readonly decoded: string;
}

/** The 101 bodies of the reference capture. */
export function demoBodies(): Uint8Array[] {
  if (corpusIsMissing !== false) return [];
  return Array.from({ length: 101 }, (_, i) => new Uint8Array(readFileSync(`${dataDirectory}otel-demo-otlp/${i}.bin`)));
}

/** The requests sent by released clients, from one folder of the captures. */
export function captures(folder: 'otlp-grpc' | 'otlp-http-proto' | 'otlp-http-json'): Capture[] {
  if (corpusIsMissing !== false) return [];
  const directory = `${dataDirectory}captures/${folder}/`;
  const suffix = '.body.bin';
  const names = readdirSync(directory)
    .filter((name) => name.endsWith(suffix))
    .map((name) => name.slice(0, -suffix.length));
  return names.map((name) => {
    const headers = readFileSync(`${directory}${name}.headers.json`, 'utf8');
    const sent = readFileSync(`${directory}${name}${suffix}`);
    // A gRPC message has a byte that says whether it is compressed and four with its length.
    const message = folder === 'otlp-grpc' ? sent.subarray(5) : sent;
    const isGzip = folder === 'otlp-grpc' ? sent[0] === 1 : /"content-encoding",?:?\s*"gzip"/i.test(headers);
    const decoded = readFileSync(
      `${directory}${name}.decoded.${folder === 'otlp-http-json' ? 'json' : 'txtpb'}`,
      'utf8',
    );
    return { name, body: new Uint8Array(isGzip ? gunzipSync(message) : message), decoded };
  });
}

/** One of upstream's own examples. */
export function protoExample(name: 'trace' | 'logs' | 'metrics'): Uint8Array {
  if (corpusIsMissing !== false) return new Uint8Array(0);
  return new Uint8Array(readFileSync(`${dataDirectory}captures/opentelemetry-proto-examples/${name}.json`));
}
