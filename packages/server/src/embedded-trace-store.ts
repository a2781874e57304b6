import { codeOf, type CorruptionError, QueryError } from '@spoor/model';
import type { TraceStore } from '@spoor/query';
import { searchFor } from '@spoor/traceql';
import type { Store, StoreSnapshot } from '@spoor/store';
import type { Query, QueryKind, QueryKinds } from './query-job.ts';
import type { QueryPool } from './query-pool.ts';
import type { SpoorMetrics } from './spoor-metrics.ts';

/** A snapshot is taken again at most so often when files of the last one turn out damaged or gone. */
const attemptsMax = 3;

const warmMilliMax = 2_000;

/** The trace store over the embedded store: each query runs over a snapshot, in a worker. */
export class EmbeddedTraceStore implements TraceStore {
  readonly #storeOf: (tenant: string) => Store;
  readonly #pool: QueryPool;
  readonly #metrics: SpoorMetrics;
  readonly #warming = new AbortController();

  constructor(storeOf: (tenant: string) => Store, pool: QueryPool, metrics: SpoorMetrics) {
    this.#storeOf = storeOf;
    this.#pool = pool;
    this.#metrics = metrics;
  }

  traces(
    tenant: string,
    request: QueryKinds['traces']['request'],
    signal?: AbortSignal,
  ): Promise<QueryKinds['traces']['answer']> {
    return this.#run('traces', tenant, request, signal);
  }

  search(
    tenant: string,
    request: QueryKinds['search']['request'],
    signal?: AbortSignal,
    onProgress?: (soFar: QueryKinds['search']['answer']) => void,
  ): Promise<QueryKinds['search']['answer']> {
    return this.#run('search', tenant, request, signal, onProgress);
  }

  services(
    tenant: string,
    range: QueryKinds['services']['request'],
    signal?: AbortSignal,
  ): Promise<QueryKinds['services']['answer']> {
    return this.#run('services', tenant, range, signal);
  }

  operations(
    tenant: string,
    request: QueryKinds['operations']['request'],
    signal?: AbortSignal,
  ): Promise<QueryKinds['operations']['answer']> {
    return this.#run('operations', tenant, request, signal);
  }

  attributeNames(
    tenant: string,
    request: QueryKinds['attributeNames']['request'],
    signal?: AbortSignal,
  ): Promise<QueryKinds['attributeNames']['answer']> {
    return this.#run('attributeNames', tenant, request, signal);
  }

  attributeValues(
    tenant: string,
    request: QueryKinds['attributeValues']['request'],
    signal?: AbortSignal,
  ): Promise<QueryKinds['attributeValues']['answer']> {
    return this.#run('attributeValues', tenant, request, signal);
  }

  intrinsicValues(
    tenant: string,
    request: QueryKinds['intrinsicValues']['request'],
    signal?: AbortSignal,
  ): Promise<QueryKinds['intrinsicValues']['answer']> {
    return this.#run('intrinsicValues', tenant, request, signal);
  }

  metrics(
    tenant: string,
    request: QueryKinds['metrics']['request'],
    signal?: AbortSignal,
    onProgress?: (soFar: QueryKinds['metrics']['answer']) => void,
  ): Promise<QueryKinds['metrics']['answer']> {
    return this.#run('metrics', tenant, request, signal, onProgress);
  }

  dependencies(
    tenant: string,
    range: QueryKinds['dependencies']['request'],
    signal?: AbortSignal,
  ): Promise<QueryKinds['dependencies']['answer']> {
    return this.#run('dependencies', tenant, range, signal);
  }

  /** For the page; see `page-query.ts`. */
  page(
    tenant: string,
    request: QueryKinds['page']['request'],
    signal?: AbortSignal,
  ): Promise<QueryKinds['page']['answer']> {
    return this.#run('page', tenant, request, signal);
  }

  bounds(
    tenant: string,
    range: QueryKinds['bounds']['request'],
    signal?: AbortSignal,
  ): Promise<QueryKinds['bounds']['answer']> {
    return this.#run('bounds', tenant, range, signal);
  }

  overview(
    tenant: string,
    range: QueryKinds['overview']['request'],
    signal?: AbortSignal,
  ): Promise<QueryKinds['overview']['answer']> {
    return this.#run('overview', tenant, range, signal);
  }

  serviceSeries(
    tenant: string,
    request: QueryKinds['serviceSeries']['request'],
    signal?: AbortSignal,
  ): Promise<QueryKinds['serviceSeries']['answer']> {
    return this.#run('serviceSeries', tenant, request, signal);
  }

  spanMetrics(
    tenant: string,
    request: QueryKinds['spanMetrics']['request'],
    signal?: AbortSignal,
  ): Promise<QueryKinds['spanMetrics']['answer']> {
    return this.#run('spanMetrics', tenant, request, signal);
  }

  serviceGraph(
    tenant: string,
    request: QueryKinds['serviceGraph']['request'],
    signal?: AbortSignal,
  ): Promise<QueryKinds['serviceGraph']['answer']> {
    return this.#run('serviceGraph', tenant, request, signal);
  }

  rootThroughput(
    tenant: string,
    range: QueryKinds['rootThroughput']['request'],
    signal?: AbortSignal,
  ): Promise<QueryKinds['rootThroughput']['answer']> {
    return this.#run('rootThroughput', tenant, range, signal);
  }

  /**
   * Asks what is most often asked first, once of each worker, so that segments are open, the traces of each are known,
   * and the code is compiled: the first question after a start took half a second. Ends when
   * somebody else asks, rather than be in the way.
   */
  async warm(tenant: string, workerCount: number): Promise<void> {
    const signal = AbortSignal.any([this.#warming.signal, AbortSignal.timeout(warmMilliMax)]);
    const search = {
      query: searchFor(undefined),
      range: {},
      limit: 20,
      order: 'newest',
      format: { name: 'jaeger-json' },
    } as const;
    const questions: readonly Query[] = [
      { kind: 'search', request: search },
      { kind: 'operations', request: {} },
      { kind: 'services', request: {} },
    ];
    for (const question of questions) {
      if (signal.aborted) return;
      const asked = Array.from({ length: workerCount }, () => this.#attempt(question, this.#storeOf(tenant), signal));
      // Whatever is wrong, a question that somebody waits for will say so.
      await Promise.allSettled(asked);
    }
  }

  async #run<K extends QueryKind>(
    kind: K,
    tenant: string,
    request: QueryKinds[K]['request'],
    signal: AbortSignal | undefined,
    onProgress?: (soFar: QueryKinds[K]['answer']) => void,
  ): Promise<QueryKinds[K]['answer']> {
    this.#warming.abort();
    const start = performance.now();
    let outcome = 'ok';
    try {
      const tell = onProgress as ((soFar: unknown) => void) | undefined;
      const answer = await this.#attempt({ kind, request } as Query, this.#storeOf(tenant), signal, tell);
      return answer as QueryKinds[K]['answer'];
    } catch (error) {
      outcome = codeOf(error) ?? 'internal';
      throw error;
    } finally {
      this.#metrics.querySeconds.observe((performance.now() - start) / 1000, kind, outcome);
    }
  }

  /**
   * A segment that turns out damaged is reported, and the query asked again without it: one bad block must not hide
   * everything else. A file that is gone was merged or expired after its snapshot was taken; a fresh one does not
   * name it.
   */
  async #attempt(
    query: Query,
    store: Store,
    signal: AbortSignal | undefined,
    onProgress?: (soFar: unknown) => void,
  ): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      const lease = store.snapshot();
      try {
        return await this.#pool.run(query, lease.snapshot, signal, onProgress);
      } catch (error) {
        const isCorrupt = codeOf(error) === 'STORE_CORRUPT';
        const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
        if (isCorrupt) await reportCorruption(store, lease.snapshot, error as CorruptionError);
        if ((!isCorrupt && !isGone) || attempt >= attemptsMax) throw error;
        if (signal?.aborted) throw new QueryError('QUERY_CANCELLED', 'the query was cancelled', { cause: error });
      } finally {
        lease.release();
      }
    }
  }
}

async function reportCorruption(store: Store, { segments }: StoreSnapshot, error: CorruptionError): Promise<void> {
  const damaged = segments.find(({ path }) => path === error.path);
  if (damaged !== undefined) await store.reportCorruption(damaged.id, error);
}
