import { assert } from '@spoor/model';
import type {
  AttributeBlock,
  AttributeColumn,
  AttributeLevel,
  ColumnBlock,
  ColumnNeed,
  DerivedColumn,
  NumberColumn,
  WordColumn,
} from './column-source.ts';
import { NO_ROW } from './column-source.ts';
import {
  type BlockPart,
  type LevelTables,
  type SegmentColumns,
  type StoredBlock,
  hasDictionary,
} from './segment-columns.ts';
import type { StoredColumn } from './segment-footer.ts';
import { BlockChunk, DepthCode, type Member, levelIndex, members } from './segment-layout.ts';
import { columnPlan, type KeyRows, Kind, rowsByKey, rowsWithKind } from './segment-column-plan.ts';
import { columnTemplates } from './segment-span-templates.ts';
import { rowsBySet, type SetRows, varyingSets } from './segment-varying-rows.ts';
import { childCounts, type TreeColumns, treeColumns } from './segment-tree.ts';

type TimeColumn = 'startLow' | 'startHigh' | 'endLow' | 'endHigh';

/** Which stored chunks the named columns are computed from. */
export function chunksFor(
  columns: SegmentColumns,
  need: ColumnNeed,
): { ids: Set<number>; levels: Set<AttributeLevel>; withTraces: boolean } {
  const ids = new Set<number>();
  const levels = new Set<AttributeLevel>();
  let withTraces = false;
  const addMember = (level: AttributeLevel, member: Member): void => {
    levels.add(level);
    ids.add(columns.memberChunk(level, member) ?? BlockChunk.template + 32 * levelIndex(level));
  };
  const addTimes = (...chunks: number[]): void => {
    withTraces = true;
    for (const id of chunks) ids.add(id);
  };
  const addTree = (): void => {
    addMember('span', 'depthCode');
    ids.add(BlockChunk.tree);
  };
  for (const word of need.words ?? []) {
    if (word === 'traceRow') addTimes();
    else if (word === 'template') ids.add(BlockChunk.template + 32 * levelIndex('span'));
    else if (word === 'spanIdHigh' || word === 'spanIdLow') ids.add(BlockChunk.spanId);
    else if (word === 'parentSpanIdHigh' || word === 'parentSpanIdLow') {
      addTree();
      ids.add(BlockChunk.spanId).add(BlockChunk.parentId);
    } else if (word === 'startLow' || word === 'startHigh') addTimes(BlockChunk.start);
    else if (word === 'endLow' || word === 'endHigh') addTimes(BlockChunk.start, BlockChunk.duration);
    else if (word === 'eventStart') addMember('span', 'eventCount');
    else if (word === 'linkStart') addMember('span', 'linkCount');
    else if (word === 'eventTimeLow' || word === 'eventTimeHigh') {
      addTimes(BlockChunk.start, BlockChunk.eventTime);
      addMember('span', 'eventCount');
    } else if (word === 'linkTraceId') ids.add(BlockChunk.linkTraceId);
    else if (word === 'linkSpanId') ids.add(BlockChunk.linkSpanId);
    else if (word === 'eventName') addMember('event', 'eventName');
    else if (isDerived(word)) addTree();
    else addMember('span', word);
  }
  if (need.numbers?.includes('durationNano')) addTimes(BlockChunk.duration);
  if (need.numbers?.includes('adjustedCount')) ids.add(BlockChunk.adjustedCount);
  for (const attribute of [...(need.attributes ?? []), ...(need.varying ?? [])]) {
    addMember(attribute.level, 'shape');
    const level = columns.level(attribute.level);
    ids.add(columns.valueChunk(level.columns[attribute.index]));
    if (level.templateMembers & 1) ids.add(BlockChunk.template + 32 * levelIndex(attribute.level));
  }
  return { ids, levels, withTraces };
}

/** Reads logical columns out of the stored ones of a block. */
export class SegmentBlock implements ColumnBlock {
  readonly firstRow: number;
  readonly rowCount: number;
  readonly #columns: SegmentColumns;
  readonly #stored: StoredBlock;
  readonly #tables: ReadonlyMap<AttributeLevel, LevelTables>;
  readonly #dictionaries: ReadonlyMap<StoredColumn, Uint32Array>;
  readonly #varying: readonly AttributeColumn[];
  readonly #setRows = new Map<AttributeLevel, SetRows>();

  constructor(
    columns: SegmentColumns,
    stored: StoredBlock,
    tables: ReadonlyMap<AttributeLevel, LevelTables>,
    dictionaries: ReadonlyMap<StoredColumn, Uint32Array>,
    varying: readonly AttributeColumn[] = [],
  ) {
    this.firstRow = stored.firstRow;
    this.rowCount = stored.rowCount;
    this.#columns = columns;
    this.#stored = stored;
    this.#tables = tables;
    this.#dictionaries = dictionaries;
    this.#varying = varying;
  }

  words(column: WordColumn): Uint32Array | Int32Array {
    const stored = this.#stored;
    switch (column) {
      case 'traceRow':
        return this.#traceRow();
      case 'template':
        return this.template('span');
      case 'spanIdHigh':
      case 'spanIdLow':
        return stored.pair(BlockChunk.spanId, this.rowCount)[column === 'spanIdHigh' ? 0 : 1];
      case 'parentSpanIdHigh':
      case 'parentSpanIdLow':
        return this.#parentIds()[column === 'parentSpanIdHigh' ? 0 : 1];
      case 'startLow':
      case 'startHigh':
      case 'endLow':
      case 'endHigh':
        return this.#time(column);
      case 'eventStart':
      case 'linkStart':
        return this.#starts(column);
      case 'eventTimeLow':
      case 'eventTimeHigh':
        return this.#eventTimes()[column === 'eventTimeLow' ? 0 : 1];
      case 'linkTraceId':
      case 'linkSpanId':
        return stored.words(BlockChunk[column], stored.linkCount);
      case 'eventName':
        return this.member('event', column);
      case 'kind':
      case 'statusCode': {
        const words = this.member('span', column);
        return new Int32Array(words.buffer, words.byteOffset, words.length);
      }
      case 'childCount':
        return childCounts(this.#depthCodes(), stored.tree, this.firstRow);
      default:
        return isDerived(column) ? this.#tree()[column] : this.member('span', column);
    }
  }

  numbers(column: NumberColumn): Float64Array {
    if (column === 'adjustedCount')
      return this.#stored.numbers(BlockChunk.adjustedCount) ?? new Float64Array(this.rowCount).fill(1);
    return this.#stored.derive('durationNano', 8 * this.rowCount, () => {
      const [low, high] = this.#durations();
      const nano = new Float64Array(this.rowCount);
      const isCertain = !this.needsStartForDuration;
      for (let i = 0; i < nano.length; i++)
        nano[i] = isCertain || !this.#endsBeforeItStarts(i) ? low[i] + high[i] * 2 ** 32 : 0;
      return nano;
    });
  }

  /** Durations are modulo 2^64. True when one may be negative: from the latest start on it would not end in time. */
  get needsStartForDuration(): boolean {
    const longest = 0xffff_fffe - Number(this.#columns.footer.startMax >> 32n);
    return this.#stored.derive('needsStart', 8, () => this.#durations()[1].some((high) => high > longest));
  }

  #endsBeforeItStarts(row: number): boolean {
    const [[startLow, startHigh], [endLow, endHigh]] = [this.#startTimes(), this.#endTimes()];
    return endHigh[row] < startHigh[row] || (endHigh[row] === startHigh[row] && endLow[row] < startLow[row]);
  }

  /** Made once: a search for a rare value over warm columns spent most of its time here. */
  attribute(column: AttributeColumn): AttributeBlock {
    const name = `attribute ${column.level} ${column.index}`;
    const known = this.#stored.derived.get(name) as AttributeBlock | undefined;
    if (known !== undefined) return known;
    const made = this.#attribute(column);
    const sizeBytes = made.rows.byteLength + (made.codes?.byteLength ?? 0) + (made.numbers?.byteLength ?? 0);
    return this.#stored.derive(name, sizeBytes, () => made);
  }

  #attribute(column: AttributeColumn): AttributeBlock {
    const own = this.#columns.level(column.level).columns[column.index];
    assert(
      !hasDictionary(own) || this.#dictionaries.get(own) !== undefined,
      'the dictionary of a needed column is loaded',
    );
    return own.isOverflow ? this.#overflowValues(own) : this.#values(own);
  }

  /** Not kept: rows are found again faster than room for them. */
  varying(column: AttributeColumn): AttributeBlock {
    const own = this.#columns.level(column.level).columns[column.index];
    const tables = this.#levelTables(column.level);
    if (own.isOverflow || tables.templates.slots === undefined) return this.attribute(column);
    const rows = this.#varyingRows(own, tables);
    const id = this.#columns.valueChunk(own);
    return isCodedColumn(own)
      ? { rows, codes: this.#stored.words(id, rows.length), numbers: undefined }
      : { rows, codes: undefined, numbers: this.#stored.numbers(id) ?? new Float64Array(rows.length) };
  }

  /** A member of a level, whether it is part of the template or not. @param rows  which rows; all when absent */
  member(level: AttributeLevel, member: Member, rows?: Uint32Array): Uint32Array {
    const rowCount = this.#stored.levelRows(level);
    const chunk = this.#columns.memberChunk(level, member);
    if (chunk !== undefined) {
      const words = this.#stored.words(chunk, rowCount);
      return rows === undefined ? words : rows.map((row) => words[row]);
    }
    const values = this.#memberValues(level, member);
    const template = this.template(level);
    if (rows !== undefined) return rows.map((row) => values[template[row]]);
    return this.#stored.derive(`member ${level} ${member}`, 4 * rowCount, () => {
      const words = new Uint32Array(rowCount);
      for (let i = 0; i < rowCount; i++) words[i] = values[template[i]]!;
      return words;
    });
  }

  /**
   * The block cut down to the traces that the rows (ascending, at least one) are in: what is derived from it is then
   * derived for some rows and not for thousands.
   */
  around(rows: Uint32Array): { readonly block: SegmentBlock; readonly part: BlockPart } {
    const { rowCount } = this.#stored.traces!;
    let trace = 0;
    let row = 0;
    while (row + rowCount[trace] <= rows[0]) row += rowCount[trace++];
    const [firstTrace, firstRow] = [trace, row];
    while (row <= rows[rows.length - 1]) row += rowCount[trace++];
    const spans = [firstRow, row] as const;
    const part: BlockPart = {
      traces: [firstTrace, trace],
      spans,
      events: this.#stored.eventCount === 0 ? NOTHING : this.#sumsUpTo('eventCount', spans),
      links: this.#stored.linkCount === 0 ? NOTHING : this.#sumsUpTo('linkCount', spans),
      orphans: this.#stored.has(BlockChunk.parentId)
        ? this.#sumsUpTo('depthCode', spans, (code) => (code === DepthCode.orphan ? 1 : 0))
        : NOTHING,
    };
    const stored = this.#stored.part(part);
    return { block: new SegmentBlock(this.#columns, stored, this.#tables, this.#dictionaries), part };
  }

  /** Sums of what a member of the first `from` spans counts for, and of the first `to`. */
  #sumsUpTo(
    member: 'eventCount' | 'linkCount' | 'depthCode',
    [from, to]: readonly [number, number],
    amount: (word: number) => number = (word) => word,
  ): readonly [number, number] {
    const chunk = this.#columns.memberChunk('span', member);
    const template = chunk === undefined ? this.template('span') : undefined;
    const words = chunk === undefined ? this.#memberValues('span', member) : this.#stored.words(chunk, this.rowCount);
    let sum = 0;
    let before = 0;
    for (let i = 0; i < to; i++) {
      if (i === from) before = sum;
      sum += amount(words[template === undefined ? i : template[i]]);
    }
    return [before, sum];
  }

  template(level: AttributeLevel): Uint32Array {
    return this.#stored.words(BlockChunk.template + 32 * levelIndex(level), this.#stored.levelRows(level));
  }

  /** By template. */
  #memberValues(level: AttributeLevel, member: Member): Uint32Array {
    return this.#levelTables(level).templates.members[(members[level] as readonly Member[]).indexOf(member)]!;
  }

  #levelTables(level: AttributeLevel): LevelTables {
    const tables = this.#tables.get(level);
    assert(tables !== undefined, 'the tables of a needed level are loaded');
    return tables;
  }

  /** Rows and values of a column of its own. Nothing is looked at, row by row, of rows whose template lacks the attribute. */
  #values(column: StoredColumn): AttributeBlock {
    const tables = this.#levelTables(column.level);
    const id = this.#columns.valueChunk(column);
    const { kind, value } = this.#columns.cachedNow(`plan${id}`, 9 * tables.templates.count, () =>
      columnPlan(tables, column, this.#dictionaries.get(column)),
    );
    const key = tables.templates.slots === undefined ? this.member(column.level, 'shape') : this.template(column.level);
    const rows = rowsWithKind(kind, key, this.#keyRows(column.level, key));
    const isCodes = isCodedColumn(column);
    const found = isCodes ? new Uint32Array(rows.length) : new Float64Array(rows.length);
    const stored: ArrayLike<number> = isCodes
      ? this.#stored.words(id, rows.length)
      : (this.#stored.numbers(id) ?? found);
    let next = 0;
    for (let i = 0; i < rows.length; i++) {
      const k = key[rows[i]];
      found[i] = kind[k] === Kind.constant ? value[k] : stored[next++];
    }
    return found instanceof Uint32Array
      ? { rows, codes: found, numbers: undefined }
      : { rows, codes: undefined, numbers: found };
  }

  #keyRows(level: AttributeLevel, key: Uint32Array): KeyRows {
    return this.#stored.derive(`key rows ${level}`, 6 * key.length, () => rowsByKey(key));
  }

  #varyingRows({ level, index }: StoredColumn, tables: LevelTables): Uint32Array {
    let found = this.#setRows.get(level);
    if (found === undefined) this.#setRows.set(level, (found = this.#rowsBySet(level, tables)));
    const set = found.sets.setOf[index];
    return found.rows.subarray(found.start[set], found.start[set + 1]);
  }

  #rowsBySet(level: AttributeLevel, tables: LevelTables): SetRows {
    const { count } = tables.templates;
    const sets = this.#columns.cachedNow(`varying ${level}`, 16 * count, () => {
      const columns = columnTemplates(tables, this.#columns.level(level).columns);
      return varyingSets(
        columns.map(({ varying }) => varying),
        count,
      );
    });
    const columns = this.#varying.filter((column) => column.level === level).map(({ index }) => index);
    return rowsBySet(sets, this.template(level), columns);
  }

  #overflowValues(column: StoredColumn): AttributeBlock {
    const rowCount = this.#stored.levelRows(column.level);
    const rows = new Uint32Array(rowCount);
    const found = new Float64Array(rowCount);
    const { shapes, templates } = this.#levelTables(column.level);
    const { columns } = this.#columns.level(column.level);
    const stored = this.#stored.numbers(BlockChunk.overflow + 32 * levelIndex(column.level)) ?? new Float64Array(0);
    const shape = this.member(column.level, 'shape');
    const template = templates.slots === undefined ? undefined : this.template(column.level);
    let count = 0;
    let next = 0;
    for (let i = 0; i < rows.length; i++) {
      const from = shapes.start[shape[i]];
      const slot = template === undefined ? -1 : templates.slots!.start[template[i]];
      for (let j = 0; j < shapes.start[shape[i] + 1] - from; j++) {
        const index = shapes.column[from + j];
        const isVarying = slot < 0 || templates.slots!.isVarying[slot + j] === 1;
        const isHere = index === column.index;
        if (isHere) {
          rows[count] = i;
          found[count++] = isVarying ? stored[next] : templates.slots!.value[slot + j];
        }
        if (isVarying && columns[index].isOverflow) next++;
      }
    }
    const numbers = found.slice(0, count);
    return isCodedColumn(column)
      ? { rows: rows.slice(0, count), codes: new Uint32Array(numbers), numbers: undefined }
      : { rows: rows.slice(0, count), codes: undefined, numbers };
  }

  /** Not kept: filled in again faster than room for it is found. */
  #traceRow(): Uint32Array {
    const traceRow = new Uint32Array(this.rowCount);
    const { count, rowCount } = this.#stored.traces!;
    let row = 0;
    // By a loop: traces have a few rows, and a call of `fill` costs more than these.
    for (let p = 0; p < count; p++) {
      const trace = this.#stored.firstTrace + p;
      for (const end = row + rowCount[p]; row < end; row++) traceRow[row] = trace;
    }
    return traceRow;
  }

  #time(column: TimeColumn): Uint32Array {
    const [low, high] = column === 'startLow' || column === 'startHigh' ? this.#startTimes() : this.#endTimes();
    return column === 'startLow' || column === 'endLow' ? low : high;
  }

  #startTimes(): readonly [Uint32Array, Uint32Array] {
    return this.#stored.derive('start', 8 * this.rowCount, () => {
      const [low, high] = this.#stored.pair(BlockChunk.start, this.rowCount);
      const { count, rowCount, startLow, startHigh } = this.#stored.traces!;
      const times = [new Uint32Array(this.rowCount), new Uint32Array(this.rowCount)] as const;
      let row = 0;
      for (let p = 0; p < count; p++) {
        const base = startLow[p];
        for (const end = row + rowCount[p]; row < end; row++) {
          const sum = base + low[row];
          times[0][row] = sum;
          times[1][row] = startHigh[p] + high[row] + (sum > 0xffff_ffff ? 1 : 0);
        }
      }
      return times;
    });
  }

  #endTimes(): readonly [Uint32Array, Uint32Array] {
    return this.#stored.derive('end', 8 * this.rowCount, () => addWords(this.#startTimes(), this.#durations()));
  }

  /** end − start modulo 2^64 */
  #durations(): readonly [Uint32Array, Uint32Array] {
    return this.#stored.derive('duration', 8 * this.rowCount, () => {
      const [storedLow, storedHigh] = this.#stored.pair(BlockChunk.duration, this.rowCount);
      const low = storedLow.slice();
      const high = storedHigh.slice();
      const { count, rowCount, durationLow, durationHigh, isContinued } = this.#stored.traces!;
      let row = 0;
      for (let p = 0; p < count; row += rowCount[p++]) {
        if (p === 0 && isContinued === 1) continue;
        const borrow = durationLow[p] < low[row] ? 1 : 0;
        high[row] = durationHigh[p] - high[row] - borrow;
        low[row] = durationLow[p] - low[row];
      }
      return [low, high] as const;
    });
  }

  #starts(column: 'eventStart' | 'linkStart'): Uint32Array {
    const counts = this.member('span', column === 'eventStart' ? 'eventCount' : 'linkCount');
    const starts = new Uint32Array(this.rowCount + 1);
    for (let i = 0; i < this.rowCount; i++) starts[i + 1] = starts[i] + counts[i];
    return starts;
  }

  #eventTimes(): readonly [Uint32Array, Uint32Array] {
    return this.#stored.derive('eventTime', 8 * this.#stored.eventCount, () => {
      const starts = this.#starts('eventStart');
      const [startLow, startHigh] = this.#startTimes();
      const base = [new Uint32Array(this.#stored.eventCount), new Uint32Array(this.#stored.eventCount)] as const;
      for (let i = 0; i < this.rowCount; i++) {
        base[0].fill(startLow[i], starts[i], starts[i + 1]);
        base[1].fill(startHigh[i], starts[i], starts[i + 1]);
      }
      return addWords(base, this.#stored.pair(BlockChunk.eventTime, this.#stored.eventCount));
    });
  }

  #tree(): TreeColumns {
    return this.#stored.derive('tree', 20 * this.rowCount, () =>
      treeColumns(this.member('span', 'depthCode'), this.#stored.tree, this.firstRow, (message) => {
        throw new Error(`invariant broken: ${message}`);
      }),
    );
  }

  /** Not kept, as {@link member} would. */
  #depthCodes(): Uint32Array {
    const ofTemplate = this.#levelTables('span').templates.members[members.span.indexOf('depthCode')];
    if (ofTemplate === undefined) return this.member('span', 'depthCode');
    const template = this.template('span');
    const codes = new Uint32Array(this.rowCount);
    for (let row = 0; row < codes.length; row++) codes[row] = ofTemplate[template[row]]!;
    return codes;
  }

  #parentIds(): readonly [Uint32Array, Uint32Array] {
    return this.#stored.derive('parentId', 8 * this.rowCount, () => {
      const { parentRow, depth } = this.#tree();
      const depthCode = this.member('span', 'depthCode');
      const [idHigh, idLow] = this.#stored.pair(BlockChunk.spanId, this.rowCount);
      const [orphanHigh, orphanLow] = this.#stored.pair(BlockChunk.parentId, this.rowCount);
      const { ancestorIdHigh, ancestorIdLow } = this.#stored.tree;
      const high = new Uint32Array(this.rowCount);
      const low = new Uint32Array(this.rowCount);
      let orphan = 0;
      for (let i = 0; i < this.rowCount; i++) {
        const parent = parentRow[i];
        if (parent === NO_ROW) {
          if (depthCode[i] !== DepthCode.orphan) continue;
          high[i] = orphanHigh[orphan]!;
          low[i] = orphanLow[orphan++]!;
        } else if (parent >= this.firstRow) {
          high[i] = idHigh[parent - this.firstRow]!;
          low[i] = idLow[parent - this.firstRow]!;
        } else {
          high[i] = ancestorIdHigh[depth[i] - 1]!;
          low[i] = ancestorIdLow[depth[i] - 1]!;
        }
      }
      return [high, low] as const;
    });
  }
}

function isCodedColumn(column: StoredColumn): boolean {
  return hasDictionary({ type: column.type, isOverflow: false });
}

function isDerived(column: WordColumn): column is DerivedColumn {
  return (
    column === 'parentRow' ||
    column === 'depth' ||
    column === 'subtreeSize' ||
    column === 'connected' ||
    column === 'childCount'
  );
}

const NOTHING = [0, 0] as const;

/** Sums of 64-bit words, low and high halves, modulo 2^64. */
function addWords(
  a: readonly [Uint32Array, Uint32Array],
  b: readonly [Uint32Array, Uint32Array],
): readonly [Uint32Array, Uint32Array] {
  const low = new Uint32Array(a[0].length);
  const high = new Uint32Array(a[0].length);
  for (let i = 0; i < low.length; i++) {
    const sum = a[0][i] + b[0][i];
    low[i] = sum;
    high[i] = a[1][i] + b[1][i] + (sum > 0xffff_ffff ? 1 : 0);
  }
  return [low, high];
}
