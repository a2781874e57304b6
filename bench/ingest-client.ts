import { type ClientHttp2Session, connect } from 'node:http2';
import { Agent, request as httpRequest } from 'node:http';
import process from 'node:process';
import { gzipSync } from 'node:zlib';
import { SpanGenerator } from './span-generator.ts';

/** What one client process is to send; posted to it by its parent. */
export interface ClientJob {
  readonly protocol: 'http' | 'grpc';
  readonly port: number;
  readonly spansPerRequest: number;
  readonly connections: number;
  readonly compression: 'none' | 'gzip';
  /** no more requests are begun once so many spans were */
  readonly spans: number;
  /** spans per second over all connections; as fast as answers come when absent */
  readonly rate?: number | undefined;
  readonly seed: number;
  readonly source?: 'capture' | 'synthetic' | undefined;
  /** copies end this much apart instead of now, the last one now: spreads stored data over time */
  readonly copyIntervalMilli?: number | undefined;
}

/** Posted back when all answers are there. */
export interface ClientResult {
  readonly source: string;
  readonly spans: number;
  readonly requests: number;
  readonly wireBytes: number;
  readonly elapsedMilli: number;
  /** of every request, in order of their answers */
  readonly acknowledgeMilli: readonly number[];
  /** requests that began later than their pace said, because all connections were waiting */
  readonly lateRequests: number;
  readonly failures: readonly string[];
}

/** Sends one body. Resolves when the answer says that it is taken; throws otherwise. */
type Send = (body: Uint8Array) => Promise<void>;

function httpSender(job: ClientJob): Send {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const coding = job.compression === 'gzip' ? { 'content-encoding': 'gzip' } : {};
  return (body) =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.length, ...coding };
      const path = '/v1/traces';
      const call = httpRequest(
        { host: '127.0.0.1', port: job.port, method: 'POST', path, agent, headers },
        (answer) => {
          answer.resume();
          answer.on('end', () => {
            if (answer.statusCode === 200) resolve();
            else reject(new Error(`HTTP status ${answer.statusCode}`));
          });
        },
      );
      call.on('error', reject);
      call.end(body);
    });
}

/** Plain HTTP/2, which costs the machine less than a gRPC library would: the server is what is measured. */
function grpcSender(job: ClientJob): Send {
  const session: ClientHttp2Session = connect(`http://127.0.0.1:${job.port}`);
  const headers = {
    ':method': 'POST',
    ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    'content-type': 'application/grpc',
    te: 'trailers',
    ...(job.compression === 'gzip' ? { 'grpc-encoding': 'gzip' } : {}),
  };
  return (body) =>
    new Promise((resolve, reject) => {
      const frame = Buffer.allocUnsafe(5 + body.length);
      frame[0] = job.compression === 'gzip' ? 1 : 0;
      frame.writeUInt32BE(body.length, 1);
      frame.set(body, 5);
      const call = session.request(headers);
      let status: unknown = 'none';
      call.on('response', (answer) => (status = answer['grpc-status'] ?? status));
      call.on('trailers', (trailers) => (status = trailers['grpc-status'] ?? status));
      call.on('error', reject);
      call.on('close', () => {
        if (status === '0') resolve();
        else reject(new Error(`gRPC status ${String(status)}`));
      });
      call.resume();
      call.end(frame);
    });
}

/** Hands out requests in order, each with the time it is due. */
class Pace {
  readonly #generator: SpanGenerator;
  readonly #job: ClientJob;
  readonly #copies: number;
  readonly #startMs = performance.now();
  #copy = 0;
  #request = 0;
  spans = 0;

  constructor(job: ClientJob, generator: SpanGenerator) {
    this.#job = job;
    this.#generator = generator;
    this.#copies = Math.ceil(job.spans / generator.spansPerCopy);
  }

  /** `undefined` when enough was sent. */
  next(): { readonly body: Uint8Array; readonly dueMs: number | undefined } | undefined {
    if (this.spans >= this.#job.spans) return undefined;
    const { rate, copyIntervalMilli = 0, compression } = this.#job;
    const dueMs = rate === undefined ? undefined : this.#startMs + (this.spans / rate) * 1000;
    const endMilli = Date.now() - (this.#copies - 1 - this.#copy) * copyIntervalMilli;
    const plain = this.#generator.request(this.#copy, this.#request, BigInt(Math.floor(endMilli)) * 1_000_000n);
    this.spans += this.#generator.spansIn(this.#request);
    if (++this.#request === this.#generator.requestsPerCopy) {
      this.#request = 0;
      this.#copy++;
    }
    return { body: compression === 'gzip' ? gzipSync(plain) : plain, dueMs };
  }
}

async function run(job: ClientJob): Promise<ClientResult> {
  const generator = new SpanGenerator(job);
  const pace = new Pace(job, generator);
  const acknowledgeMilli: number[] = [];
  const failures: string[] = [];
  let wireBytes = 0;
  let lateRequests = 0;

  const connection = async (): Promise<void> => {
    const send = job.protocol === 'http' ? httpSender(job) : grpcSender(job);
    for (let next = pace.next(); next !== undefined; next = pace.next()) {
      let startMs = performance.now();
      if (next.dueMs !== undefined && next.dueMs > startMs) {
        await new Promise((resolve) => setTimeout(resolve, next.dueMs! - startMs));
        startMs = performance.now();
      } else if (next.dueMs !== undefined) {
        // Waiting for a free connection is part of what a sender at this pace would have felt.
        startMs = next.dueMs;
        lateRequests++;
      }
      wireBytes += next.body.length;
      try {
        await send(next.body);
        acknowledgeMilli.push(performance.now() - startMs);
      } catch (error) {
        if (failures.length < 20) failures.push(String(error));
        if (failures.length === 20) return;
      }
    }
  };

  const startMs = performance.now();
  await Promise.all(Array.from({ length: job.connections }, connection));
  const elapsedMilli = performance.now() - startMs;
  const requests = acknowledgeMilli.length;
  const { source } = generator;
  return { source, spans: pace.spans, requests, wireBytes, elapsedMilli, acknowledgeMilli, lateRequests, failures };
}

process.on('message', (job: ClientJob) => {
  void run(job).then((result) => process.send?.(result, () => process.exit()));
});
