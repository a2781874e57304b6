import { NO_ROW, type TraceColumns } from './column-source.ts';
import { orderSpans } from './order-spans.ts';
import type { OrderedSpans } from './ordered-spans.ts';
import type { SpanTable } from './span-table.ts';

/**
 * The order of a table's rows that were ordered `before` and of `added` ones: what `orderSpans` would make of all of them.
 * Only traces that have added rows are ordered; the others are copied, in runs. A head that grows while it is asked takes a
 * few milliseconds a question so, where ordering 300,000 rows takes 100.
 * @param before  of this table alone, which may have grown since
 * @param added  table rows, ascending, none of them ordered before
 */
export function extendOrder(before: OrderedSpans, table: SpanTable, added: Uint32Array): OrderedSpans {
  if (added.length === 0) return { ...before, tables: [table] };
  const isTouched = new Uint8Array(table.counts.traces);
  for (const row of added) isTouched[table.traceRow[row]] = 1;
  const { firstRow, spanCount } = before.traces;
  const isReplaced = new Uint8Array(firstRow.length);
  let replacedRows = 0;
  for (let trace = 0; trace < isReplaced.length; trace++) {
    if (isTouched[table.traceRow[before.sourceRow[firstRow[trace]]]] === 0) continue;
    isReplaced[trace] = 1;
    replacedRows += spanCount[trace];
  }
  const rows = new Uint32Array(replacedRows + added.length);
  let at = 0;
  for (let trace = isReplaced.indexOf(1); trace >= 0; trace = isReplaced.indexOf(1, trace + 1)) {
    rows.set(before.sourceRow.subarray(firstRow[trace], firstRow[trace] + spanCount[trace]), at);
    at += spanCount[trace];
  }
  rows.set(added, at);
  const fresh = orderSpans([{ table, rows: rows.sort() }]);
  const merged = new MergedOrder(
    table,
    before.rowCount - replacedRows + fresh.rowCount,
    traceCountOf(before, fresh, isReplaced),
  );
  mergeTraces(before, isReplaced, fresh, merged);
  return merged;
}

function traceCountOf(before: OrderedSpans, fresh: OrderedSpans, isReplaced: Uint8Array): number {
  let count = fresh.traces.firstRow.length;
  for (let trace = 0; trace < isReplaced.length; trace++) count += 1 - isReplaced[trace];
  return count + before.traces.firstRow.length - isReplaced.length;
}

/** Both lists of traces are in order. */
function mergeTraces(before: OrderedSpans, isReplaced: Uint8Array, fresh: OrderedSpans, merged: MergedOrder): void {
  const freshCount = fresh.traces.firstRow.length;
  let next = 0;
  for (let trace = 0; trace < isReplaced.length; trace++) {
    if (isReplaced[trace] === 1) continue;
    while (next < freshCount && comesBefore(fresh.traces, next, before.traces, trace)) merged.add(fresh, next++);
    merged.add(before, trace);
  }
  while (next < freshCount) merged.add(fresh, next++);
  merged.finish();
}

/** By start, then id, as `orderSpans` has them. */
function comesBefore(a: TraceColumns, traceA: number, b: TraceColumns, traceB: number): boolean {
  if (a.startHigh[traceA] !== b.startHigh[traceB]) return a.startHigh[traceA] < b.startHigh[traceB];
  if (a.startLow[traceA] !== b.startLow[traceB]) return a.startLow[traceA] < b.startLow[traceB];
  for (let word = 0; word < 4; word++) {
    const [wordA, wordB] = [a.id[4 * traceA + word], b.id[4 * traceB + word]];
    if (wordA !== wordB) return wordA < wordB;
  }
  return false;
}

/** Traces of orders, one after the other, renumbered. Those that follow each other in one order are copied at once. */
class MergedOrder implements OrderedSpans {
  readonly rowCount: number;
  readonly tables: readonly SpanTable[];
  readonly tableIndex: Uint16Array;
  readonly sourceRow: Uint32Array;
  readonly traces: TraceColumns;
  readonly traceRow: Uint32Array;
  readonly parentRow: Uint32Array;
  readonly depth: Uint32Array;
  readonly subtreeSize: Uint32Array;
  readonly connected: Uint8Array;
  readonly childCount: Uint32Array;
  #rows = 0;
  #traces = 0;
  #runOrder: OrderedSpans | undefined;
  #runStart = 0;
  #runEnd = 0;

  constructor(table: SpanTable, rowCount: number, traceCount: number) {
    const words = (): Uint32Array => new Uint32Array(rowCount);
    const ofTraces = (): Uint32Array => new Uint32Array(traceCount);
    this.rowCount = rowCount;
    this.tables = [table];
    this.tableIndex = new Uint16Array(rowCount);
    this.sourceRow = words();
    this.traceRow = words();
    this.parentRow = words();
    this.depth = words();
    this.subtreeSize = words();
    this.connected = new Uint8Array(rowCount);
    this.childCount = words();
    this.traces = {
      id: new Uint32Array(4 * traceCount),
      firstRow: ofTraces(),
      spanCount: ofTraces(),
      errorCount: ofTraces(),
      startLow: ofTraces(),
      startHigh: ofTraces(),
      endLow: ofTraces(),
      endHigh: ofTraces(),
      rootRow: ofTraces(),
    };
  }

  add(order: OrderedSpans, trace: number): void {
    if (order === this.#runOrder && trace === this.#runEnd) {
      this.#runEnd++;
      return;
    }
    this.finish();
    this.#runOrder = order;
    this.#runStart = trace;
    this.#runEnd = trace + 1;
  }

  /** Copies what was added last. */
  finish(): void {
    if (this.#runOrder !== undefined) this.#append(this.#runOrder, this.#runStart, this.#runEnd);
    this.#runOrder = undefined;
  }

  /** Traces [from, to) of an order. */
  #append(order: OrderedSpans, from: number, to: number): void {
    const { traces } = order;
    const first = traces.firstRow[from];
    const end = traces.firstRow[to - 1] + traces.spanCount[to - 1];
    const row = this.#rows;
    const trace = this.#traces;
    for (const column of ['sourceRow', 'depth', 'subtreeSize', 'connected', 'childCount'] as const)
      this[column].set(order[column].subarray(first, end), row);
    copyMoved(this.parentRow, row, order.parentRow.subarray(first, end), row - first);
    copyMoved(this.traceRow, row, order.traceRow.subarray(first, end), trace - from);
    this.traces.id.set(traces.id.subarray(4 * from, 4 * to), 4 * trace);
    for (const column of ['spanCount', 'errorCount', 'startLow', 'startHigh', 'endLow', 'endHigh'] as const)
      this.traces[column].set(traces[column].subarray(from, to), trace);
    copyMoved(this.traces.firstRow, trace, traces.firstRow.subarray(from, to), row - first);
    copyMoved(this.traces.rootRow, trace, traces.rootRow.subarray(from, to), row - first);
    this.#rows += end - first;
    this.#traces += to - from;
  }
}

/** Row or trace numbers, each more by `by`; {@link NO_ROW} stays what it is. */
function copyMoved(to: Uint32Array, at: number, from: Uint32Array, by: number): void {
  for (let i = 0; i < from.length; i++) to[at + i] = from[i] === NO_ROW ? NO_ROW : from[i] + by;
}
