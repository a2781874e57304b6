import type { AttributeValue } from '@spoor/model';
import type { AttributeColumn, ColumnSource } from '@spoor/store';
import type { Field } from '@spoor/traceql';
import { decodingOf, hasCodes, valuesOfCodes } from './code-verdicts.ts';
import { wrapOf } from './field-attribute.ts';
import type { NumberField } from './field-number.ts';
import type { FieldTable } from './field-table.ts';
import type { TextField } from './field-text.ts';
import type { BlockScan } from './block-scan.ts';
import type { Value } from './value.ts';
import { AmountNumbers, MISSING, UNNUMBERED, ValueNumbers } from './value-numbers.ts';

/** Marks the rows of a block that do not count. */
export const NO_BIN = 0xffff_ffff;

/** Which bin each row of a block counts in, and how much. */
export interface BlockBins {
  readonly scan: BlockScan;
  /** by row; {@link NO_BIN} for rows that do not count */
  readonly bins: Uint32Array;
  /** by row; 1 when absent */
  readonly weights: Float64Array | undefined;
}

/** How often each value of one attribute occurs, by bin: a row of cells a value. Counts nothing more once there are too many values. */
export class CompareAttribute {
  readonly field: Field;
  readonly #values: ValueNumbers;
  readonly #binCount: number;
  readonly #valuesMax: number;
  #cells: Float64Array;
  #isOver = false;

  /** @param valuesMax  distinct values that are counted */
  constructor(field: Field, binCount: number, valuesMax: number) {
    this.field = field;
    this.#values = new ValueNumbers(valuesMax);
    this.#binCount = binCount;
    this.#valuesMax = valuesMax;
    this.#cells = new Float64Array(8 * binCount);
  }

  /** There were too many values: what was counted means nothing. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Values with their counts by bin. */
  *counts(): Iterable<readonly [label: AttributeValue, counts: Float64Array]> {
    for (let number = MISSING + 1; number * this.#binCount < this.#cells.length; number++) {
      const counts = this.#cells.subarray(number * this.#binCount, (number + 1) * this.#binCount);
      if (counts.some((count) => count > 0)) yield [this.#values.label(number), counts];
    }
  }

  /** The number of a value, with room for its counts. */
  numberOf(value: Value | undefined): number {
    const number = this.#values.of(value);
    if (number === UNNUMBERED) this.#isOver = true;
    else if ((number + 1) * this.#binCount > this.#cells.length) {
      const larger = new Float64Array(Math.min(2 * this.#cells.length, (this.#valuesMax + 2) * this.#binCount));
      larger.set(this.#cells);
      this.#cells = larger;
    }
    return number;
  }

  /** Adds counts by bin to a value's. */
  addCounts(value: Value | undefined, counts: Float64Array): void {
    if (value === undefined) return;
    const number = this.numberOf(value);
    if (this.#isOver) return;
    const first = number * this.#binCount;
    for (let bin = 0; bin < counts.length; bin++) this.#cells[first + bin] += counts[bin];
  }

  /**
   * Counts coded items.
   * @param known  by code, the number + 1; 0 while it is not known
   * @param rows  the row of each item; its own position when absent
   * @returns positions of items whose code is not known: they were not counted
   */
  addCodes(
    { bins, weights }: BlockBins,
    codes: ArrayLike<number>,
    rows: Uint32Array | undefined,
    known: Uint32Array,
  ): number[] {
    const unknown: number[] = [];
    const cells = this.#cells;
    const binCount = this.#binCount;
    for (let i = 0; i < codes.length; i++) {
      const row = rows === undefined ? i : rows[i];
      const bin = bins[row];
      if (bin === NO_BIN) continue;
      const code = codes[i];
      const number = code < known.length ? known[code] : 0;
      if (number === 0) unknown.push(i);
      else cells[(number - 1) * binCount + bin] += weights === undefined ? 1 : weights[row];
    }
    return unknown;
  }

  /** Counts numbers. */
  addAmounts(
    { bins, weights }: BlockBins,
    amounts: ArrayLike<number>,
    rows: Uint32Array | undefined,
    numbers: AmountNumbers,
  ): void {
    for (let i = 0; i < amounts.length && !this.#isOver; i++) {
      const row = rows === undefined ? i : rows[i];
      if (bins[row] === NO_BIN) continue;
      const number = numbers.of(amounts[i]);
      // Known numbers have room already: this costs a comparison.
      if (number !== UNNUMBERED) this.#cells[number * this.#binCount + bins[row]] += weights?.[row] ?? 1;
    }
  }

  /** @param wrap  makes the value of a number */
  amountNumbers(wrap: (amount: number) => Value): AmountNumbers {
    return new AmountNumbers({ of: (value) => this.numberOf(value) }, wrap);
  }
}

/** Counts one block's values of an attribute. */
export type BlockCounter = (block: BlockBins) => Promise<void>;

/** Codes whose values are looked up when first met. */
class CodeCounter {
  readonly #attribute: CompareAttribute;
  readonly #resolve: (codes: Uint32Array) => Promise<readonly (Value | undefined)[]>;
  #known = new Uint32Array(1024);

  constructor(attribute: CompareAttribute, resolve: (codes: Uint32Array) => Promise<readonly (Value | undefined)[]>) {
    this.#attribute = attribute;
    this.#resolve = resolve;
  }

  async add(block: BlockBins, codes: ArrayLike<number>, rows: Uint32Array | undefined): Promise<void> {
    if (this.#attribute.isOver) return;
    const unknown = this.#attribute.addCodes(block, codes, rows, this.#known);
    if (unknown.length === 0) return;
    const left = Uint32Array.from(unknown, (i) => codes[i]);
    await this.#learn(Uint32Array.from(new Set(left)));
    const leftRows = Uint32Array.from(unknown, (i) => (rows === undefined ? i : rows[i]));
    if (!this.#attribute.isOver) this.#attribute.addCodes(block, left, leftRows, this.#known);
  }

  async #learn(codes: Uint32Array): Promise<void> {
    const most = codes.reduce((a, b) => Math.max(a, b), 0);
    if (most >= this.#known.length) {
      const larger = new Uint32Array(Math.max(most + 1, 2 * this.#known.length));
      larger.set(this.#known);
      this.#known = larger;
    }
    const values = await this.#resolve(codes);
    for (let i = 0; i < codes.length && !this.#attribute.isOver; i++) {
      this.#known[codes[i]] = 1 + this.#attribute.numberOf(values[i]);
    }
  }
}

export async function columnCounter(
  source: ColumnSource,
  column: AttributeColumn,
  attribute: CompareAttribute,
): Promise<BlockCounter> {
  if (!hasCodes(column)) {
    const numbers = attribute.amountNumbers(wrapOf(column.type));
    return async (block) => {
      if (attribute.isOver) return;
      const { rows, numbers: amounts } = await block.scan.attribute(column);
      attribute.addAmounts(block, amounts!, rows, numbers);
    };
  }
  const counter = new CodeCounter(attribute, await codeResolver(source, column, decodingOf(column.type)));
  return async (block) => {
    if (attribute.isOver) return;
    const { rows, codes } = await block.scan.attribute(column);
    await counter.add(block, codes!, rows);
  };
}

export async function textCounter(
  source: ColumnSource,
  { column, decoding }: TextField,
  attribute: CompareAttribute,
): Promise<BlockCounter> {
  const counter = new CodeCounter(attribute, await codeResolver(source, column, decoding));
  return async (block) => {
    if (!attribute.isOver) await counter.add(block, await block.scan.words(column), undefined);
  };
}

async function codeResolver(
  source: ColumnSource,
  column: Parameters<ColumnSource['dictionary']>[0],
  decoding: Parameters<typeof valuesOfCodes>[2],
): Promise<(codes: Uint32Array) => Promise<readonly Value[]>> {
  const dictionary = await source.dictionary(column);
  return (codes) =>
    valuesOfCodes(source, dictionary === undefined ? codes : codes.map((code) => dictionary[code]), decoding);
}

export function tableCounter(table: FieldTable, attribute: CompareAttribute): BlockCounter {
  const counter = new CodeCounter(attribute, async (rows) => Array.from(rows, (row) => table.values[row]));
  return async (block) => {
    if (!attribute.isOver) await counter.add(block, await block.scan.words(table.pointer), undefined);
  };
}

export function numberCounter({ load, wrap }: NumberField, attribute: CompareAttribute): BlockCounter {
  const numbers = attribute.amountNumbers(wrap);
  return async (block) => {
    if (!attribute.isOver) attribute.addAmounts(block, await load(block.scan), undefined, numbers);
  };
}
