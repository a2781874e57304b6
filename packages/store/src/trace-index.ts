import { HeadFullError } from './head-full-error.ts';
import type { HeadBuffers } from './head-buffers.ts';
import type { SpanTableCounts } from './span-table.ts';
import { mixWord } from './string-interner.ts';

/** The writer's side of a head's traces: id words to trace row, new ones appended. {@link findTraceRow} is the readers'. */
export class TraceIndex {
  readonly #counts: SpanTableCounts;
  readonly #ids: Uint32Array;
  readonly #slots: Uint32Array;
  readonly #lastRow: Uint32Array;
  readonly #seed: number;
  readonly #tracesMax: number;

  constructor(buffers: HeadBuffers, counts: SpanTableCounts) {
    this.#counts = counts;
    this.#ids = buffers.traceId;
    this.#slots = buffers.traceSlots;
    this.#lastRow = buffers.traceLastRow;
    this.#seed = buffers.hashSeed;
    this.#tracesMax = buffers.capacity.traces;
  }

  /** @throws {HeadFullError} when the trace is new and does not fit; nothing was changed */
  rowOf(id0: number, id1: number, id2: number, id3: number): number {
    // Words that come as signed integers would never equal those read back.
    id0 >>>= 0;
    id1 >>>= 0;
    id2 >>>= 0;
    id3 >>>= 0;
    const slots = this.#slots;
    const ids = this.#ids;
    const mask = slots.length - 1;
    let slot = hashTraceId(id0, id1, id2, id3, this.#seed) & mask;
    for (let entry = slots[slot]; entry !== 0; entry = slots[slot]!) {
      if (sameId(ids, 4 * (entry - 1), id0, id1, id2, id3)) return entry - 1;
      slot = (slot + 1) & mask;
    }
    const trace = this.#counts.traces;
    if (trace >= this.#tracesMax) throw new HeadFullError('traces');
    ids[4 * trace] = id0;
    ids[4 * trace + 1] = id1;
    ids[4 * trace + 2] = id2;
    ids[4 * trace + 3] = id3;
    this.#lastRow[trace] = 0;
    slots[slot] = trace + 1;
    this.#counts.traces = trace + 1;
    return trace;
  }

  /** Forgets the newest traces, down to `count`. */
  truncate(count: number): void {
    const ids = this.#ids;
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let trace = this.#counts.traces - 1; trace >= count; trace--) {
      const at = 4 * trace;
      let slot = hashTraceId(ids[at], ids[at + 1], ids[at + 2], ids[at + 3], this.#seed) & mask;
      while (slots[slot] !== trace + 1) slot = (slot + 1) & mask;
      slots[slot] = 0;
    }
    this.#counts.traces = count;
  }
}

/** Row of a trace among the first `count` of a head, from any thread; −1 when it is not there. */
export function findTraceRow(buffers: HeadBuffers, count: number, id: Uint32Array): number {
  const { traceSlots: slots, traceId } = buffers;
  const mask = slots.length - 1;
  const [id0, id1, id2, id3] = id as unknown as [number, number, number, number];
  for (let slot = hashTraceId(id0, id1, id2, id3, buffers.hashSeed) & mask; ; slot = (slot + 1) & mask) {
    const trace = slots[slot] - 1;
    if (trace < 0 || trace >= count) return -1;
    if (sameId(traceId, 4 * trace, id0, id1, id2, id3)) return trace;
  }
}

/**
 * The rows of a trace below `rowCount`, ascending, from any thread. The chain starts at the newest row, which may
 * be one that is just being taken back; then the walk is repeated.
 */
export function rowsOfTrace(buffers: HeadBuffers, trace: number, rowCount: number): Uint32Array {
  const { traceLastRow, previousRowOfTrace } = buffers;
  for (;;) {
    const last = traceLastRow[trace];
    const rows: number[] = [];
    for (let row = last - 1; row >= 0; row = previousRowOfTrace[row] - 1) {
      if (row < rowCount) rows.push(row);
    }
    if (Atomics.load(traceLastRow, trace) === last) return Uint32Array.from(rows.reverse());
  }
}

function sameId(ids: Uint32Array, at: number, id0: number, id1: number, id2: number, id3: number): boolean {
  return ids[at + 3] === id3 && ids[at + 2] === id2 && ids[at + 1] === id1 && ids[at] === id0;
}

/** All four words count: some SDKs put a timestamp in the first, some leave the first two zero. */
function hashTraceId(id0: number, id1: number, id2: number, id3: number, seed: number): number {
  const front = Math.imul(id0 ^ seed, 0x9e3779b1) ^ Math.imul(id1, 0x85ebca77);
  return mixWord(front ^ Math.imul(id2, 0xc2b2ae3d) ^ Math.imul(id3, 0x27d4eb2f));
}
