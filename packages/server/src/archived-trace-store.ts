import { EmbeddedTraceStore } from './embedded-trace-store.ts';
import type { QueryKinds } from './query-job.ts';
import type { QueryPool } from './query-pool.ts';
import type { SpoorMetrics } from './spoor-metrics.ts';
import type { Store } from '@spoor/store';
import type { TraceArchive } from './trace-archive.ts';

/** The embedded store, which finds a trace by its id in the archive too. Searches do not look there. */
export class ArchivedTraceStore extends EmbeddedTraceStore {
  readonly #archive: TraceArchive;

  constructor(storeOf: (tenant: string) => Store, pool: QueryPool, metrics: SpoorMetrics, archive: TraceArchive) {
    super(storeOf, pool, metrics);
    this.#archive = archive;
  }

  /** Ids that are nowhere else are looked up in the archive; when some are here, those that are not count as missing. */
  override async traces(
    tenant: string,
    request: QueryKinds['traces']['request'],
    signal?: AbortSignal,
  ): Promise<QueryKinds['traces']['answer']> {
    const answer = await super.traces(tenant, request, signal);
    if (answer.found > 0) return answer;
    return (await this.#archive.traces(tenant, request, signal)) ?? answer;
  }

  override async page(
    tenant: string,
    request: QueryKinds['page']['request'],
    signal?: AbortSignal,
  ): Promise<QueryKinds['page']['answer']> {
    const answer = await super.page(tenant, request, signal);
    if (answer.isFound) return answer;
    return (await this.#archive.page(tenant, request, signal)) ?? answer;
  }
}
