import { type ValueType, isCoded } from '@spoor/model';
import type { AttributeBlock, AttributeColumn, AttributeLevel } from './column-source.ts';
import type { SpanTable } from './span-table.ts';

/** Items of one level (spans, events or links) of a table: all below `count`, or those of a list, in its order. */
export interface TableItems {
  readonly count: number;
  /** table rows; rows first … first + count when absent */
  readonly rows: Uint32Array | undefined;
  readonly first: number;
}

/**
 * The attribute columns of one level of a table, found through its shapes. The last attribute of shape s is in
 * column `columnOfShape[s]`; the columns of a whole set are found by going up through the parents. Everything
 * here is linear in the shapes, of which there are few, plus one pass over the items to see which are used.
 */
export class TableAttributes {
  readonly columns: readonly AttributeColumn[];
  readonly #table: SpanTable;
  readonly #shape: Uint32Array;
  readonly #valueStart: Uint32Array;
  readonly #columnOfShape: Int32Array;
  /** per column, per shape: place of the value in the set, + 1; 0 for shapes without it */
  readonly #places: (Uint32Array | undefined)[] = [];

  /** per shape, the items whose set it is */
  readonly #sets: Uint32Array;
  /** items, when all of the table's up to there take part */
  readonly #wholeCount: number | undefined;

  /** @param before  of the same table with fewer items, when all of them took part as all do here: these are not counted again */
  constructor(
    table: SpanTable,
    level: AttributeLevel,
    items: TableItems,
    keyText: (code: number) => string,
    before?: TableAttributes,
  ) {
    this.#table = table;
    this.#shape = table[shapeField(level)];
    this.#valueStart =
      level === 'span' ? table.valueStart : level === 'event' ? table.eventValueStart : table.linkValueStart;
    this.#wholeCount = items.rows === undefined ? items.count : undefined;
    this.#sets = new Uint32Array(table.counts.shapes);
    this.#countSets(items, before);
    const uses = withParents(this.#sets, table);
    this.#columnOfShape = new Int32Array(table.counts.shapes).fill(-1);
    this.columns = this.#findColumns(level, uses, keyText);
  }

  /** The values of one column among the items, rows counted from the first item. */
  block(column: AttributeColumn, items: TableItems): AttributeBlock {
    const places = (this.#places[column.index] ??= this.#findPlaces(column.index));
    const { values } = this.#table;
    const rows = new Uint32Array(items.count);
    const found = new Float64Array(items.count);
    let count = 0;
    for (let i = 0; i < items.count; i++) {
      const item = items.rows === undefined ? items.first + i : items.rows[i];
      const place = places[this.#shape[item]];
      if (place === 0) continue;
      rows[count] = i;
      found[count++] = values[this.#valueStart[item] + place - 1]!;
    }
    const numbers = found.subarray(0, count);
    return isCoded(column.type)
      ? { rows: rows.subarray(0, count), codes: Uint32Array.from(numbers), numbers: undefined }
      : { rows: rows.subarray(0, count), codes: undefined, numbers };
  }

  #countSets({ rows, first, count }: TableItems, before: TableAttributes | undefined): void {
    const sets = this.#sets;
    const counted = rows === undefined && before !== undefined ? before.#wholeCount : undefined;
    if (counted !== undefined) sets.set(before!.#sets);
    for (let i = counted ?? 0; i < count; i++) {
      sets[this.#shape[rows === undefined ? first + i : rows[i]]]++;
    }
  }

  #findColumns(level: AttributeLevel, uses: Uint32Array, keyText: (code: number) => string): AttributeColumn[] {
    const { shapeKey, shapeType } = this.#table;
    const columns: AttributeColumn[] = [];
    const known = new Map<string, number>();
    const valueCounts: number[] = [];
    for (let shape = 1; shape < uses.length; shape++) {
      if (uses[shape] === 0) continue;
      const type = shapeType[shape] as ValueType;
      const occurrence = this.#occurrence(shape);
      const name = `${shapeKey[shape]}/${type}/${occurrence}`;
      let index = known.get(name);
      if (index === undefined) {
        known.set(name, (index = columns.length));
        columns.push({ level, key: keyText(shapeKey[shape]), type, occurrence, valueCount: 0, index });
        valueCounts.push(0);
      }
      valueCounts[index] += uses[shape];
      this.#columnOfShape[shape] = index;
    }
    return columns.map((column) => ({ ...column, valueCount: valueCounts[column.index] }));
  }

  /** How often the key of a shape's last attribute stands before it in the set. */
  #occurrence(shape: number): number {
    const { shapeParent, shapeKey } = this.#table;
    const key = shapeKey[shape];
    let occurrence = 0;
    for (let at = shapeParent[shape]; at !== 0; at = shapeParent[at]!) {
      if (shapeKey[at] === key) occurrence++;
    }
    return occurrence;
  }

  #findPlaces(column: number): Uint32Array {
    const { shapeParent, shapeLength } = this.#table;
    const places = new Uint32Array(this.#columnOfShape.length);
    for (let shape = 1; shape < places.length; shape++) {
      const isHere = this.#columnOfShape[shape] === column;
      places[shape] = isHere ? shapeLength[shape] : places[shapeParent[shape]];
    }
    return places;
  }
}

function shapeField(level: AttributeLevel): 'shape' | 'eventShape' | 'linkShape' {
  return level === 'span' ? 'shape' : level === 'event' ? 'eventShape' : 'linkShape';
}

/** Per shape, the items whose set is this shape or goes on from it. Parents come before their children. */
function withParents(sets: Uint32Array, { shapeParent }: SpanTable): Uint32Array {
  const uses = sets.slice();
  for (let shape = uses.length - 1; shape > 0; shape--) uses[shapeParent[shape]] += uses[shape];
  return uses;
}
