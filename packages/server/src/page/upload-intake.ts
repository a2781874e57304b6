import { Worker } from 'node:worker_threads';
import { limits, QueryError, type TraceId } from '@spoor/model';
import { decodeContent } from '../content-coding.ts';
import { restoreError } from '../query-error.ts';
import type { OtlpIntake } from '../receivers/otlp-intake.ts';
import type { ReadUpload, UploadedTrace, UploadFormat } from './read-upload.ts';
import type { UploadJob, UploadReply } from './upload-worker.ts';

export interface UploadIntakeOptions {
  readonly intake: OtlpIntake;
  /** Keeps a trace beyond retention. */
  readonly archiveTrace: (tenant: string, id: TraceId, signal: AbortSignal) => Promise<boolean>;
  readonly retentionAgeMilli: number;
}

/** What the page hears of a file that was taken. */
export interface UploadAnswer {
  readonly format: UploadFormat;
  readonly spanCount: number;
  readonly rejectedSpanCount: number;
  readonly rejectedReason: string | undefined;
  readonly traces: readonly UploadedTrace[];
}

/** Traces of one file that are kept although they are older than what is kept. */
const archivedTracesMax = 100;

/**
 * Takes files of traces: read in a thread of its own, which ends with the file, then stored like anybody's request.
 * Traces older than retention would be gone within minutes; they are archived as well.
 */
export class UploadIntake {
  readonly #options: UploadIntakeOptions;

  constructor(options: UploadIntakeOptions) {
    this.#options = options;
  }

  /** @throws {WireError} that names what is wrong with the file; {QueryError} `QUERY_LIMIT`; {StoreError} */
  async take(tenant: string, file: Uint8Array, signal: AbortSignal): Promise<UploadAnswer> {
    const { intake, archiveTrace, retentionAgeMilli } = this.#options;
    const { protobuf, ...answer } = await readInThread(await unpacked(file));
    if (protobuf.length > limits.requestBytesMax) {
      throw new QueryError('QUERY_LIMIT', `the spans of the file take more than ${limits.requestBytesMax} bytes`);
    }
    await intake.export({
      tenant,
      transport: 'http',
      signal: 'traces',
      encoding: 'protobuf',
      coding: 'identity',
      received: protobuf,
      body: protobuf,
    });
    const keptSince = Date.now() - retentionAgeMilli;
    const old = answer.traces.filter(({ endMilli }) => endMilli < keptSince).slice(0, archivedTracesMax);
    for (const { traceId } of old) await archiveTrace(tenant, traceId, signal);
    return answer;
  }
}

/** Files are kept compressed; the first bytes say how. */
function unpacked(file: Uint8Array): Promise<Uint8Array> {
  const isGzip = file[0] === 0x1f && file[1] === 0x8b;
  const isZstd = file[0] === 0x28 && file[1] === 0xb5 && file[2] === 0x2f && file[3] === 0xfd;
  return decodeContent(file, isGzip ? 'gzip' : isZstd ? 'zstd' : 'identity', limits.requestBytesMax);
}

async function readInThread(body: Uint8Array): Promise<ReadUpload> {
  const worker = new Worker(new URL(`./upload-worker${import.meta.url.slice(-3)}`, import.meta.url), {
    name: 'spoor-upload',
  });
  worker.unref();
  const { promise, resolve, reject } = Promise.withResolvers<UploadReply>();
  worker.once('message', resolve);
  worker.once('error', reject);
  worker.once('exit', () => reject(new Error('the thread that reads files ended')));
  try {
    worker.postMessage({ body, receivedMilli: Date.now() } satisfies UploadJob);
    const reply = await promise;
    if ('error' in reply) throw restoreError(reply.error);
    return reply.upload;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_WORKER_OUT_OF_MEMORY') throw error;
    throw new QueryError('QUERY_LIMIT', 'the file needs more memory than there is', { cause: error });
  } finally {
    await worker.terminate();
  }
}
