import process from 'node:process';
import { gzipSync } from 'node:zlib';
import { grpcSender, httpSender, type Send } from './senders.ts';
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

function senderOf({ protocol, port, compression }: ClientJob): Send {
  const isGzipped = compression === 'gzip';
  if (protocol === 'grpc') return grpcSender(port, exportPath, isGzipped);
  return httpSender({ port, path: '/v1/traces', contentType: 'application/x-protobuf', status: 200, isGzipped });
}

const exportPath = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

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
    const send = senderOf(job);
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
