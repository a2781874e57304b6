import type { TraceColumns } from './column-source.ts';
import type { SpanTable } from './span-table.ts';

/** Rows of one table that take part; all of them when `rows` is absent. */
export interface SpanSelection {
  readonly table: SpanTable;
  readonly rows?: Uint32Array | undefined;
}

/**
 * Spans of one or several tables in canonical order: by trace start, then trace id; within a trace in pre-order
 * (a parent before its children, siblings by start, then span id, then content); trees of roots first, then the trees that hang
 * on a missing parent. Spans equal in every field (a client's retry) appear once. `orderSpans` makes it; the segment writer and the
 * in-memory source read it. Row numbers below count from 0 in this order.
 */
export interface OrderedSpans {
  readonly rowCount: number;
  readonly tables: readonly SpanTable[];
  /** row i is row `sourceRow[i]` of `tables[tableIndex[i]]` */
  readonly tableIndex: Uint16Array;
  readonly sourceRow: Uint32Array;
  readonly traces: TraceColumns;
  readonly traceRow: Uint32Array;
  readonly parentRow: Uint32Array;
  readonly depth: Uint32Array;
  readonly subtreeSize: Uint32Array;
  readonly connected: Uint8Array;
  readonly childCount: Uint32Array;
}
