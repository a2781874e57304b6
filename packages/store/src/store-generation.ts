import { limits } from '@spoor/model';
import {
  allocateHeadBuffers,
  type HeadBuffers,
  type HeadCapacity,
  headCapacity,
  headCapacityForRequest,
  stringLevelOf,
} from './head-buffers.ts';
import { Head } from './head.ts';
import type { SpanTableCounts } from './span-table.ts';
import type { HeadRef } from './store-snapshot.ts';

/** A WAL file, or the part of one, whose records fill a generation. */
export interface GenerationWal {
  readonly id: number;
  readonly path: string;
  /** all rows that came from before this offset are below the generation's durable mark */
  durableBytes: number;
}

/**
 * One head and the WAL files behind it: a single file when the generation was filled by requests, one or several when by
 * replay. Once frozen its durable mark stands still; rows past the mark, if any, were never acknowledged.
 */
export class Generation {
  readonly id: number;
  readonly head: Head;
  readonly wals: GenerationWal[] = [];
  readonly createdMilli: number;
  /** queries and acknowledgements stop here */
  durableCounts: SpanTableCounts;
  receivedMaxMilli = 0;
  /** when the generation took its last row; `undefined` while it is open */
  frozenMilli: number | undefined;

  constructor(id: number, createdMilli: number, head: Head) {
    this.id = id;
    this.createdMilli = createdMilli;
    this.head = head;
    this.durableCounts = head.countsNow();
  }

  get isFrozen(): boolean {
    return this.frozenMilli !== undefined;
  }

  /** What a query may see of it, `undefined` when that is nothing. */
  ref(): HeadRef | undefined {
    if (this.durableCounts.spans === 0) return undefined;
    const { buffers, startMin, startMax } = this.head;
    return { id: `head-${this.id}`, buffers, counts: this.durableCounts, startMin, startMax };
  }
}

/** Room for a generation that ends at so many rows, the last request included, unless that is an uncommonly large one. */
export function generationCapacity(rowsMax: number): HeadCapacity {
  return headCapacity(rowsMax + Math.ceil(rowsMax / 16) + 1024);
}

/** Any request that is let in fits into an empty head of this capacity; what is not used costs address space only. */
export const largestCapacity = headCapacityForRequest(limits.requestBytesMax);

export function newHead(capacity: HeadCapacity): Head {
  return new Head(allocateHeadBuffers(capacity));
}

/** A head's memory, and how far it was written. */
export interface UsedBuffers {
  readonly buffers: HeadBuffers;
  readonly counts: SpanTableCounts;
}

/**
 * An empty head in the memory of one that nobody reads any more. Left to the garbage collector, sealed heads would pile up:
 * it does not count shared memory (250 MB were free only after a forced collection, measured over four seals).
 */
export function reusedHead({ buffers, counts }: UsedBuffers): Head {
  const { stringSlots } = buffers;
  for (let level = stringLevelOf(stringSlots, counts.strings); level >= 0; level--) stringSlots[level].fill(0);
  for (const slots of [buffers.shapeSlots, buffers.traceSlots]) slots.fill(0);
  buffers.sealedVersion.fill(0, 0, counts.spans);
  return new Head(buffers);
}
