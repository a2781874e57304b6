import { isCoded } from '@spoor/model';
import type { GrowingNumbers } from './column-growing.ts';
import type { AttributeLevel } from './column-source.ts';
import type { SegmentBlock } from './segment-block.ts';
import type { LevelTables, SegmentColumns, StoredBlock } from './segment-columns.ts';
import type { StoredColumn } from './segment-footer.ts';

/** Where the varying values of one column come from. */
interface ValueList {
  readonly values: ArrayLike<number> | undefined;
  readonly dictionary: Uint32Array | undefined;
  next: number;
}

/** Reads whole attribute sets of one level out of a block, in row order. */
export class SetReader {
  readonly #columns: readonly StoredColumn[];
  readonly #tables: LevelTables;
  readonly #shape: Uint32Array;
  readonly #template: Uint32Array | undefined;
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
    this.#shape = block.member(level, 'shape');
    this.#template = tables.templates.slots === undefined ? undefined : block.template(level);
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
    const loaded = await columns.block(
      stored.index,
      needed.map((column) => columns.valueChunk(column)),
      false,
    );
    const dictionaries = await columns.attributeDictionaries(needed);
    let overflow: ValueList | undefined;
    for (const column of needed) {
      const id = columns.valueChunk(column);
      const usesWords = isCoded(column.type) && !column.isOverflow;
      const values = usesWords ? loaded.storedWords(id) : loaded.numbers(id);
      const list = column.isOverflow
        ? (overflow ??= { values, dictionary: undefined, next: 0 })
        : { values, dictionary: dictionaries.get(column), next: 0 };
      reader.#lists[column.index] = list;
    }
    if (overflow !== undefined)
      for (const column of reader.#columns) if (column.isOverflow) reader.#lists[column.index] = overflow;
    return reader;
  }

  /** Appends the values of every wanted row, codes renumbered by `code`, and calls back with its shape. */
  read(code: (code: number) => number, out: GrowingNumbers, onSet: (shape: number, valueStart: number) => void): void {
    const { shapes, templates } = this.#tables;
    const rows = this.#rows;
    const count = rows === undefined ? this.#shape.length : rows.length === 0 ? 0 : rows[rows.length - 1] + 1;
    let wanted = 0;
    for (let i = 0; i < count; i++) {
      const isWanted = rows === undefined || rows[wanted] === i;
      const shape = this.#shape[i];
      const from = shapes.start[shape];
      const length = shapes.start[shape + 1] - from;
      const slot = this.#template === undefined ? -1 : templates.slots!.start[this.#template[i]];
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

  #neededColumns(): StoredColumn[] {
    const { shapes, templates } = this.#tables;
    const key = this.#template ?? this.#shape;
    const seen = new Uint8Array(this.#template === undefined ? shapes.start.length : templates.count);
    const needed = new Set<StoredColumn>();
    for (let i = 0; i < (this.#rows?.length ?? key.length); i++) {
      const row = this.#rows === undefined ? i : this.#rows[i];
      if (seen[key[row]] === 1) continue;
      seen[key[row]] = 1;
      const from = shapes.start[this.#shape[row]];
      for (let j = 0; j < shapes.start[this.#shape[row] + 1] - from; j++) {
        if (this.#template === undefined || templates.slots!.isVarying[templates.slots!.start[key[row]] + j] === 1) {
          needed.add(this.#columns[shapes.column[from + j]]);
        }
      }
    }
    return [...needed];
  }
}

function nextValue(list: ValueList): number {
  const value = list.values === undefined ? 0 : list.values[list.next];
  list.next++;
  return list.dictionary === undefined ? value : list.dictionary[value];
}
