import { isCoded } from '@spoor/model';
import { encodeNumbers } from './column-numbers.ts';
import { encodeWords, isZeroWords } from './column-words.ts';
import type { AttributeLevel } from './column-source.ts';
import { type ChunkFileWriter, gapsOf } from './segment-chunk.ts';
import type { CodePlaces } from './segment-code-places.ts';
import type { LevelFooter, StoredColumn } from './segment-footer.ts';
import { ATTRIBUTE_COLUMNS_MAX, BlockChunk, SideChunk, levelIndex } from './segment-layout.ts';
import { type LevelShapes, type LevelShapesBuilder, type TableShapes, encodeShapes } from './segment-shapes.ts';
import {
  type TemplateAssignment,
  type TemplateSlots,
  assignTemplates,
  encodeTemplates,
  slotStarts,
} from './segment-templates.ts';
import type { SpanTable } from './span-table.ts';

/** The rows of one level (spans, events or links) of a segment, in segment order. */
export interface LevelRows {
  readonly level: AttributeLevel;
  readonly rowCount: number;
  readonly tables: readonly SpanTable[];
  readonly tableShapes: readonly TableShapes[];
  readonly codeOf: readonly Uint32Array[];
  readonly table: Uint16Array;
  /** place of each row's attribute values in its table */
  readonly valueStart: Uint32Array;
  /** shape of each row in its table */
  readonly tableShape: Uint32Array;
  /** in the order of the layout; the first is the shape */
  readonly members: readonly Uint32Array[];
  readonly shapes: LevelShapesBuilder;
  /** rows [blockStart[b], blockStart[b + 1]) are in block b */
  readonly blockStart: Uint32Array;
}

/** Values that vary within their template, of one column, in row order. Those of block b: start[b] … start[b + 1]. */
interface ColumnValues {
  readonly values: Float64Array;
  readonly start: Uint32Array;
}

/** Entries start[kind] … start[kind + 1] belong to one template or shape. */
interface VaryingSlots {
  readonly start: Uint32Array;
  /** of the value in its set */
  readonly place: Uint32Array;
  readonly list: Uint32Array;
  /** 1 where the value is a string code */
  readonly coded: Uint8Array;
}

/** Encodes templates, members and attributes of one level. */
export class LevelWriter {
  readonly #rows: LevelRows;
  readonly #places: CodePlaces;
  readonly #shapes: LevelShapes;
  readonly #columns: readonly StoredColumn[];
  readonly #assignment: TemplateAssignment;
  readonly #slots: TemplateSlots | undefined;
  /** per column; the last one is the overflow's */
  readonly #values: readonly ColumnValues[];
  readonly #dictionaries: readonly (Uint32Array | undefined)[];

  constructor(rows: LevelRows, places: CodePlaces) {
    this.#rows = rows;
    this.#places = places;
    const shape = rows.members[0];
    const { shapes, columns } = rows.shapes.finish(timesOfEach(shape, rows.shapes.shapeCount), ATTRIBUTE_COLUMNS_MAX);
    this.#shapes = shapes;
    this.#columns = columns;
    this.#assignment = assignTemplates(rows.members, rows.rowCount);
    this.#slots = this.#findConstants();
    this.#values = this.#collectValues();
    this.#dictionaries = columns.map((column) => this.#makeDictionary(column));
  }

  get footer(): LevelFooter {
    const { templates } = this.#assignment;
    return {
      rowCount: this.#rows.rowCount,
      shapeCount: this.#shapes.start.length - 1,
      templateCount: templates.count,
      templateMembers: templates.members.reduce((bits, member, m) => bits | (member === undefined ? 0 : 1 << m), 0),
      columns: this.#columns,
    };
  }

  writeTables(file: ChunkFileWriter, chunk: 'shapes' | 'templates'): void {
    const out = file.beginChunk();
    if (chunk === 'shapes') encodeShapes(out, this.#shapes);
    else encodeTemplates(out, { ...this.#assignment.templates, slots: this.#slots });
    file.endChunk(SideChunk[chunk] + levelIndex(this.#rows.level));
  }

  /** @param columnBase columns of the levels before this one */
  writeDictionaries(file: ChunkFileWriter, columnBase: number): void {
    for (const [index, dictionary] of this.#dictionaries.entries())
      if (dictionary !== undefined)
        writeDictionary(file, SideChunk.attributeDictionary + columnBase + index, dictionary);
  }

  /** The chunks of a block that are not attribute columns. */
  writeMembers(file: ChunkFileWriter, block: number): void {
    const { blockStart, members, level } = this.#rows;
    const first = blockStart[block];
    const last = blockStart[block + 1];
    if (first === last) return;
    const base = levelIndex(level) * 32;
    writeWords(file, BlockChunk.template + base, this.#assignment.template.subarray(first, last));
    this.#writeValues(file, BlockChunk.overflow + base, this.#columns.length, block);
    for (const [m, taken] of this.#assignment.templates.members.entries()) {
      if (taken === undefined) writeWords(file, BlockChunk.member + base + m, members[m].subarray(first, last));
    }
  }

  writeAttributes(file: ChunkFileWriter, block: number, columnBase: number): void {
    for (let index = 0; index < this.#columns.length; index++) {
      if (!this.#columns[index].isOverflow)
        this.#writeValues(file, BlockChunk.attribute + columnBase + index, index, block);
    }
  }

  #writeValues(file: ChunkFileWriter, id: number, index: number, block: number): void {
    const { values, start } = this.#values[index];
    const count = start[block + 1] - start[block];
    if (count === 0) return;
    const column = this.#columns[index];
    const out = file.beginChunk();
    out.varint(count);
    if (column !== undefined && isCoded(column.type)) encodeWords(out, this.#placesOf(values, start[block], count));
    else encodeNumbers(out, values.subarray(start[block], start[block + 1]));
    file.endChunk(id);
  }

  /** A view of a buffer that the next call overwrites. */
  #placesOf(values: Float64Array, from: number, count: number): Uint32Array {
    if (count > this.#scratch.length) this.#scratch = new Uint32Array(2 * count);
    const places = this.#scratch;
    for (let i = 0; i < count; i++) places[i] = values[from + i]!;
    return places.subarray(0, count);
  }
  #scratch = new Uint32Array(0);

  /** One pass over all attribute values: which are the same in every row of their template? */
  #findConstants(): TemplateSlots | undefined {
    const { rowCount, tables, tableShapes, codeOf, table, valueStart, tableShape } = this.#rows;
    const { templates, template } = this.#assignment;
    if (templates.members[0] === undefined) return undefined;
    const start = slotStarts(templates.members[0], this.#shapes);
    const isVarying = new Uint8Array(start[templates.count]);
    /** per template, 1 + the table of its first row, whose values are kept as they are there */
    const firstTable = new Uint32Array(templates.count);
    const firstShapeSlot = new Uint32Array(templates.count);
    const value = new Float64Array(isVarying.length);
    for (let i = 0; i < rowCount; i++) {
      const t = template[i];
      const slot = start[t];
      const length = start[t + 1] - slot;
      if (length === 0) continue;
      const source = table[i];
      const { values } = tables[source];
      const from = valueStart[i];
      if (firstTable[t] === source + 1) {
        // Within a table, equal codes are equal strings.
        for (let j = 0; j < length; j++) {
          const raw = values[from + j];
          const first = value[slot + j];
          if (raw !== first || (raw === 0 && 1 / raw !== 1 / first)) isVarying[slot + j] = 1;
        }
        continue;
      }
      const shapeSlot = tableShapes[source].startOf(tableShape[i]);
      const { isCoded: coded } = tableShapes[source];
      if (firstTable[t] === 0) {
        firstTable[t] = source + 1;
        firstShapeSlot[t] = shapeSlot;
        for (let j = 0; j < length; j++) value[slot + j] = values[from + j]!;
        continue;
      }
      const [map, firstMap] = [codeOf[source], codeOf[firstTable[t] - 1]];
      for (let j = 0; j < length; j++) {
        const isCode = coded[shapeSlot + j] === 1;
        const mapped = isCode ? map[values[from + j]] : values[from + j];
        const first = isCode ? firstMap[value[slot + j]] : value[slot + j];
        if (!Object.is(mapped, first)) isVarying[slot + j] = 1;
      }
    }
    for (let t = 0; t < templates.count; t++) {
      for (let slot = start[t]; slot < start[t + 1]; slot++) {
        const { isCoded: coded } = tableShapes[firstTable[t] - 1];
        if (coded[firstShapeSlot[t] + slot - start[t]] === 1) value[slot] = codeOf[firstTable[t] - 1][value[slot]]!;
        // A NaN equals nothing, itself included; as a constant it would be kept without its rows ever differing.
        if (Number.isNaN(value[slot])) isVarying[slot] = 1;
      }
    }
    return { start, isVarying, value };
  }

  /** The varying values of every column, in row order; those of rare keys in row and slot order in one list. */
  #collectValues(): ColumnValues[] {
    const { blockStart } = this.#rows;
    const kindOfRow = this.#slots === undefined ? this.#rows.members[0] : this.#assignment.template;
    const slots = this.#varyingSlots();
    const blocks = blockStart.length - 1;
    const lists = this.#emptyLists(kindOfRow, slots.start, slots.list, blocks);
    const filled = new Uint32Array(lists.length);
    const arrays = lists.map(({ values }) => values);
    for (let b = 0; b < blocks; b++) {
      collectBlock(this.#rows, kindOfRow, slots, b, arrays, filled);
      for (let c = 0; c < lists.length; c++) lists[c].start[b + 1] = filled[c];
    }
    return lists;
  }

  /** Which attributes of each template (of each shape, where that is no member) vary, and which list takes them. */
  #varyingSlots(): VaryingSlots {
    const shapeOf = this.#slots === undefined ? undefined : this.#assignment.templates.members[0]!;
    const kinds = shapeOf?.length ?? this.#shapes.start.length - 1;
    const start = new Uint32Array(kinds + 1);
    const [place, list, coded]: number[][] = [[], [], []];
    for (let kind = 0; kind < kinds; kind++) {
      const shape = shapeOf === undefined ? kind : shapeOf[kind];
      const from = this.#shapes.start[shape];
      for (let j = 0; j < this.#shapes.start[shape + 1] - from; j++) {
        if (this.#slots !== undefined && this.#slots.isVarying[this.#slots.start[kind] + j] === 0) continue;
        const column = this.#columns[this.#shapes.column[from + j]];
        place.push(j);
        list.push(column.isOverflow ? this.#columns.length : column.index);
        coded.push(isCoded(column.type) ? 1 : 0);
      }
      start[kind + 1] = place.length;
    }
    return { start, place: new Uint32Array(place), list: new Uint32Array(list), coded: new Uint8Array(coded) };
  }

  /** Lists of the right length, not filled. */
  #emptyLists(kindOfRow: Uint32Array, start: Uint32Array, list: Uint32Array, blocks: number): ColumnValues[] {
    const times = timesOfEach(kindOfRow, start.length - 1);
    const counts = new Float64Array(this.#columns.length + 1);
    for (let kind = 0; kind < times.length; kind++) {
      for (let k = start[kind]; k < start[kind + 1]; k++) counts[list[k]] += times[kind];
    }
    return Array.from(counts, (count) => ({
      values: new Float64Array(count),
      start: new Uint32Array(blocks + 1),
    }));
  }

  /** Distinct codes of a column in ascending order; its values are then replaced by their places in it. */
  #makeDictionary(column: StoredColumn): Uint32Array | undefined {
    if (!isCoded(column.type) || column.isOverflow) return undefined;
    return this.#places.replace(this.#values[column.index].values, this.#constantsOf(column.index));
  }

  #constantsOf(column: number): number[] {
    if (this.#slots === undefined) return [];
    this.#constants ??= this.#indexConstants();
    return this.#constants[column] ?? [];
  }
  #constants: number[][] | undefined;

  #indexConstants(): number[][] {
    const constants: number[][] = [];
    const { start, isVarying, value } = this.#slots!;
    const shapeOf = this.#assignment.templates.members[0]!;
    for (let t = 0; t < shapeOf.length; t++) {
      const from = this.#shapes.start[shapeOf[t]];
      for (let slot = start[t]; slot < start[t + 1]; slot++) {
        if (isVarying[slot] === 1) continue;
        (constants[this.#shapes.column[from + slot - start[t]]] ??= []).push(value[slot]);
      }
    }
    return constants;
  }
}

/** How often each number below `count` occurs. */
function timesOfEach(numbers: Uint32Array, count: number): Uint32Array {
  const times = new Uint32Array(count);
  for (let i = 0; i < numbers.length; i++) times[numbers[i]]++;
  return times;
}

/** Appends the varying values of a block's rows to the lists, of which `filled` says how much they have. */
function collectBlock(
  { tables, codeOf, table, valueStart, blockStart }: LevelRows,
  kindOfRow: Uint32Array,
  { start, place, list, coded }: VaryingSlots,
  block: number,
  lists: readonly Float64Array[],
  filled: Uint32Array,
): void {
  for (let i = blockStart[block]; i < blockStart[block + 1]; i++) {
    const kind = kindOfRow[i];
    const { values } = tables[table[i]];
    const codes = codeOf[table[i]];
    const from = valueStart[i];
    for (let k = start[kind]; k < start[kind + 1]; k++) {
      const value = values[from + place[k]];
      const to = list[k];
      lists[to][filled[to]++] = coded[k] === 1 ? codes[value] : value;
    }
  }
}

/** Stores nothing for a list of zeros. */
export function writeWords(file: ChunkFileWriter, id: number, first: Uint32Array, second?: Uint32Array): void {
  const out = file.beginChunk();
  const start = out.length;
  encodeWords(out, first);
  let areZero = isZeroWords(out, start);
  if (second !== undefined) {
    const middle = out.length;
    encodeWords(out, second);
    areZero &&= isZeroWords(out, middle);
  }
  if (areZero) file.dropChunk();
  else file.endChunk(id);
}

/** count:varint  gaps:words */
export function writeDictionary(file: ChunkFileWriter, id: number, codes: Uint32Array): void {
  const out = file.beginChunk();
  out.varint(codes.length);
  encodeWords(out, gapsOf(codes));
  file.endChunk(id);
}
