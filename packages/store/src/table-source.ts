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
  Remembered,
  StringPage,
  TraceColumns,
} from './column-source.ts';
import { extendOrder } from './extend-order.ts';
import type { HeadBuffers } from './head-buffers.ts';
import { orderSpans } from './order-spans.ts';
import type { OrderedSpans } from './ordered-spans.ts';
import type { SpanTable } from './span-table.ts';
import { findStringCode } from './string-interner.ts';
import { TableAttributes } from './table-attributes.ts';
import { TableBlock, type TableView, itemsOfRows } from './table-block.ts';
import { TableSpans, traceIdOfWords, wordsOfTraceId } from './table-spans.ts';
import { findTraceRow, rowsOfTrace } from './trace-index.ts';

/** Decoded strings that a head's sources hand on to the next: some megabytes. */
const TEXTS_KEPT_MAX = 64 * 1024;
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
  /** smallest and largest start of the visible rows, where known */
  readonly starts?: StartRange | undefined;
  /** the same head, opened before with fewer rows: what was decoded and counted there holds here too */
  readonly before?: TableSource | undefined;
  /** see {@link TableSource.lineage} */
  readonly lineage?: object | undefined;
}

interface StartRange {
  readonly startMin: UnixNano;
  readonly startMax: UnixNano;
}

/**
 * The spans of one {@link SpanTable} as columns: a head, a temporary table, or either one in canonical order. Opening it
 * costs next to nothing, since a trace by id is found without a look at the other rows; what takes a pass over all rows
 * is done when asked for.
 */
export class TableSource implements ColumnSource, TableView {
  readonly id: string;
  readonly rowCount: number;
  readonly blockRows = BLOCK_ROWS;
  readonly isOrdered: boolean;
  readonly table: SpanTable;
  readonly rows: Uint32Array | undefined;
  readonly order: OrderedSpans | undefined;

  readonly #index: HeadBuffers | undefined;
  readonly #spans: TableSpans;
  readonly #attributes = new Map<AttributeLevel, TableAttributes>();
  /** by level, the newest that sources before this one made */
  readonly #attributesBefore: ReadonlyMap<AttributeLevel, TableAttributes>;
  /** the same object in sources of one head of which each begins with the rows of the one before */
  readonly lineage: object;
  #traces: NumberedTraces | undefined;
  #starts: StartRange | undefined;
  #ordered: TableSource | undefined;
  /** the newest that was made of the first rows of this source */
  readonly #orderBefore: OrderOfRows | undefined;
  /** by trace of the table, of an ordered source; −1 for those it does not have */
  #traceOfTable: Int32Array | undefined;

  constructor({ id, table, index, rows, order, starts, before, lineage }: TableSourceOptions) {
    const isOfTable = order === undefined || (order.tables.length === 1 && order.tables[0] === table);
    assert(isOfTable && (order === undefined || rows === undefined), 'an order is of the rows of this table');
    this.id = id;
    this.table = table;
    this.order = order;
    this.isOrdered = order !== undefined;
    this.rows = order?.sourceRow ?? rows;
    this.rowCount = this.rows?.length ?? table.counts.spans;
    this.#index = index;
    const isWorthKeeping = before !== undefined && before.#spans.textCount <= TEXTS_KEPT_MAX;
    this.#spans = isWorthKeeping ? before.#spans : new TableSpans(table);
    this.#attributesBefore = new Map(before === undefined ? [] : [...before.#attributesBefore, ...before.#attributes]);
    this.lineage = lineage ?? {};
    if (before?.lineage === this.lineage) this.#orderBefore = before.#knownOrder();
    this.#starts = starts;
  }

  get traceCount(): number {
    return this.order?.traces.firstRow.length ?? this.#numberedTraces().tableTrace?.length ?? this.table.counts.traces;
  }

  get traceRow(): Uint32Array {
    return this.order?.traceRow ?? this.#numberedTraces().traceRow;
  }

  get startMin(): UnixNano {
    return (this.#starts ??= startRange(this.table, this.rows)).startMin;
  }

  get startMax(): UnixNano {
    return (this.#starts ??= startRange(this.table, this.rows)).startMax;
  }

  attributes(level: AttributeLevel): TableAttributes {
    let attributes = this.#attributes.get(level);
    if (attributes === undefined) {
      const items = itemsOfRows(this, level, 0, this.rowCount);
      const before = this.#attributesBefore.get(level);
      attributes = new TableAttributes(this.table, level, items, (code) => this.#spans.text(code), before);
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

  async templates(): Promise<undefined> {
    return undefined;
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

  async *stringPages(codes: Uint32Array): AsyncGenerator<StringPage> {
    const { stringBytes: bytes, stringOffset: offset, counts } = this.table;
    if (codes.length > 0) yield { firstCode: 0, count: counts.strings, offset, bytes };
  }

  async remembered<T>(_name: string, make: () => Promise<Remembered<T>>): Promise<T> {
    return (await make()).value;
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

  /** Whether the table has the trace, in whatever rows. */
  hasTrace(words: Uint32Array): boolean {
    const { table } = this;
    if (this.#index === undefined) return scanForTrace(table.traceId, table.counts.traces, words) >= 0;
    return findTraceRow(this.#index, table.counts.traces, words) >= 0;
  }

  async traceIds(traceRows: Uint32Array): Promise<readonly TraceId[]> {
    const ids = this.order?.traces.id ?? this.table.traceId;
    const tableTrace = this.order === undefined ? this.#numberedTraces().tableTrace : undefined;
    return Array.from(traceRows, (trace) => traceIdOfWords(ids, 4 * (tableTrace?.[trace] ?? trace)));
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
    if (this.#ordered === undefined) {
      const { id, table } = this;
      this.#ordered = new TableSource({ id, table, index: this.#index, order: this.#makeOrder(), before: this });
    }
    return this.#ordered;
  }

  #makeOrder(): OrderedSpans {
    const { table, rows, rowCount } = this;
    const before = this.#orderBefore;
    // Most traces have added rows then.
    if (before === undefined || rowCount > 1.5 * before.rowCount) return orderSpans([{ table, rows }]);
    const added = rows?.slice(before.rowCount) ?? numbersBetween(before.rowCount, rowCount);
    return extendOrder(before.order, table, added);
  }

  #knownOrder(): OrderOfRows | undefined {
    const order = this.#ordered?.order;
    return order === undefined ? this.#orderBefore : { order, rowCount: this.rowCount };
  }

  /** Trace row of an id in the order, by the head's hashes; −1 when it is not there. */
  #tracePlace(index: HeadBuffers, words: Uint32Array): number {
    const { table, order } = this;
    const inTable = findTraceRow(index, table.counts.traces, words);
    if (inTable < 0) return -1;
    if (this.#traceOfTable === undefined) {
      const places = new Int32Array(table.counts.traces).fill(-1);
      const { firstRow } = order!.traces;
      for (let trace = 0; trace < firstRow.length; trace++)
        places[table.traceRow[order!.sourceRow[firstRow[trace]]]] = trace;
      this.#traceOfTable = places;
    }
    return this.#traceOfTable[inTable];
  }

  #numberedTraces(): NumberedTraces {
    if (this.#traces === undefined) {
      const { rows, table } = this;
      this.#traces =
        rows === undefined ? { traceRow: table.traceRow, tableTrace: undefined } : numberTraces(table, rows);
    }
    return this.#traces;
  }

  #findOrderedTrace(traces: TraceColumns, words: Uint32Array): Uint32Array {
    const trace =
      this.#index === undefined
        ? scanForTrace(traces.id, this.traceCount, words)
        : this.#tracePlace(this.#index, words);
    if (trace < 0) return new Uint32Array(0);
    return Uint32Array.from({ length: traces.spanCount[trace] }, (_, i) => traces.firstRow[trace] + i);
  }
}

/** The order of so many first rows of a source. */
interface OrderOfRows {
  readonly order: OrderedSpans;
  readonly rowCount: number;
}

interface NumberedTraces {
  readonly traceRow: Uint32Array;
  /** table row of each trace; where absent, traces are numbered as in the table */
  readonly tableTrace: Uint32Array | undefined;
}

function numbersBetween(from: number, to: number): Uint32Array {
  const numbers = new Uint32Array(to - from);
  for (let i = 0; i < numbers.length; i++) numbers[i] = from + i;
  return numbers;
}

/** Numbers the traces of chosen rows in order of appearance. */
function numberTraces(table: SpanTable, rows: Uint32Array): NumberedTraces {
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
function startRange({ startLow, startHigh, counts }: SpanTable, rows: Uint32Array | undefined): StartRange {
  let minLow = 0xffff_ffff;
  let minHigh = 0xffff_ffff;
  let maxLow = 0;
  let maxHigh = 0;
  const count = rows?.length ?? counts.spans;
  for (let i = 0; i < count; i++) {
    const row = rows === undefined ? i : rows[i];
    const low = startLow[row];
    const high = startHigh[row];
    if (high < minHigh || (high === minHigh && low < minLow)) {
      minLow = low;
      minHigh = high;
    }
    if (high > maxHigh || (high === maxHigh && low > maxLow)) {
      maxLow = low;
      maxHigh = high;
    }
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
