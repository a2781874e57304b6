import { type ValueType, isCoded } from '@spoor/model';
import type { AttributeLevel } from './column-source.ts';
import type { ByteReader, ByteWriter } from './column-bytes.ts';
import { decodeWords, encodeWords } from './column-words.ts';
import type { StoredColumn } from './segment-footer.ts';
import type { SpanTable } from './span-table.ts';

/** The attribute sets of one table, laid out flat: slot j of shape s is at `startOf(s) + j`. Shapes are added when asked for. */
export class TableShapes {
  readonly #table: SpanTable;
  readonly #start: Int32Array;
  readonly keys: number[] = [];
  readonly types: ValueType[] = [];
  /** 1 where the value is a string code */
  isCoded = new Uint8Array(256);

  constructor(table: SpanTable) {
    this.#table = table;
    this.#start = new Int32Array(Math.max(1, table.counts.shapes)).fill(-1);
    this.#start[0] = 0;
  }

  startOf(shape: number): number {
    const start = this.#start[shape];
    return start >= 0 ? start : this.#add(shape);
  }

  #add(shape: number): number {
    const { shapeParent, shapeKey, shapeType, shapeLength } = this.#table;
    const start = this.keys.length;
    const length = shapeLength[shape];
    if (start + length > this.isCoded.length) {
      const grown = new Uint8Array(2 * (start + length));
      grown.set(this.isCoded);
      this.isCoded = grown;
    }
    for (let at = shape, j = length - 1; j >= 0; at = shapeParent[at]!, j--) {
      const type = shapeType[at] as ValueType;
      this.keys[start + j] = shapeKey[at]!;
      this.types[start + j] = type;
      this.isCoded[start + j] = isCoded(type) ? 1 : 0;
    }
    this.#start[shape] = start;
    return start;
  }
}

/** The attribute columns of one level of a segment and the sets that occur: a shape is a list of columns. */
export interface LevelShapes {
  /** columns of shape s: column[start[s]] … column[start[s + 1]] */
  readonly start: Uint32Array;
  readonly column: Uint32Array;
}

/** Collects the shapes of a level from all tables. Shape 0 is the empty set. */
export class LevelShapesBuilder {
  readonly level: AttributeLevel;
  readonly #tables: readonly SpanTable[];
  readonly #tableShapes: readonly TableShapes[];
  readonly #codeOf: readonly Uint32Array[];
  readonly #keyText: (code: number) => string;
  readonly #shapeOfColumns = new Map<string, number>([['', 0]]);
  readonly #shapes: number[][] = [[]];
  readonly #columnOf = new Map<string, number>();
  readonly #columns: { key: string; keyCode: number; type: ValueType; occurrence: number }[] = [];

  constructor(
    level: AttributeLevel,
    tables: readonly SpanTable[],
    tableShapes: readonly TableShapes[],
    codeOf: readonly Uint32Array[],
    keyText: (code: number) => string,
  ) {
    this.level = level;
    this.#tables = tables;
    this.#tableShapes = tableShapes;
    this.#codeOf = codeOf;
    this.#keyText = keyText;
  }

  get shapeCount(): number {
    return this.#shapes.length;
  }

  /** @param rowsOfShape rows that have each shape */
  finish(rowsOfShape: Uint32Array, columnsMax: number): { shapes: LevelShapes; columns: StoredColumn[] } {
    const valueCount = new Float64Array(this.#columns.length);
    const start = new Uint32Array(this.#shapes.length + 1);
    const flat: number[] = [];
    for (const [shape, columns] of this.#shapes.entries()) {
      for (const column of columns) {
        valueCount[column] += rowsOfShape[shape];
        flat.push(column);
      }
      start[shape + 1] = flat.length;
    }
    const byCount = Array.from(valueCount.keys()).sort((a, b) => valueCount[b] - valueCount[a] || a - b);
    const overflow = new Set(byCount.slice(columnsMax));
    const columns = this.#columns.map((column, index) => ({
      ...column,
      level: this.level,
      index,
      valueCount: valueCount[index],
      isOverflow: overflow.has(index),
    }));
    return { shapes: { start, column: Uint32Array.from(flat) }, columns };
  }

  /** Shape of this level for a shape of a table; the caller remembers it. */
  shapeOf(table: number, tableShape: number): number {
    const shapes = this.#tableShapes[table];
    const start = shapes.startOf(tableShape);
    const codeOf = this.#codeOf[table];
    const seen = new Map<number, number>();
    const columns: number[] = [];
    for (let j = 0; j < this.#tables[table].shapeLength[tableShape]; j++) {
      const key = codeOf[shapes.keys[start + j]];
      const occurrence = seen.get(key) ?? 0;
      seen.set(key, occurrence + 1);
      columns.push(this.#column(key, shapes.types[start + j], occurrence));
    }
    const name = columns.join();
    let shape = this.#shapeOfColumns.get(name);
    if (shape === undefined) {
      this.#shapeOfColumns.set(name, (shape = this.#shapes.length));
      this.#shapes.push(columns);
    }
    return shape;
  }

  #column(key: number, type: ValueType, occurrence: number): number {
    const name = `${key}/${type}/${occurrence}`;
    let column = this.#columnOf.get(name);
    if (column === undefined) {
      this.#columnOf.set(name, (column = this.#columns.length));
      this.#columns.push({ key: this.#keyText(key), keyCode: key, type, occurrence });
    }
    return column;
  }
}

/** length of each shape:words  total:varint  columns:words */
export function encodeShapes(out: ByteWriter, { start, column }: LevelShapes): void {
  encodeWords(
    out,
    start.subarray(1).map((end, shape) => end - start[shape]),
  );
  out.varint(column.length);
  encodeWords(out, column);
}

export function decodeShapes(input: ByteReader, shapeCount: number, columnCount: number): LevelShapes {
  const lengths = decodeWords(input, shapeCount);
  const start = new Uint32Array(shapeCount + 1);
  for (let shape = 0; shape < shapeCount; shape++) start[shape + 1] = start[shape] + lengths[shape];
  const total = input.varint();
  if (total !== start[shapeCount]) input.fail('the shapes do not add up');
  const column = decodeWords(input, total);
  if (column.some((index) => index >= columnCount)) input.fail('a shape names a column that does not exist');
  return { start, column };
}
