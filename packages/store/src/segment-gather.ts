import { assert } from '@spoor/model';
import type { AttributeLevel, CodedColumn } from './column-source.ts';
import { NO_ROW } from './column-source.ts';
import type { OrderedSpans } from './ordered-spans.ts';
import { DepthCode } from './segment-layout.ts';
import type { LevelRows } from './segment-level-writer.ts';
import { type OwnerTable, OwnerTableBuilder } from './segment-owner-table.ts';
import { LevelShapesBuilder, type TableShapes } from './segment-shapes.ts';
import { type SegmentStrings, stringBytes } from './segment-strings.ts';
import type { SpanTimes } from './segment-times.ts';

/** All columns of the segment in row order, codes and owners renumbered for it. */
export interface GatheredLevels {
  /** span, event, link */
  readonly levels: readonly LevelRows[];
  /** the columns with dictionaries, as segment codes; members of `levels` where they are members */
  readonly coded: Readonly<Record<CodedColumn, Uint32Array>>;
  readonly times: SpanTimes;
  readonly spanIdHigh: Uint32Array;
  readonly spanIdLow: Uint32Array;
  readonly parentHigh: Uint32Array;
  readonly parentLow: Uint32Array;
  readonly depthCode: Uint32Array;
  readonly adjustedCount: Float64Array;
  /** relative to the start of the span, modulo 2^64 */
  readonly eventTimeLow: Uint32Array;
  readonly eventTimeHigh: Uint32Array;
  readonly resources: OwnerTable;
  readonly scopes: OwnerTable;
}

export function gatherLevels(
  ordered: OrderedSpans,
  tableShapes: readonly TableShapes[],
  strings: SegmentStrings,
  blockStart: Uint32Array,
): GatheredLevels {
  const gather = new Gather(ordered, tableShapes, strings);
  const span = gather.spans(blockStart);
  const event = gather.events(blockStart);
  const link = gather.links(blockStart);
  return {
    levels: [span.rows, event.rows, link.rows],
    coded: { ...span.coded, ...event.coded, ...link.coded },
    ...span.columns,
    eventTimeLow: event.timeLow,
    eventTimeHigh: event.timeHigh,
    resources: gather.resources.finish(3),
    scopes: gather.scopes.finish(4),
  };
}

class Gather {
  readonly resources = new OwnerTableBuilder();
  readonly scopes = new OwnerTableBuilder();
  readonly #ordered: OrderedSpans;
  readonly #tableShapes: readonly TableShapes[];
  readonly #strings: SegmentStrings;
  /** per row */
  readonly #eventCounts: Uint32Array;
  readonly #linkCounts: Uint32Array;

  constructor(ordered: OrderedSpans, tableShapes: readonly TableShapes[], strings: SegmentStrings) {
    this.#ordered = ordered;
    this.#tableShapes = tableShapes;
    this.#strings = strings;
    this.#eventCounts = this.#counts('eventStart');
    this.#linkCounts = this.#counts('linkStart');
  }

  spans(blockStart: Uint32Array) {
    const { rowCount, tableIndex, sourceRow } = this.#ordered;
    const word = (column: SpanColumn): Uint32Array => this.#spanColumn(column);
    const code = (column: SpanColumn): Uint32Array => this.#spanCodes(column);
    const shapes = this.#shapes('span');
    const tableShape = word('shape');
    const coded = { name: code('name'), statusMessage: code('statusMessage'), traceState: code('traceState') };
    const resource = this.#renumbered('resource', (t, row) => this.#resource(t, row));
    const scope = this.#renumbered('scope', (t, row) => this.#scope(t, row));
    const ids = {
      spanIdHigh: word('spanIdHigh'),
      spanIdLow: word('spanIdLow'),
      parentHigh: word('parentSpanIdHigh'),
      parentLow: word('parentSpanIdLow'),
    };
    const depthCode = this.#depthCodes(ids);
    const adjustedCount = new Float64Array(rowCount);
    const counts = this.#ordered.tables.map((table) => table.adjustedCount);
    for (let i = 0; i < rowCount; i++) adjustedCount[i] = counts[tableIndex[i]][sourceRow[i]]!;
    const rows: LevelRows = {
      ...this.#level('span', rowCount, blockStart, shapes),
      table: tableIndex,
      tableShape,
      valueStart: word('valueStart'),
      members: [
        this.#levelShape(shapes, tableIndex, tableShape),
        coded.name,
        word('kind'),
        word('statusCode'),
        coded.statusMessage,
        coded.traceState,
        word('flags'),
        word('droppedAttributes'),
        word('droppedEvents'),
        word('droppedLinks'),
        resource,
        scope,
        this.#eventCounts,
        this.#linkCounts,
        depthCode,
      ],
    };
    const times = {
      startLow: word('startLow'),
      startHigh: word('startHigh'),
      endLow: word('endLow'),
      endHigh: word('endHigh'),
    };
    return { rows, coded, columns: { ...ids, depthCode, adjustedCount, times } };
  }

  events(blockStart: Uint32Array) {
    const items = this.#items('eventStart', this.#eventCounts, blockStart);
    const word = (column: ItemColumn): Uint32Array => this.#itemColumn(items, column);
    const shapes = this.#shapes('event');
    const tableShape = word('eventShape');
    const eventName = this.#itemCodes(items, 'eventName');
    const rows: LevelRows = {
      ...this.#level('event', items.count, items.blockStart, shapes),
      table: items.table,
      tableShape,
      valueStart: word('eventValueStart'),
      members: [this.#levelShape(shapes, items.table, tableShape), eventName, word('eventDropped')],
    };
    const timeLow = word('eventTimeLow');
    const timeHigh = word('eventTimeHigh');
    const starts = { low: new Uint32Array(items.count), high: new Uint32Array(items.count) };
    const { tables } = this.#ordered;
    gatherWords(
      starts.low,
      tables.map((table) => table.startLow),
      items.table,
      items.span,
    );
    gatherWords(
      starts.high,
      tables.map((table) => table.startHigh),
      items.table,
      items.span,
    );
    subtractTimes(timeLow, timeHigh, starts.low, starts.high);
    return { rows, coded: { eventName }, timeLow, timeHigh };
  }

  links(blockStart: Uint32Array) {
    const items = this.#items('linkStart', this.#linkCounts, blockStart);
    const word = (column: ItemColumn): Uint32Array => this.#itemColumn(items, column);
    const shapes = this.#shapes('link');
    const tableShape = word('linkShape');
    const rows: LevelRows = {
      ...this.#level('link', items.count, items.blockStart, shapes),
      table: items.table,
      tableShape,
      valueStart: word('linkValueStart'),
      members: [
        this.#levelShape(shapes, items.table, tableShape),
        this.#itemCodes(items, 'linkTraceState'),
        word('linkFlags'),
        word('linkDropped'),
      ],
    };
    return {
      rows,
      coded: { linkTraceId: this.#itemCodes(items, 'linkTraceId'), linkSpanId: this.#itemCodes(items, 'linkSpanId') },
    };
  }

  #level(level: AttributeLevel, rowCount: number, blockStart: Uint32Array, shapes: LevelShapesBuilder) {
    return {
      level,
      rowCount,
      blockStart,
      shapes,
      tables: this.#ordered.tables,
      tableShapes: this.#tableShapes,
      codeOf: this.#strings.codeOf,
    };
  }

  #shapes(level: AttributeLevel): LevelShapesBuilder {
    const keyText = (code: number): string => Buffer.from(stringBytes(this.#strings, code)).toString('utf8');
    return new LevelShapesBuilder(level, this.#ordered.tables, this.#tableShapes, this.#strings.codeOf, keyText);
  }

  #levelShape(shapes: LevelShapesBuilder, table: Uint16Array, tableShape: Uint32Array): Uint32Array {
    const shape = new Uint32Array(tableShape.length);
    const known = this.#ordered.tables.map(({ counts }) => new Int32Array(Math.max(1, counts.shapes)).fill(-1));
    for (let i = 0; i < shape.length; i++) {
      const knownOf = known[table[i]];
      const of = tableShape[i];
      if (knownOf[of] < 0) knownOf[of] = shapes.shapeOf(table[i], of);
      shape[i] = knownOf[of]!;
    }
    return shape;
  }

  #spanColumn(column: SpanColumn): Uint32Array {
    const { rowCount, tables, tableIndex, sourceRow } = this.#ordered;
    const gathered = new Uint32Array(rowCount);
    gatherWords(
      gathered,
      tables.map((table) => asUnsigned(table[column])),
      tableIndex,
      sourceRow,
    );
    return gathered;
  }

  #spanCodes(column: SpanColumn): Uint32Array {
    return this.#toSegmentCodes(this.#spanColumn(column), this.#ordered.tableIndex);
  }

  #itemCodes(items: Items, column: ItemColumn): Uint32Array {
    return this.#toSegmentCodes(this.#itemColumn(items, column), items.table);
  }

  #toSegmentCodes(codes: Uint32Array, table: Uint16Array): Uint32Array {
    const { codeOf } = this.#strings;
    for (let i = 0; i < codes.length; i++) codes[i] = codeOf[table[i]][codes[i]]!;
    return codes;
  }

  #counts(column: 'eventStart' | 'linkStart'): Uint32Array {
    const { rowCount, tables, tableIndex, sourceRow } = this.#ordered;
    const starts = tables.map((table) => table[column]);
    const counts = new Uint32Array(rowCount);
    for (let i = 0; i < rowCount; i++) {
      const start = starts[tableIndex[i]];
      counts[i] = start[sourceRow[i] + 1] - start[sourceRow[i]];
    }
    return counts;
  }

  #items(column: 'eventStart' | 'linkStart', counts: Uint32Array, spanBlockStart: Uint32Array): Items {
    const { rowCount, tables } = this.#ordered;
    let count = 0;
    for (let i = 0; i < rowCount; i++) count += counts[i];
    const items: Items = {
      count,
      table: new Uint16Array(count),
      item: new Uint32Array(count),
      span: new Uint32Array(count),
      blockStart: new Uint32Array(spanBlockStart.length),
    };
    const { blockStart } = items;
    const starts = tables.map((source) => source[column]);
    let at = 0;
    for (let block = 0; block + 1 < spanBlockStart.length; block++) {
      blockStart[block] = at;
      at = listItems(items, at, counts, starts, this.#ordered, spanBlockStart[block], spanBlockStart[block + 1]);
    }
    blockStart[spanBlockStart.length - 1] = count;
    return items;
  }

  #itemColumn({ count, table, item }: Items, column: ItemColumn): Uint32Array {
    const gathered = new Uint32Array(count);
    gatherWords(
      gathered,
      this.#ordered.tables.map((source) => source[column]),
      table,
      item,
    );
    return gathered;
  }

  #depthCodes({
    spanIdHigh,
    spanIdLow,
    parentHigh,
    parentLow,
  }: Record<'spanIdHigh' | 'spanIdLow' | 'parentHigh' | 'parentLow', Uint32Array>): Uint32Array {
    const { rowCount, parentRow, depth } = this.#ordered;
    const codes = new Uint32Array(rowCount);
    for (let i = 0; i < rowCount; i++) {
      const parent = parentRow[i];
      if (parent === NO_ROW) {
        codes[i] = parentHigh[i] === 0 && parentLow[i] === 0 ? DepthCode.root : DepthCode.orphan;
      } else {
        assert(
          parent < i && parentHigh[i] === spanIdHigh[parent] && parentLow[i] === spanIdLow[parent],
          'a parent row has the parent id and comes first',
        );
        codes[i] = depth[i] + 1;
      }
    }
    return codes;
  }

  #renumbered(column: 'resource' | 'scope', add: (table: number, row: number) => number): Uint32Array {
    const { tables, tableIndex } = this.#ordered;
    const known = tables.map((table) => new Int32Array(table.counts[`${column}s`]).fill(-1));
    const gathered = this.#spanColumn(column);
    for (let i = 0; i < gathered.length; i++) {
      const knownOf = known[tableIndex[i]];
      const row = gathered[i];
      if (knownOf[row] < 0) knownOf[row] = add(tableIndex[i], row);
      gathered[i] = knownOf[row]!;
    }
    return gathered;
  }

  #resource(t: number, row: number): number {
    const table = this.#ordered.tables[t];
    const codeOf = this.#strings.codeOf[t];
    const words = [
      codeOf[table.resourceSchemaUrl[row]],
      table.resourceDropped[row],
      codeOf[table.resourceEntityRefs[row]],
    ];
    const { keys, types, values } = this.#set(t, table.resourceShape[row], table.resourceValueStart[row]);
    return this.resources.add(words, keys, types, values);
  }

  #scope(t: number, row: number): number {
    const table = this.#ordered.tables[t];
    const codeOf = this.#strings.codeOf[t];
    const words = [
      codeOf[table.scopeName[row]],
      codeOf[table.scopeVersion[row]],
      codeOf[table.scopeSchemaUrl[row]],
      table.scopeDropped[row],
    ];
    const { keys, types, values } = this.#set(t, table.scopeShape[row], table.scopeValueStart[row]);
    return this.scopes.add(words, keys, types, values);
  }

  #set(t: number, shape: number, valueStart: number) {
    const table = this.#ordered.tables[t];
    const shapes = this.#tableShapes[t];
    const codeOf = this.#strings.codeOf[t];
    const start = shapes.startOf(shape);
    const end = start + table.shapeLength[shape];
    return {
      keys: shapes.keys.slice(start, end).map((key) => codeOf[key]),
      types: shapes.types.slice(start, end),
      values: Array.from({ length: end - start }, (_, j) => {
        const value = table.values[valueStart + j];
        return shapes.isCoded[start + j] === 1 ? codeOf[value] : value;
      }),
    };
  }
}

function gatherWords(
  into: Uint32Array,
  columns: readonly Uint32Array[],
  tableIndex: Uint16Array,
  sourceRow: Uint32Array,
): void {
  if (columns.length === 1) {
    const [column] = columns;
    for (let i = 0; i < into.length; i++) into[i] = column[sourceRow[i]]!;
  } else for (let i = 0; i < into.length; i++) into[i] = columns[tableIndex[i]][sourceRow[i]]!;
}

/** Appends the items of rows [from, to). @returns one past the last */
function listItems(
  { table, item, span }: Items,
  at: number,
  counts: Uint32Array,
  starts: readonly Uint32Array[],
  { tableIndex, sourceRow }: OrderedSpans,
  from: number,
  to: number,
): number {
  // One loop for both rows and items: an inner one that mostly ends at once is compiled again and again.
  for (let i = from, k = 0; i < to;) {
    if (k === counts[i]) {
      i++;
      k = 0;
      continue;
    }
    table[at] = tableIndex[i]!;
    item[at] = starts[tableIndex[i]][sourceRow[i]] + k++;
    span[at++] = sourceRow[i]!;
  }
  return at;
}

/** low, high −= startLow, startHigh, modulo 2^64 */
function subtractTimes(low: Uint32Array, high: Uint32Array, startLow: Uint32Array, startHigh: Uint32Array): void {
  for (let i = 0; i < low.length; i++) {
    const borrow = low[i] < startLow[i] ? 1 : 0;
    low[i] -= startLow[i];
    high[i] -= startHigh[i] + borrow;
  }
}

function asUnsigned(column: Uint32Array | Int32Array): Uint32Array {
  return column instanceof Uint32Array ? column : new Uint32Array(column.buffer, column.byteOffset, column.length);
}

/** Events or links in row order. */
interface Items {
  readonly count: number;
  readonly table: Uint16Array;
  readonly item: Uint32Array;
  /** row in its table of the span that has it */
  readonly span: Uint32Array;
  readonly blockStart: Uint32Array;
}

type SpanColumn =
  | 'name'
  | 'kind'
  | 'statusCode'
  | 'statusMessage'
  | 'traceState'
  | 'flags'
  | 'droppedAttributes'
  | 'droppedEvents'
  | 'droppedLinks'
  | 'resource'
  | 'scope'
  | 'shape'
  | 'valueStart'
  | 'spanIdHigh'
  | 'spanIdLow'
  | 'parentSpanIdHigh'
  | 'parentSpanIdLow'
  | 'startLow'
  | 'startHigh'
  | 'endLow'
  | 'endHigh';
type ItemColumn =
  | 'eventTimeLow'
  | 'eventTimeHigh'
  | 'eventName'
  | 'eventDropped'
  | 'eventShape'
  | 'eventValueStart'
  | 'linkTraceId'
  | 'linkSpanId'
  | 'linkTraceState'
  | 'linkFlags'
  | 'linkDropped'
  | 'linkShape'
  | 'linkValueStart';
