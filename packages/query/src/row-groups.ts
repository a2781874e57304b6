import { type ColumnSource, NO_ROW } from '@spoor/store';
import { type CodeReader, codeReader } from './row-codes.ts';
import type { RowExpression } from './row-expression.ts';
import { forEachBlockOf, type SourceRows } from './source-rows.ts';
import type { TurnTaker } from './turn-taker.ts';
import { ValueCodes } from './value-codes.ts';
import type { Value } from './value.ts';

/**
 * Numbers the tuples of some expressions' values densely, over as many sources as are bound: rows whose values are equal
 * have one number. A missing value is a value of its own.
 */
export class RowGrouping {
  readonly #expressions: readonly RowExpression[];
  readonly #values: readonly ValueCodes[];
  readonly #pairs: readonly PairCodes[];

  constructor(expressions: readonly RowExpression[]) {
    this.#expressions = expressions;
    this.#values = expressions.map(() => new ValueCodes());
    this.#pairs = expressions.slice(1).map(() => new PairCodes());
  }

  /** one more than the largest number so far */
  get size(): number {
    if (this.#expressions.length === 0) return 1;
    return this.#pairs.at(-1)?.size ?? this.#values[0].size;
  }

  /** Gives numbers by row of a block; the entries of rows that are not asked for mean nothing. */
  async bind(source: ColumnSource): Promise<CodeReader> {
    const readers: CodeReader[] = [];
    for (const [i, expression] of this.#expressions.entries()) {
      readers.push(await codeReader(source, expression, this.#values[i]));
    }
    return async (scan, rows) => {
      let numbers = readers.length === 0 ? new Uint32Array(scan.rowCount) : await readers[0](scan, rows);
      for (let i = 1; i < readers.length; i++) {
        const next = await readers[i](scan, rows);
        const pairs = this.#pairs[i - 1];
        const joined = new Uint32Array(scan.rowCount);
        for (let row = 0; row < joined.length; row++) {
          if (rows[row] === 1) joined[row] = pairs.codeOf(numbers[row], next[row]);
        }
        numbers = joined;
      }
      return numbers;
    };
  }

  /** The expressions' values, in their order. */
  valuesOf(number: number): readonly (Value | undefined)[] {
    const values: (Value | undefined)[] = [];
    let rest = number;
    for (let i = this.#expressions.length - 1; i >= 0; i--) {
      const [before, code] = i === 0 ? [0, rest] : this.#pairs[i - 1].pairOf(rest);
      values.push(this.#values[i].valueOf(code));
      rest = before;
    }
    return values.reverse();
  }
}

/** Numbers distinct pairs of 32-bit numbers densely: open addressing, no object an entry. */
class PairCodes {
  #pairs = new Uint32Array(2 * 512);
  #slots = new Int32Array(1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  codeOf(a: number, b: number): number {
    const slots = this.#slots;
    const pairs = this.#pairs;
    const mask = slots.length - 1;
    let slot = hash(a, b) & mask;
    for (let entry = slots[slot]; entry !== 0; entry = slots[slot]!) {
      if (pairs[2 * entry - 2] === a && pairs[2 * entry - 1] === b) return entry - 1;
      slot = (slot + 1) & mask;
    }
    pairs[2 * this.#size] = a;
    pairs[2 * this.#size + 1] = b;
    slots[slot] = ++this.#size;
    const code = this.#size - 1;
    if (2 * this.#size === slots.length) this.#grow();
    return code;
  }

  pairOf(code: number): readonly [a: number, b: number] {
    return [this.#pairs[2 * code], this.#pairs[2 * code + 1]];
  }

  #grow(): void {
    const old = this.#pairs;
    const count = this.#size;
    this.#pairs = new Uint32Array(2 * old.length);
    this.#slots = new Int32Array(2 * this.#slots.length);
    this.#size = 0;
    for (let i = 0; i < count; i++) this.codeOf(old[2 * i], old[2 * i + 1]);
  }
}

function hash(a: number, b: number): number {
  let h = Math.imul(a, 0x9e37_79b1) ^ Math.imul(b, 0x85eb_ca6b);
  h ^= h >>> 15;
  return Math.imul(h, 0x2c1b_3c6d) >>> 3;
}

/** Rows of a source in groups that lie within traces each. */
export interface RowGroups {
  /** by row; of the rows that were grouped */
  readonly groupOf: Uint32Array;
  readonly count: number;
  /** by group */
  readonly traceRow: Uint32Array;
}

/**
 * Groups the rows by trace, and by the expressions' values within it. Numbers of groups ascend with the traces.
 * @param source  ordered: a trace's rows are side by side
 */
export async function groupRows(
  source: ColumnSource,
  rows: SourceRows,
  by: readonly RowExpression[],
  turns: TurnTaker,
): Promise<RowGroups> {
  const grouping = new RowGrouping(by);
  const read = await grouping.bind(source);
  const groupOf = new Uint32Array(source.rowCount);
  const traceOfGroup: number[] = [];
  // By tuple: the last trace that had it, and its group there.
  let traceAt = new Uint32Array(0);
  let groupAt = new Uint32Array(0);
  await forEachBlockOf(source, rows, turns, async (scan) => {
    const traceRow = await scan.words('traceRow');
    const asked = rows.subarray(scan.firstRow, scan.firstRow + scan.rowCount);
    const tuples = await read(scan, asked);
    if (grouping.size > groupAt.length) {
      traceAt = lengthened(traceAt, grouping.size, NO_ROW);
      groupAt = lengthened(groupAt, grouping.size, 0);
    }
    for (let i = 0; i < asked.length; i++) {
      if (asked[i] === 0) continue;
      const tuple = tuples[i];
      if (traceAt[tuple] !== traceRow[i]) {
        traceAt[tuple] = traceRow[i];
        groupAt[tuple] = traceOfGroup.push(traceRow[i]) - 1;
      }
      groupOf[scan.firstRow + i] = groupAt[tuple];
    }
  });
  return { groupOf, count: traceOfGroup.length, traceRow: Uint32Array.from(traceOfGroup) };
}

function lengthened(words: Uint32Array, length: number, fill: number): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(Math.max(length, 2 * words.length)).fill(fill);
  longer.set(words);
  return longer;
}
