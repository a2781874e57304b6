import type { ByteReader, ByteWriter } from './column-bytes.ts';
import { decodeNumbers, encodeNumbers } from './column-numbers.ts';
import { decodeWords, encodeWords } from './column-words.ts';
import type { LevelShapes } from './segment-shapes.ts';

/**
 * Spans of one operation agree in nearly all their fields. A *template* is one combination that occurs of a level's
 * members (name, kind, resource, shape …), and each row stores the number of its template only. When the shape is a
 * member, an attribute that has the same value in all rows of a template is stored with the template too.
 */
export interface Templates {
  readonly count: number;
  /** `members[m][template]`; `undefined` for a member that is not part of the template but a column of its own */
  readonly members: readonly (Uint32Array | undefined)[];
  /**
   * Attribute slots of template t: slotStart[t] … slotStart[t + 1], as long as its shape; absent when the shape is
   * not a member.
   */
  readonly slots: TemplateSlots | undefined;
}

export interface TemplateSlots {
  readonly start: Uint32Array;
  /** 1 when the value differs between rows and lies in the attribute's column */
  readonly isVarying: Uint8Array;
  /** the value of the others: a string code or a number */
  readonly value: Float64Array;
}

/** The rows' templates, and which of the members take part. */
export interface TemplateAssignment {
  readonly templates: Omit<Templates, 'slots'>;
  readonly template: Uint32Array;
}

/**
 * Numbers the combinations of members in order of appearance. When there are too many to be worth it, the member with
 * the most distinct values is taken out and becomes a column, and it is tried again.
 */
export function assignTemplates(columns: readonly Uint32Array[], rowCount: number): TemplateAssignment {
  const max = Math.min(TEMPLATES_MAX, Math.max(TEMPLATES_MIN, rowCount >>> 6));
  const taking = columns.map(() => true);
  // Half of the columns are mostly the same everywhere: they are members whose value no row needs to be asked for.
  const isConstant = columns.map((column) => rowCount > 0 && isSame(column));
  for (;;) {
    const parts = columns.filter((_, m) => taking[m] && !isConstant[m]);
    const found = tryAssign(parts, rowCount, max);
    if (found.template !== undefined) {
      let next = 0;
      const members = columns.map((column, m) => {
        if (isConstant[m]) return new Uint32Array(found.count).fill(column[0]);
        return taking[m] ? found.members[next++] : undefined;
      });
      return { templates: { count: found.count, members }, template: found.template };
    }
    const distinct = found.members.map((values) => new Set(values).size);
    const worst = distinct.indexOf(Math.max(...distinct));
    taking[columns.indexOf(parts[worst])] = false;
  }
}

function isSame(column: Uint32Array): boolean {
  const first = column[0];
  for (let i = 1; i < column.length; i++) if (column[i] !== first) return false;
  return true;
}

const TEMPLATES_MIN = 256;
const TEMPLATES_MAX = 0x1_0000;

interface Attempt {
  readonly count: number;
  readonly members: readonly Uint32Array[];
  /** absent when there were more than `max` */
  readonly template: Uint32Array | undefined;
}

function tryAssign(parts: readonly Uint32Array[], rowCount: number, max: number): Attempt {
  const width = parts.length;
  const table = new Uint32Array(max * width);
  const slots = new Int32Array(1 << (33 - Math.clz32(max))).fill(-1);
  const mask = slots.length - 1;
  const template = new Uint32Array(rowCount);
  const tuple = new Uint32Array(width);
  let count = 0;
  for (let i = 0; i < rowCount; i++) {
    let hash = 0;
    for (let m = 0; m < width; m++) {
      const word = parts[m][i];
      tuple[m] = word;
      hash = Math.imul(hash ^ word, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    let slot = hash & mask;
    while (slots[slot] >= 0 && !isTuple(table, slots[slot] * width, tuple)) slot = (slot + 1) & mask;
    if (slots[slot] < 0) {
      if (count === max) return { count, members: transposed(table, count, width), template: undefined };
      table.set(tuple, count * width);
      slots[slot] = count++;
    }
    template[i] = slots[slot]!;
  }
  return { count, members: transposed(table, count, width), template };
}

function isTuple(table: Uint32Array, at: number, tuple: Uint32Array): boolean {
  for (let m = 0; m < tuple.length; m++) if (table[at + m] !== tuple[m]) return false;
  return true;
}

function transposed(table: Uint32Array, count: number, width: number): Uint32Array[] {
  return Array.from({ length: width }, (_, m) => Uint32Array.from({ length: count }, (_, t) => table[t * width + m]));
}

/** Slot starts for templates of known shapes. */
export function slotStarts(shapeOfTemplate: Uint32Array, shapes: LevelShapes): Uint32Array {
  const start = new Uint32Array(shapeOfTemplate.length + 1);
  for (let t = 0; t < shapeOfTemplate.length; t++) {
    const shape = shapeOfTemplate[t];
    start[t + 1] = start[t] + shapes.start[shape + 1] - shapes.start[shape];
  }
  return start;
}

/** member columns:words*  and when the shape is a member:  isVarying:words  value of the others:numbers */
export function encodeTemplates(out: ByteWriter, { members, slots }: Templates): void {
  for (const member of members) if (member !== undefined) encodeWords(out, member);
  if (slots !== undefined) {
    encodeWords(out, new Uint32Array(slots.isVarying));
    encodeNumbers(
      out,
      slots.value.filter((_, slot) => slots.isVarying[slot] === 0),
    );
  }
}

/** @param memberBits bit m is set when member m takes part; bit 0 is the shape */
export function decodeTemplates(
  input: ByteReader,
  count: number,
  memberCount: number,
  memberBits: number,
  shapes: LevelShapes,
): Templates {
  const members = Array.from({ length: memberCount }, (_, m) =>
    (memberBits >>> m) & 1 ? decodeWords(input, count) : undefined,
  );
  const shape = members[0];
  if (shape === undefined) return { count, members, slots: undefined };
  if (shape.some((index) => index >= shapes.start.length - 1))
    input.fail('a template names a shape that does not exist');
  const start = slotStarts(shape, shapes);
  const isVarying = new Uint8Array(decodeWords(input, start[count]));
  const value = new Float64Array(isVarying.length);
  const constants = decodeNumbers(
    input,
    isVarying.reduce((sum, flag) => sum + 1 - Math.min(1, flag), 0),
  );
  let next = 0;
  for (let slot = 0; slot < value.length; slot++) if (isVarying[slot] === 0) value[slot] = constants[next++]!;
  return { count, members, slots: { start, isVarying, value } };
}
