import {
  type Resource,
  type Scope,
  type Span,
  type TraceId,
  type UnixNano,
  assert,
  unixNanoFromWords,
} from '@spoor/model';
import type {
  AttributeColumn,
  AttributeLevel,
  CodedColumn,
  ColumnBlock,
  ColumnNeed,
  ColumnSource,
  TraceColumns,
} from './column-source.ts';
import type { HeadBuffers } from './head-buffers.ts';
import { orderSpans } from './order-spans.ts';
import type { OrderedSpans } from './ordered-spans.ts';
import type { SpanTable } from './span-table.ts';
import type { HeadRef } from './store-snapshot.ts';
import { findStringCode } from './string-interner.ts';
import { TableAttributes } from './table-attributes.ts';
import { TableBlock, type TableView, itemsOfRows } from './table-block.ts';
import { TableSpans, traceIdOfWords, wordsOfTraceId } from './table-spans.ts';
import { findTraceRow, rowsOfTrace } from './trace-index.ts';

/** Rows a block: small enough that the columns of a filter stay in the second-level cache. */
const BLOCK_ROWS = 16 * 1024;

export interface TableSourceOptions {
  readonly id: string;
  readonly table: SpanTable;
  /** the head the table is of, whose hashes find strings and traces; without it both are searched for */
  readonly index?: HeadBuffers | undefined;
  /** visible rows, ascending; all of them when absent. Not together with `order`. */
  readonly rows?: Uint32Array | undefined;
  /** canonical order of (visible) rows of this one table */
  readonly order?: OrderedSpans | undefined;
}

/** The spans of one {@link SpanTable} as columns: a head, a temporary table, or either one in canonical order. */
export class TableSource implements ColumnSource, TableView {
  readonly id: string;
  readonly rowCount: number;
  readonly traceCount: number;
  readonly blockRows = BLOCK_ROWS;
  readonly isOrdered: boolean;
  readonly startMin: UnixNano;
  readonly startMax: UnixNano;
  readonly table: SpanTable;
  readonly rows: Uint32Array | undefined;
  readonly order: OrderedSpans | undefined;
  readonly traceRow: Uint32Array;

  readonly #index: HeadBuffers | undefined;
  /** table row of each trace; where absent, traces are numbered as in the table */
  readonly #tableTrace: Uint32Array | undefined;
  readonly #spans: TableSpans;
  readonly #attributes = new Map<AttributeLevel, TableAttributes>();

  constructor({ id, table, index, rows, order }: TableSourceOptions) {
    assert(
      order === undefined || (rows === undefined && order.tables.length === 1 && order.tables[0] === table),
      'the order is of this table',
    );
    this.id = id;
    this.table = table;
    this.order = order;
    this.isOrdered = order !== undefined;
    this.rows = order?.sourceRow ?? rows;
    this.rowCount = this.rows?.length ?? table.counts.spans;
    this.#index = index;
    this.#spans = new TableSpans(table);
    if (order !== undefined) {
      this.traceRow = order.traceRow;
      this.traceCount = order.traces.firstRow.length;
    } else if (rows !== undefined) {
      const numbered = numberTraces(table, rows);
      this.traceRow = numbered.traceRow;
      this.#tableTrace = numbered.tableTrace;
      this.traceCount = numbered.tableTrace.length;
    } else {
      this.traceRow = table.traceRow;
      this.traceCount = table.counts.traces;
    }
    const { startMin, startMax } = startRange(table, this.rows);
    this.startMin = startMin;
    this.startMax = startMax;
  }

  attributes(level: AttributeLevel): TableAttributes {
    let attributes = this.#attributes.get(level);
    if (attributes === undefined) {
      const items = itemsOfRows(this, level, 0, this.rowCount);
      attributes = new TableAttributes(this.table, level, items, (code) => this.#spans.name(code));
      this.#attributes.set(level, attributes);
    }
    return attributes;
  }

  attributeColumns(level: AttributeLevel): readonly AttributeColumn[] {
    return this.attributes(level).columns;
  }

  async resources(): Promise<readonly Resource[]> {
    return Array.from({ length: this.table.counts.resources }, (_, row) => this.#spans.resource(row));
  }

  async scopes(): Promise<readonly Scope[]> {
    return Array.from({ length: this.table.counts.scopes }, (_, row) => this.#spans.scope(row));
  }

  async block(index: number, need: ColumnNeed, signal?: AbortSignal): Promise<ColumnBlock> {
    signal?.throwIfAborted();
    const firstRow = index * BLOCK_ROWS;
    assert(firstRow < this.rowCount, `source ${this.id} has a block ${index}`);
    return new TableBlock(this, firstRow, Math.min(BLOCK_ROWS, this.rowCount - firstRow), need);
  }

  /** Always `undefined`: blocks hold source codes. */
  async dictionary(_column: CodedColumn | AttributeColumn): Promise<undefined> {
    return undefined;
  }

  async findString(bytes: Uint8Array): Promise<number | undefined> {
    if (this.#index !== undefined) return findStringCode(this.#index, this.table.counts.strings, bytes);
    const { stringBytes, stringOffset, counts } = this.table;
    for (let code = 0; code < counts.strings; code++) {
      const start = stringOffset[code];
      if (stringOffset[code + 1] - start !== bytes.length) continue;
      if (bytes.every((byte, i) => stringBytes[start + i] === byte)) return code;
    }
    return undefined;
  }

  async strings(codes: Uint32Array): Promise<readonly string[]> {
    return Array.from(codes, (code) => this.#spans.text(code));
  }

  async bytes(codes: Uint32Array): Promise<readonly Uint8Array[]> {
    return Array.from(codes, (code) => this.#spans.bytes(code));
  }

  async findTrace(id: TraceId): Promise<Uint32Array> {
    const words = wordsOfTraceId(id);
    if (this.order !== undefined) return this.#findOrderedTrace(this.order.traces, words);
    const { table } = this;
    const trace =
      this.#index === undefined
        ? scanForTrace(table.traceId, table.counts.traces, words)
        : findTraceRow(this.#index, table.counts.traces, words);
    if (trace < 0) return new Uint32Array(0);
    const rows =
      this.#index === undefined ? scanForRows(table, trace) : rowsOfTrace(this.#index, trace, table.counts.spans);
    return this.rows === undefined ? rows : positionsOf(this.rows, rows);
  }

  async traceIds(traceRows: Uint32Array): Promise<readonly TraceId[]> {
    const ids = this.order?.traces.id ?? this.table.traceId;
    return Array.from(traceRows, (trace) => traceIdOfWords(ids, 4 * (this.#tableTrace?.[trace] ?? trace)));
  }

  async traces(): Promise<TraceColumns> {
    assert(this.order !== undefined, 'trace columns are asked of an ordered source');
    return this.order.traces;
  }

  async spans(rows: Uint32Array): Promise<Span[]> {
    return Array.from(rows, (row) => this.#spans.span(this.rows?.[row] ?? row));
  }

  async ordered(): Promise<ColumnSource> {
    if (this.isOrdered) return this;
    const order = orderSpans([{ table: this.table, rows: this.rows }]);
    return new TableSource({ id: this.id, table: this.table, index: this.#index, order });
  }

  #findOrderedTrace(traces: TraceColumns, words: Uint32Array): Uint32Array {
    const trace = scanForTrace(traces.id, this.traceCount, words);
    if (trace < 0) return new Uint32Array(0);
    return Uint32Array.from({ length: traces.spanCount[trace] }, (_, i) => traces.firstRow[trace] + i);
  }
}

/** A head as one snapshot sees it: the rows below its counts, less those that its segments already hold. */
export function openHead({ id, buffers, counts }: HeadRef, snapshotVersion: number): TableSource {
  const rows = unsealedRows(buffers.sealedVersion, counts.spans, snapshotVersion);
  return new TableSource({ id, table: { ...buffers, counts }, index: buffers, rows });
}

/** `undefined` when none is sealed, which is nearly always. */
function unsealedRows(sealedVersion: Uint32Array, rowCount: number, version: number): Uint32Array | undefined {
  const rows = new Uint32Array(rowCount);
  let count = 0;
  for (let row = 0; row < rowCount; row++) {
    const sealed = sealedVersion[row];
    if (sealed === 0 || sealed > version) rows[count++] = row;
  }
  return count === rowCount ? undefined : rows.slice(0, count);
}

/** Numbers the traces of chosen rows in order of appearance. */
function numberTraces(table: SpanTable, rows: Uint32Array): { traceRow: Uint32Array; tableTrace: Uint32Array } {
  const numberOf = new Uint32Array(table.counts.traces);
  const tableTrace = new Uint32Array(table.counts.traces);
  const traceRow = new Uint32Array(rows.length);
  let count = 0;
  for (let i = 0; i < rows.length; i++) {
    const trace = table.traceRow[rows[i]];
    if (numberOf[trace] === 0) {
      tableTrace[count++] = trace;
      numberOf[trace] = count;
    }
    traceRow[i] = numberOf[trace] - 1;
  }
  return { traceRow, tableTrace: tableTrace.slice(0, count) };
}

/** Without rows, an empty range: the largest time there is to the smallest. */
function startRange(
  { startLow, startHigh, counts }: SpanTable,
  rows: Uint32Array | undefined,
): { startMin: UnixNano; startMax: UnixNano } {
  let [minLow, minHigh, maxLow, maxHigh] = [0xffff_ffff, 0xffff_ffff, 0, 0];
  const count = rows?.length ?? counts.spans;
  for (let i = 0; i < count; i++) {
    const row = rows === undefined ? i : rows[i];
    const low = startLow[row];
    const high = startHigh[row];
    if (high < minHigh || (high === minHigh && low < minLow)) [minLow, minHigh] = [low, high];
    if (high > maxHigh || (high === maxHigh && low > maxLow)) [maxLow, maxHigh] = [low, high];
  }
  return { startMin: unixNanoFromWords(minLow, minHigh), startMax: unixNanoFromWords(maxLow, maxHigh) };
}

function scanForTrace(ids: Uint32Array, count: number, words: Uint32Array): number {
  for (let trace = 0; trace < count; trace++) {
    const at = 4 * trace;
    if (ids[at] === words[0] && ids[at + 1] === words[1] && ids[at + 2] === words[2] && ids[at + 3] === words[3])
      return trace;
  }
  return -1;
}

function scanForRows({ traceRow, counts }: SpanTable, trace: number): Uint32Array {
  const rows: number[] = [];
  for (let row = 0; row < counts.spans; row++) if (traceRow[row] === trace) rows.push(row);
  return Uint32Array.from(rows);
}

/** Where the ascending `wanted` stand in the ascending `rows`; those that do not are left out. */
function positionsOf(rows: Uint32Array, wanted: Uint32Array): Uint32Array {
  const positions: number[] = [];
  for (const row of wanted) {
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (rows[middle] < row) low = middle + 1;
      else high = middle;
    }
    if (rows[low] === row) positions.push(low);
  }
  return Uint32Array.from(positions);
}
