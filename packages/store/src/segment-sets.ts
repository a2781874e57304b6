import { isCoded } from '@spoor/model';
import type { GrowingNumbers } from './column-growing.ts';
import type { AttributeLevel } from './column-source.ts';
import type { SegmentBlock } from './segment-block.ts';
import type { LevelTables, SegmentColumns, StoredBlock } from './segment-columns.ts';
import type { StoredColumn } from './segment-footer.ts';

/** Where the varying values of one column come from. */
interface ValueList {
  readonly chunk: number;
  readonly dictionary: Uint32Array | undefined;
  /** which of the block's values the wanted rows have */
  from: number;
  to: number;
  values: ArrayLike<number> | undefined;
  next: number;
}

/** Reads whole attribute sets of one level out of a block, in row order. */
export class SetReader {
  readonly #columns: readonly StoredColumn[];
  readonly #tables: LevelTables;
  /** per row its template when that says the shape, else its shape */
  readonly #key: Uint32Array;
  /** by template; absent when keys are shapes */
  readonly #shapeOfKey: Uint32Array | undefined;
  readonly #rows: Uint32Array | undefined;
  /** by column; overflow columns share one; `undefined` for columns that no wanted row has */
  readonly #lists: (ValueList | undefined)[] = [];

  private constructor(
    columns: SegmentColumns,
    block: SegmentBlock,
    tables: LevelTables,
    level: AttributeLevel,
    rows: Uint32Array | undefined,
  ) {
    this.#columns = columns.level(level).columns;
    this.#tables = tables;
    this.#rows = rows;
    const hasShape = tables.templates.slots !== undefined;
    this.#key = hasShape ? block.template(level) : block.member(level, 'shape');
    this.#shapeOfKey = hasShape ? tables.templates.members[0] : undefined;
  }

  /** Fetches the columns that the rows (ascending; all when absent) have values of. */
  static async load(
    columns: SegmentColumns,
    block: SegmentBlock,
    stored: StoredBlock,
    tables: LevelTables,
    level: AttributeLevel,
    rows: Uint32Array | undefined,
  ): Promise<SetReader> {
    const reader = new SetReader(columns, block, tables, level, rows);
    const needed = reader.#neededColumns();
    const loaded = await columns.withChunks(
      stored,
      needed.map((column) => columns.valueChunk(column)),
    );
    const dictionaries = await columns.attributeDictionaries(needed);
    const lists = new Map<number, ValueList>();
    for (const column of needed) {
      const chunk = columns.valueChunk(column);
      const known = lists.get(chunk);
      const list = known ?? { chunk, dictionary: dictionaries.get(column), from: 0, to: 0, values: undefined, next: 0 };
      lists.set(chunk, list);
      reader.#lists[column.index] = list;
      // Whatever else lies in it has to be counted.
      if (column.isOverflow && known === undefined)
        for (const other of reader.#columns) if (other.isOverflow) reader.#lists[other.index] = list;
    }
    if (rows !== undefined) reader.#countValues(rows);
    for (const list of lists.values())
      list.values = loaded.values(list.chunk, rows === undefined ? undefined : [list.from, list.to]);
    return reader;
  }

  /** Appends the values of every wanted row, codes renumbered by `code`, and calls back with its shape. */
  read(code: (code: number) => number, out: GrowingNumbers, onSet: (shape: number, valueStart: number) => void): void {
    const { shapes, templates } = this.#tables;
    const rows = this.#rows;
    const end = rows === undefined ? this.#key.length : endOf(rows);
    let wanted = 0;
    for (let i = rows?.[0] ?? 0; i < end; i++) {
      const isWanted = rows === undefined || rows[wanted] === i;
      const key = this.#key[i];
      const shape = this.#shapeOf(key);
      const from = shapes.start[shape];
      const length = shapes.start[shape + 1] - from;
      const slot = templates.slots === undefined ? -1 : templates.slots.start[key];
      if (isWanted) {
        wanted++;
        onSet(shape, out.length);
      }
      for (let j = 0; j < length; j++) {
        const column = this.#columns[shapes.column[from + j]];
        const isVarying = slot < 0 || templates.slots!.isVarying[slot + j] === 1;
        if (!isWanted) {
          if (isVarying && this.#lists[column.index] !== undefined) this.#lists[column.index]!.next++;
          continue;
        }
        const value = isVarying ? nextValue(this.#lists[column.index]!) : templates.slots!.value[slot + j];
        out.push(isCoded(column.type) ? code(value) : value);
      }
    }
  }

  #shapeOf(key: number): number {
    return this.#shapeOfKey === undefined ? key : this.#shapeOfKey[key];
  }

  #forEachVarying(key: number, visit: (column: StoredColumn) => void): void {
    const { shapes, templates } = this.#tables;
    const shape = this.#shapeOf(key);
    const from = shapes.start[shape];
    const slot = templates.slots?.start[key];
    for (let j = 0; j < shapes.start[shape + 1] - from; j++) {
      if (slot === undefined || templates.slots!.isVarying[slot + j] === 1)
        visit(this.#columns[shapes.column[from + j]]);
    }
  }

  #neededColumns(): StoredColumn[] {
    const seen = new Uint8Array(this.#keyCount);
    const needed = new Set<StoredColumn>();
    for (let i = 0; i < (this.#rows?.length ?? this.#key.length); i++) {
      const key = this.#key[this.#rows === undefined ? i : this.#rows[i]];
      if (seen[key] === 1) continue;
      seen[key] = 1;
      this.#forEachVarying(key, (column) => needed.add(column));
    }
    return [...needed];
  }

  /** Where in each list the values of the first wanted row begin, and those of the last end: by how often each key is there. */
  #countValues(rows: Uint32Array): void {
    const before = new Uint32Array(this.#keyCount);
    const upTo = new Uint32Array(this.#keyCount);
    const end = endOf(rows);
    for (let i = 0; i < end; i++) {
      if (i === rows[0]) before.set(upTo);
      upTo[this.#key[i]]++;
    }
    for (let key = 0; key < upTo.length; key++) {
      if (upTo[key] === 0) continue;
      this.#forEachVarying(key, (column) => {
        const list = this.#lists[column.index];
        if (list === undefined) return;
        list.from += before[key];
        list.to += upTo[key];
      });
    }
  }

  get #keyCount(): number {
    const { shapes, templates } = this.#tables;
    return this.#shapeOfKey === undefined ? shapes.start.length : templates.count;
  }
}

/** One past the last of some ascending rows. */
function endOf(rows: Uint32Array): number {
  return rows.length === 0 ? 0 : rows[rows.length - 1] + 1;
}

function nextValue(list: ValueList): number {
  const value = list.values === undefined ? 0 : list.values[list.next];
  list.next++;
  return list.dictionary === undefined ? value : list.dictionary[value];
}
