import { unixNano } from '@spoor/model';
import type { ColumnSource } from './column-source.ts';
import type { Generation } from './store-generation.ts';
import type { HeadRef } from './store-snapshot.ts';
import { TableSource } from './table-source.ts';

/** Rows of one head that became durable since they were last taken. Plain data and shared memory, as a snapshot is. */
export interface ArrivedRows {
  readonly head: HeadRef;
  /** the rows are from this one up to the head's count */
  readonly firstRow: number;
}

export interface ArrivalBatch {
  readonly rows: readonly ArrivedRows[];
  /** spans that were sealed before anybody took them, and are not among the rows */
  readonly missedSpanCount: number;
  /** The rows stay readable until then. May be called more than once. */
  release(): void;
}

/** What of a store is watched. */
export interface WatchedStore {
  generations(): readonly Generation[];
  /** Keeps the memory of the present heads until the function it gives is called. */
  lease(): () => void;
  /** Nobody is to be told any more of generations that leave. */
  unwatch(arrivals: Arrivals): void;
}

/** Heads that were sealed before their last rows were taken keep their memory; more of them than this are let go. */
const leftHeadsMax = 2;

interface LeftHead {
  readonly rows: ArrivedRows;
  readonly release: () => void;
}

/**
 * Hands out every span that arrives from now on exactly once, in batches, whenever somebody takes one: by how many rows of
 * each generation were taken before. What was stored or replayed at the start is not among them; sealing, merging and
 * retention do not matter, since rows never move within their head, and a head that is sealed stays until it was taken.
 */
export class Arrivals {
  readonly #store: WatchedStore;
  readonly #onLeft: () => void;
  /** rows of each generation that were taken */
  readonly #taken = new WeakMap<Generation, number>();
  readonly #left: LeftHead[] = [];
  #missedSpanCount = 0;

  /**
   * @param onLeft  told when a head is sealed that has rows to take: the sooner the better
   */
  constructor(store: WatchedStore, onLeft: () => void) {
    this.#store = store;
    this.#onLeft = onLeft;
    for (const generation of store.generations()) this.#taken.set(generation, generation.durableCounts.spans);
  }

  /** Everything that became durable since the last time. */
  take(): ArrivalBatch {
    const left = this.#left.splice(0);
    const rows = left.map((one) => one.rows);
    for (const generation of this.#store.generations()) {
      const arrived = this.#newRows(generation);
      if (arrived !== undefined) rows.push(arrived);
    }
    const releases = [...left.map(({ release }) => release), this.#store.lease()];
    const missedSpanCount = this.#missedSpanCount;
    this.#missedSpanCount = 0;
    return { rows, missedSpanCount, release: () => releases.forEach((release) => release()) };
  }

  /** The generation is about to be in a segment, and no more in snapshots. */
  leave(generation: Generation): void {
    const rows = this.#newRows(generation);
    if (rows === undefined) return;
    this.#left.push({ rows, release: this.#store.lease() });
    if (this.#left.length > leftHeadsMax) {
      const { rows: missed, release } = this.#left.shift()!;
      this.#missedSpanCount += missed.head.counts.spans - missed.firstRow;
      release();
    }
    this.#onLeft();
  }

  /** Nobody takes any more: heads that were kept are let go, and none is kept from now on. Batches are their takers' still. */
  close(): void {
    this.#store.unwatch(this);
    for (const { release } of this.#left.splice(0)) release();
  }

  #newRows(generation: Generation): ArrivedRows | undefined {
    const head = generation.ref();
    const firstRow = this.#taken.get(generation) ?? 0;
    if (head === undefined || head.counts.spans <= firstRow) return undefined;
    this.#taken.set(generation, head.counts.spans);
    return { head, firstRow };
  }
}

/** The rows as columns, on whatever thread. */
export function arrivedSource({ head, firstRow }: ArrivedRows): ColumnSource {
  const { id, buffers, counts, startMin, startMax } = head;
  const rows = Uint32Array.from({ length: counts.spans - firstRow }, (_, i) => firstRow + i);
  return new TableSource({
    id,
    table: { ...buffers, counts },
    index: buffers,
    rows: firstRow === 0 ? undefined : rows,
    starts: { startMin: unixNano(startMin), startMax: unixNano(startMax) },
  });
}
