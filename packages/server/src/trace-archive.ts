import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { limits, QueryError, type TraceId } from '@spoor/model';
import type { TracesAnswer, TracesRequest, TraceStore } from '@spoor/query';
import {
  realDisk,
  Store,
  WalContentEncoding,
  WalContentType,
  WalProtocol,
  WalSignal,
  type ReplayRequest,
  type RequestMeta,
} from '@spoor/store';
import { decodeTracesProtobufSliced, type DecodeResult } from '@spoor/wire';
import { defaultTenant } from './authorize.ts';
import { EmbeddedTraceStore } from './embedded-trace-store.ts';
import type { Log } from './log.ts';
import type { PageTraceAnswer, PageTraceRequest } from './page/page-query.ts';
import { QueryPool } from './query-pool.ts';
import { spanIntake, type SpanRequest } from './receivers/span-intake.ts';
import type { SpoorMetrics } from './spoor-metrics.ts';

export interface TraceArchiveOptions {
  readonly dataDir: string;
  readonly replay: ReplayRequest;
  readonly log: Log;
  readonly metrics: SpoorMetrics;
}

interface Opened {
  readonly store: Store;
  readonly pool: QueryPool;
  readonly traces: EmbeddedTraceStore;
}

/** Traces are put here one at a time, by hand. */
const memoryBytesMax = 128 * 1024 * 1024;
const cacheBytesMax = 8 * 1024 * 1024;
const spansPerSlice = 2_000;

/**
 * Traces that somebody wants to keep: a second store, `<data-dir>/<tenant>/archive/`, from which nothing is ever removed,
 * neither for its age nor for its size. Until the first trace is archived it does not exist and costs nothing.
 */
export class TraceArchive {
  readonly #options: TraceArchiveOptions;
  #opened: Promise<Opened> | undefined;

  constructor(options: TraceArchiveOptions) {
    this.#options = options;
    if (existsSync(join(this.#parent, archiveName))) this.#opened = this.#open();
  }

  /** Resolves when what is archived already can be read. @throws the disk's errors */
  async ready(): Promise<void> {
    await this.#opened;
  }

  /**
   * Copies a trace as it is now. What was archived of it before stays; spans that are the same count once.
   *
   * @param main  where to look for it; may look into this archive too
   * @returns false when there is no such trace
   * @throws {QueryError} `QUERY_LIMIT` for a trace too long to be written at once; {StoreError}
   */
  async keep(main: TraceStore, tenant: string, id: TraceId, signal: AbortSignal): Promise<boolean> {
    const request: TracesRequest = { ids: [id], format: { name: 'otlp-protobuf' } };
    const [stored, archived] = await Promise.all([
      main.traces(tenant, request, signal),
      this.traces(tenant, request, signal),
    ]);
    if (stored.found === 0) return false;
    if (archived !== undefined && Buffer.compare(archived.body, stored.body) === 0) return true;
    if (stored.body.length > limits.requestBytesMax) {
      throw new QueryError('QUERY_LIMIT', `trace ${id} is too large to archive: ${stored.body.length} bytes`);
    }
    const { store } = await this.#openedNow();
    await store.append(meta(), stored.body, (sink) => decodeTracesProtobufSliced(stored.body, sink, spansPerSlice));
    return true;
  }

  /** Takes spans that somebody else chose to keep. @throws {StoreError} */
  async take(request: SpanRequest): Promise<DecodeResult> {
    const { store } = await this.#openedNow();
    return spanIntake(
      () => store,
      (sink) => sink,
    )(request);
  }

  /** `undefined` while nothing was ever archived. */
  async traces(tenant: string, request: TracesRequest, signal?: AbortSignal): Promise<TracesAnswer | undefined> {
    const opened = await this.#opened;
    return opened?.traces.traces(tenant, request, signal);
  }

  /** As {@link traces}, for a part of one trace that the page shows. */
  async page(tenant: string, request: PageTraceRequest, signal?: AbortSignal): Promise<PageTraceAnswer | undefined> {
    const opened = await this.#opened;
    return opened?.traces.page(tenant, request, signal);
  }

  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    await opened?.pool.close();
    await opened?.store.close();
  }

  get #parent(): string {
    return join(this.#options.dataDir, defaultTenant);
  }

  #openedNow(): Promise<Opened> {
    return (this.#opened ??= this.#open());
  }

  async #open(): Promise<Opened> {
    const { replay, log, metrics } = this.#options;
    try {
      const store = await Store.open({
        dataDirectory: this.#parent,
        tenant: archiveName,
        disk: realDisk,
        replay,
        logger: log,
        memoryBytesMax,
        retentionAgeMilli: Number.MAX_SAFE_INTEGER,
        retentionBytesMax: Number.MAX_SAFE_INTEGER,
      });
      const pool = new QueryPool({
        workerCount: 1,
        cacheBytesMax,
        onDeath: (error) => log.error('a query worker ended; it will be replaced', { error: error.message }),
        onDamaged: (segmentId, error) => void store.reportCorruption(segmentId, error),
      });
      return { store, pool, traces: new EmbeddedTraceStore(() => store, pool, metrics) };
    } catch (error) {
      // The next one tries again.
      this.#opened = undefined;
      throw error;
    }
  }
}

/** The name of the store's directory, where a tenant's would be. */
const archiveName = 'archive';

function meta(): RequestMeta {
  return {
    signal: WalSignal.traces,
    protocol: WalProtocol.otlp,
    contentType: WalContentType.protobuf,
    contentEncoding: WalContentEncoding.identity,
    receivedMilli: Date.now(),
    transformationVersion: 0,
  };
}
