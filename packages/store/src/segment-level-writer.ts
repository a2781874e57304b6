import { isCoded } from '@spoor/model';
import { ByteWriter } from './column-bytes.ts';
import { encodeNumbers } from './column-numbers.ts';
import { encodeWords, isZeroWords } from './column-words.ts';
import type { AttributeLevel } from './column-source.ts';
import { gapsOf } from './segment-chunk.ts';
import type { CodePlaces } from './segment-code-places.ts';
import type { LevelFooter, StoredColumn } from './segment-footer.ts';
import { ATTRIBUTE_COLUMNS_MAX, BlockChunk, SideChunk, levelIndex } from './segment-layout.ts';
import { type LevelShapes, type LevelShapesBuilder, type TableShapes, encodeShapes } from './segment-shapes.ts';
import { type TemplateAssignment, type TemplateSlots, assignTemplates, encodeTemplates, slotStarts } from './segment-templates.ts';
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

export interface Chunk {
  readonly id: number;
  readonly body: Uint8Array;
}

/** Values that vary within their template, of one column, in row order. Those of block b: start[b] … start[b + 1]. */
interface ColumnValues {
  readonly values: Float64Array;
  readonly start: Uint32Array;
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
    const shape = rows.members[0]!;
    const rowsOfShape = new Uint32Array(rows.shapes.shapeCount);
    for (let i = 0; i < shape.length; i++) rowsOfShape[shape[i]!]!++;
    const { shapes, columns } = rows.shapes.finish(rowsOfShape, ATTRIBUTE_COLUMNS_MAX);
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

  /** @param columnBase columns of the levels before this one */
  sideChunks(columnBase: number): Chunk[] {
    const level = levelIndex(this.#rows.level);
    const chunks: Chunk[] = [
      { id: SideChunk.shapes + level, body: encodeShapes(this.#shapes) },
      { id: SideChunk.templates + level, body: encodeTemplates({ ...this.#assignment.templates, slots: this.#slots }) },
    ];
    for (const [index, dictionary] of this.#dictionaries.entries()) {
      if (dictionary !== undefined) chunks.push({ id: SideChunk.attributeDictionary + columnBase + index, body: encodeDictionary(dictionary) });
    }
    return chunks;
  }

  blockChunks(block: number, columnBase: number): Chunk[] {
    const { blockStart, members, level } = this.#rows;
    const first = blockStart[block]!;
    const last = blockStart[block + 1]!;
    if (first === last) return [];
    const chunks: Chunk[] = [];
    const base = levelIndex(level) * 32;
    addWords(chunks, BlockChunk.template + base, this.#assignment.template.subarray(first, last));
    for (const [m, taken] of this.#assignment.templates.members.entries()) {
      if (taken === undefined) addWords(chunks, BlockChunk.member + base + m, members[m]!.subarray(first, last));
    }
    for (const [index, column] of this.#columns.entries()) {
      if (!column.isOverflow) this.#addValues(chunks, BlockChunk.attribute + columnBase + index, index, block);
    }
    this.#addValues(chunks, BlockChunk.overflow + base, this.#columns.length, block);
    return chunks;
  }

  #addValues(chunks: Chunk[], id: number, index: number, block: number): void {
    const { values, start } = this.#values[index]!;
    const part = values.subarray(start[block], start[block + 1]);
    if (part.length === 0) return;
    const column = this.#columns[index];
    const out = new ByteWriter();
    out.varint(part.length);
    if (column !== undefined && isCoded(column.type)) encodeWords(out, new Uint32Array(part));
    else encodeNumbers(out, part);
    chunks.push({ id, body: out.finish() });
  }

  /** One pass over all attribute values: which are the same in every row of their template? */
  #findConstants(): TemplateSlots | undefined {
    const { rowCount, tables, tableShapes, codeOf, table, valueStart, tableShape } = this.#rows;
    const { templates, template } = this.#assignment;
    if (templates.members[0] === undefined) return undefined;
    const start = slotStarts(templates.members[0], this.#shapes);
    const isVarying = new Uint8Array(start[templates.count]!);
    const isSeen = new Uint8Array(templates.count);
    const value = new Float64Array(isVarying.length);
    for (let i = 0; i < rowCount; i++) {
      const t = template[i]!;
      const slot = start[t]!;
      const length = start[t + 1]! - slot;
      if (length === 0) continue;
      const source = table[i]!;
      const { values } = tables[source]!;
      const { isCoded: coded } = tableShapes[source]!;
      const map = codeOf[source]!;
      const from = valueStart[i]!;
      const shapeSlot = tableShapes[source]!.startOf(tableShape[i]!);
      const isFirst = isSeen[t] === 0;
      isSeen[t] = 1;
      for (let j = 0; j < length; j++) {
        const raw = values[from + j]!;
        const mapped = coded[shapeSlot + j] === 1 ? map[raw]! : raw;
        if (isFirst) value[slot + j] = mapped;
        else if (mapped !== value[slot + j] || (mapped === 0 && 1 / mapped !== 1 / value[slot + j]!)) isVarying[slot + j] = 1;
      }
    }
    // A NaN equals nothing, itself included; as a constant it would be kept without its rows ever differing.
    for (let slot = 0; slot < value.length; slot++) if (Number.isNaN(value[slot]!)) isVarying[slot] = 1;
    return { start, isVarying, value };
  }

  /** The varying values of every column, in row order; those of rare keys in row and slot order in one list. */
  #collectValues(): ColumnValues[] {
    const { tables, tableShapes, codeOf, table, valueStart, tableShape, blockStart } = this.#rows;
    const target = Uint32Array.from(this.#columns, (column) => (column.isOverflow ? this.#columns.length : column.index));
    const blocks = blockStart.length - 1;
    const lists = this.#emptyLists(target, blocks);
    const filled = new Uint32Array(lists.length);
    const arrays = lists.map((list) => list.values);
    for (let b = 0; b < blocks; b++) {
      for (let i = blockStart[b]!; i < blockStart[b + 1]!; i++) {
        const { from: slotFrom, length } = this.#slotsOf(i);
        if (length === 0) continue;
        const varying = this.#varyingAt(i);
        const source = table[i]!;
        const { values } = tables[source]!;
        const { isCoded: coded } = tableShapes[source]!;
        const shapeSlot = tableShapes[source]!.startOf(tableShape[i]!);
        const from = valueStart[i]!;
        for (let j = 0; j < length; j++) {
          if (varying >= 0 && this.#slots!.isVarying[varying + j] === 0) continue;
          const raw = values[from + j]!;
          const to = target[this.#shapes.column[slotFrom + j]!]!;
          arrays[to]![filled[to]!++] = coded[shapeSlot + j] === 1 ? codeOf[source]![raw]! : raw;
        }
      }
      for (let c = 0; c < lists.length; c++) lists[c]!.start[b + 1] = filled[c]!;
    }
    return lists;
  }

  /** Place of the row's columns in the shapes. */
  #slotsOf(row: number): { from: number; length: number } {
    const shape = this.#rows.members[0]![row]!;
    const from = this.#shapes.start[shape]!;
    return { from, length: this.#shapes.start[shape + 1]! - from };
  }

  /** Place of the row's slots in the template's, −1 when the shape is no member. */
  #varyingAt(row: number): number {
    return this.#slots === undefined ? -1 : this.#slots.start[this.#assignment.template[row]!]!;
  }

  #emptyLists(target: Uint32Array, blocks: number): ColumnValues[] {
    const counts = new Float64Array(this.#columns.length + 1);
    const shape = this.#rows.members[0]!;
    const { template } = this.#assignment;
    const shared = this.#slots === undefined ? shape : template;
    const times = new Uint32Array(this.#slots === undefined ? this.#shapes.start.length - 1 : this.#assignment.templates.count);
    for (let i = 0; i < shared.length; i++) times[shared[i]!]!++;
    for (let k = 0; k < times.length; k++) {
      const s = this.#slots === undefined ? k : this.#assignment.templates.members[0]![k]!;
      const from = this.#shapes.start[s]!;
      for (let j = 0; j < this.#shapes.start[s + 1]! - from; j++) {
        if (this.#slots !== undefined && this.#slots.isVarying[this.#slots.start[k]! + j] === 0) continue;
        counts[target[this.#shapes.column[from + j]!]!]! += times[k]!;
      }
    }
    return Array.from(counts, (count) => ({ values: new Float64Array(count), start: new Uint32Array(blocks + 1) }));
  }

  /** Distinct codes of a column in ascending order; its values are then replaced by their places in it. */
  #makeDictionary(column: StoredColumn): Uint32Array | undefined {
    if (!isCoded(column.type) || column.isOverflow) return undefined;
    return this.#places.replace(this.#values[column.index]!.values, this.#constantsOf(column.index));
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
      const from = this.#shapes.start[shapeOf[t]!]!;
      for (let slot = start[t]!; slot < start[t + 1]!; slot++) {
        if (isVarying[slot] === 1) continue;
        (constants[this.#shapes.column[from + slot - start[t]!]!] ??= []).push(value[slot]!);
      }
    }
    return constants;
  }
}

/** Stores nothing for a list of zeros. */
export function addWords(chunks: Chunk[], id: number, ...lists: readonly Uint32Array[]): void {
  const out = new ByteWriter();
  let areZero = true;
  for (const list of lists) {
    const one = new ByteWriter();
    encodeWords(one, list);
    const bytes = one.finish();
    areZero &&= isZeroWords(bytes);
    out.bytes(bytes);
  }
  if (!areZero) chunks.push({ id, body: out.finish() });
}

/** count:varint  gaps:words */
export function encodeDictionary(codes: Uint32Array): Uint8Array {
  const out = new ByteWriter();
  out.varint(codes.length);
  encodeWords(out, gapsOf(codes));
  return out.finish();
}
