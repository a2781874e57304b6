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
import type { SpanTable } from './span-table.ts';

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

  constructor(ordered: OrderedSpans, tableShapes: readonly TableShapes[], strings: SegmentStrings) {
    this.#ordered = ordered;
    this.#tableShapes = tableShapes;
    this.#strings = strings;
  }

  spans(blockStart: Uint32Array) {
    const { rowCount } = this.#ordered;
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
    this.#eachRun((table, from, to) => {
      for (let i = from; i < to; i++) adjustedCount[i] = table.adjustedCount[this.#ordered.sourceRow[i]]!;
    });
    const rows: LevelRows = {
      ...this.#level('span', rowCount, blockStart, shapes),
      table: this.#ordered.tableIndex,
      tableShape,
      valueStart: word('valueStart'),
      members: [
        this.#levelShape(shapes, this.#ordered.tableIndex, tableShape),
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
        this.#counts('eventStart'),
        this.#counts('linkStart'),
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
    const items = this.#items('eventStart', blockStart);
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
    for (let e = 0; e < items.count; e++) {
      const table = this.#ordered.tables[items.table[e]];
      const startLow = table.startLow[items.span[e]];
      const borrow = timeLow[e] < startLow ? 1 : 0;
      timeLow[e] -= startLow;
      timeHigh[e] -= table.startHigh[items.span[e]] + borrow;
    }
    return { rows, coded: { eventName }, timeLow, timeHigh };
  }

  links(blockStart: Uint32Array) {
    const items = this.#items('linkStart', blockStart);
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
    for (let i = 0; i < shape.length; i++) shape[i] = shapes.shapeOf(table[i], tableShape[i]);
    return shape;
  }

  /** Calls back with runs of rows that come from one table: loops over a run see one array and stay fast. */
  #eachRun(visit: (table: SpanTable, from: number, to: number) => void): void {
    const { rowCount, tables, tableIndex } = this.#ordered;
    for (let from = 0; from < rowCount;) {
      const table = tableIndex[from];
      let to = from + 1;
      while (to < rowCount && tableIndex[to] === table) to++;
      visit(tables[table], from, to);
      from = to;
    }
  }

  #spanColumn(column: SpanColumn): Uint32Array {
    const { rowCount, sourceRow } = this.#ordered;
    const gathered = new Uint32Array(rowCount);
    this.#eachRun((table, from, to) => gatherWords(gathered, asUnsigned(table[column]), sourceRow, from, to));
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
    for (let from = 0; from < codes.length;) {
      const map = codeOf[table[from]];
      const of = table[from];
      for (; from < codes.length && table[from] === of; from++) codes[from] = map[codes[from]]!;
    }
    return codes;
  }

  #counts(column: 'eventStart' | 'linkStart'): Uint32Array {
    const { rowCount, sourceRow } = this.#ordered;
    const counts = new Uint32Array(rowCount);
    this.#eachRun((table, from, to) => countItems(counts, table[column], sourceRow, from, to));
    return counts;
  }

  #items(column: 'eventStart' | 'linkStart', spanBlockStart: Uint32Array): Items {
    const { rowCount, tables, tableIndex, sourceRow } = this.#ordered;
    const count = this.#counts(column).reduce((sum, items) => sum + items, 0);
    const items: Items = {
      count,
      table: new Uint16Array(count),
      item: new Uint32Array(count),
      span: new Uint32Array(count),
      blockStart: new Uint32Array(spanBlockStart.length),
    };
    let at = 0;
    let block = 0;
    for (let i = 0; i < rowCount; i++) {
      if (i === spanBlockStart[block]) items.blockStart[block++] = at;
      const starts = tables[tableIndex[i]][column];
      const row = sourceRow[i];
      for (let item = starts[row]; item < starts[row + 1]; item++, at++) {
        items.table[at] = tableIndex[i]!;
        items.item[at] = item;
        items.span[at] = row;
      }
    }
    items.blockStart[spanBlockStart.length - 1] = count;
    return items;
  }

  #itemColumn({ count, table, item }: Items, column: ItemColumn): Uint32Array {
    const columns = this.#ordered.tables.map((source) => source[column]);
    const gathered = new Uint32Array(count);
    for (let i = 0; i < count; i++) gathered[i] = columns[table[i]][item[i]]!;
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
      const t = tableIndex[i];
      const row = gathered[i];
      if (known[t][row] < 0) known[t][row] = add(t, row);
      gathered[i] = known[t][row]!;
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

function gatherWords(into: Uint32Array, column: Uint32Array, sourceRow: Uint32Array, from: number, to: number): void {
  for (let i = from; i < to; i++) into[i] = column[sourceRow[i]]!;
}

function countItems(into: Uint32Array, starts: Uint32Array, sourceRow: Uint32Array, from: number, to: number): void {
  for (let i = from; i < to; i++) into[i] = starts[sourceRow[i] + 1] - starts[sourceRow[i]];
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
