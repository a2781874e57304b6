import { assert } from '@spoor/model';
import type {
  AttributeBlock,
  AttributeColumn,
  AttributeLevel,
  ColumnBlock,
  ColumnNeed,
  NumberColumn,
  WordColumn,
} from './column-source.ts';
import type { OrderedSpans } from './ordered-spans.ts';
import type { SpanTable } from './span-table.ts';
import type { TableAttributes, TableItems } from './table-attributes.ts';

/** What a block reads from: a table, and where rows are chosen or reordered, the table row of each. */
export interface TableView {
  readonly table: SpanTable;
  readonly rows: Uint32Array | undefined;
  readonly order: OrderedSpans | undefined;
  /** per row; the table's own column where rows are not chosen */
  readonly traceRow: Uint32Array;
  attributes(level: AttributeLevel): TableAttributes;
}

/** Rows [first, first + count) of a view. Columns are views of the table where they can be, gathered once if not. */
export class TableBlock implements ColumnBlock {
  readonly firstRow: number;
  readonly rowCount: number;
  readonly #view: TableView;
  readonly #need: ColumnNeed;
  readonly #words = new Map<WordColumn, Uint32Array | Int32Array>();
  readonly #numbers = new Map<NumberColumn, Float64Array>();
  readonly #attributes = new Map<AttributeColumn, AttributeBlock>();
  readonly #items = new Map<AttributeLevel, TableItems>();

  constructor(view: TableView, firstRow: number, rowCount: number, need: ColumnNeed) {
    this.#view = view;
    this.firstRow = firstRow;
    this.rowCount = rowCount;
    this.#need = need;
  }

  words(column: WordColumn): Uint32Array | Int32Array {
    let words = this.#words.get(column);
    if (words === undefined) {
      assert(this.#need.words?.includes(column), `column ${column} was asked for`);
      this.#words.set(column, (words = this.#makeWords(column)));
    }
    return words;
  }

  numbers(column: NumberColumn): Float64Array {
    let numbers = this.#numbers.get(column);
    if (numbers === undefined) {
      assert(this.#need.numbers?.includes(column), `column ${column} was asked for`);
      numbers =
        column === 'durationNano'
          ? this.#durations()
          : gatherDoubles(this.#view.table.adjustedCount, this.#level('span'));
      this.#numbers.set(column, numbers);
    }
    return numbers;
  }

  attribute(column: AttributeColumn): AttributeBlock {
    let block = this.#attributes.get(column);
    if (block === undefined) {
      const isNeeded = this.#need.attributes?.includes(column) ?? this.#need.varying?.includes(column);
      assert(isNeeded === true, `attribute ${column.key} was asked for`);
      block = this.#view.attributes(column.level).block(column, this.#level(column.level));
      this.#attributes.set(column, block);
    }
    return block;
  }

  varying(column: AttributeColumn): AttributeBlock {
    return this.attribute(column);
  }

  #makeWords(column: WordColumn): Uint32Array | Int32Array {
    const { table, traceRow, order } = this.#view;
    const end = this.firstRow + this.rowCount;
    switch (column) {
      case 'template':
        throw new TypeError('a table has no templates');
      case 'traceRow':
        return traceRow.subarray(this.firstRow, end);
      case 'parentRow':
      case 'depth':
      case 'subtreeSize':
      case 'connected':
      case 'childCount':
        assert(order !== undefined, `${column} is asked of an ordered source`);
        return column === 'connected'
          ? Uint32Array.from(order.connected.subarray(this.firstRow, end))
          : order[column].subarray(this.firstRow, end);
      case 'eventStart':
      case 'linkStart':
        return this.#starts(table[column]);
      case 'eventName':
      case 'eventTimeLow':
      case 'eventTimeHigh':
        return gather(table[column], this.#level('event'));
      case 'linkTraceId':
      case 'linkSpanId':
        return gather(table[column], this.#level('link'));
      default:
        return gather(table[column], this.#level('span'));
    }
  }

  #starts(starts: Uint32Array): Uint32Array {
    const { rows } = this.#view;
    const relative = new Uint32Array(this.rowCount + 1);
    for (let i = 0; i < this.rowCount; i++) {
      const row = rows === undefined ? this.firstRow + i : rows[this.firstRow + i];
      relative[i + 1] = relative[i] + starts[row + 1] - starts[row];
    }
    return relative;
  }

  #durations(): Float64Array {
    const { startLow, startHigh, endLow, endHigh } = this.#view.table;
    const items = this.#level('span');
    const durations = new Float64Array(this.rowCount);
    for (let i = 0; i < this.rowCount; i++) {
      const row = items.rows === undefined ? items.first + i : items.rows[i];
      const nano = (endHigh[row] - startHigh[row]) * 2 ** 32 + (endLow[row] - startLow[row]);
      durations[i] = nano > 0 ? nano : 0;
    }
    return durations;
  }

  #level(level: AttributeLevel): TableItems {
    let items = this.#items.get(level);
    if (items === undefined)
      this.#items.set(level, (items = itemsOfRows(this.#view, level, this.firstRow, this.rowCount)));
    return items;
  }
}

/** The spans of rows [firstRow, firstRow + rowCount) of a view, or their events or links, in row order. */
export function itemsOfRows(
  view: Pick<TableView, 'table' | 'rows'>,
  level: AttributeLevel,
  firstRow: number,
  rowCount: number,
): TableItems {
  const { table, rows } = view;
  if (level === 'span')
    return { first: firstRow, count: rowCount, rows: rows?.subarray(firstRow, firstRow + rowCount) };
  const starts = level === 'event' ? table.eventStart : table.linkStart;
  if (rows === undefined) {
    const first = starts[firstRow];
    return { first, count: starts[firstRow + rowCount] - first, rows: undefined };
  }
  let count = 0;
  for (let i = firstRow; i < firstRow + rowCount; i++) count += starts[rows[i] + 1] - starts[rows[i]];
  const items = new Uint32Array(count);
  let at = 0;
  for (let i = firstRow; i < firstRow + rowCount; i++) {
    for (let item = starts[rows[i]]; item < starts[rows[i] + 1]; item++) items[at++] = item;
  }
  return { first: 0, count, rows: items };
}

function gather(column: Uint32Array | Int32Array, { rows, first, count }: TableItems): Uint32Array | Int32Array {
  if (rows === undefined) return column.subarray(first, first + count);
  const gathered = column instanceof Int32Array ? new Int32Array(count) : new Uint32Array(count);
  for (let i = 0; i < count; i++) gathered[i] = column[rows[i]]!;
  return gathered;
}

function gatherDoubles(column: Float64Array, { rows, first, count }: TableItems): Float64Array {
  if (rows === undefined) return column.subarray(first, first + count);
  const gathered = new Float64Array(count);
  for (let i = 0; i < count; i++) gathered[i] = column[rows[i]]!;
  return gathered;
}
