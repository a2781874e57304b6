import { mixWord } from './string-interner.ts';

/**
 * Finds equal rows of a small side table (resources, scopes): a row is an attribute set (a shape and its values)
 * and a few words more. The table itself belongs to the caller.
 */
export class SetInterner {
  readonly #slots: Uint32Array;
  readonly #valueWords: Uint32Array;
  readonly #shapeLength: Uint32Array;
  /** the columns a row consists of; the first two are its shape and where its values start */
  readonly #columns: readonly Uint32Array[];

  constructor(rowsMax: number, values: Float64Array, shapeLength: Uint32Array, columns: readonly Uint32Array[]) {
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * rowsMax)));
    // Values are compared as bits: −0 is not 0, and a NaN equals itself.
    this.#valueWords = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
    this.#shapeLength = shapeLength;
    this.#columns = columns;
  }

  /** The row equal to row `candidate`, which is written but not yet counted: an older one, or `candidate` itself. */
  intern(candidate: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = this.#hash(candidate) & mask;
    for (let entry = slots[slot]; entry !== 0; entry = slots[slot]!) {
      if (this.#equal(entry - 1, candidate)) return entry - 1;
      slot = (slot + 1) & mask;
    }
    slots[slot] = candidate + 1;
    return candidate;
  }

  /** Forgets rows [count, before), newest first. */
  truncate(before: number, count: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let row = before - 1; row >= count; row--) {
      let slot = this.#hash(row) & mask;
      while (slots[slot] !== row + 1) slot = (slot + 1) & mask;
      slots[slot] = 0;
    }
  }

  #hash(row: number): number {
    const columns = this.#columns;
    const shape = columns[0][row];
    let hash = shape;
    for (let i = 2; i < columns.length; i++) hash = Math.imul(hash ^ columns[i][row], 0x9e3779b1);
    const start = 2 * columns[1][row];
    const end = start + 2 * this.#shapeLength[shape];
    for (let i = start; i < end; i++) hash = mixWord(hash ^ this.#valueWords[i]);
    return mixWord(hash);
  }

  #equal(a: number, b: number): boolean {
    const columns = this.#columns;
    for (let i = 0; i < columns.length; i++) {
      if (i !== 1 && columns[i][a] !== columns[i][b]) return false;
    }
    const words = 2 * this.#shapeLength[columns[0][a]];
    const startA = 2 * columns[1][a];
    const startB = 2 * columns[1][b];
    for (let i = 0; i < words; i++) {
      if (this.#valueWords[startA + i] !== this.#valueWords[startB + i]) return false;
    }
    return true;
  }
}
