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
import { AmountNumbers, UNNUMBERED, ValueNumbers } from './value-numbers.ts';

/** Marks the rows of a block that do not count. */
export const NO_BIN = -1;

/** Which bin each row of a block counts in, and how much. */
export interface BlockBins {
  readonly scan: BlockScan;
  /** by row; {@link NO_BIN} for rows that do not count */
  readonly bins: Int32Array;
  /** by row; 1 when absent */
  readonly weights: Float64Array | undefined;
}

/** What is left of the cells that all attributes of a comparison may have together. */
export interface CellBudget {
  cellsLeft: number;
}

/**
 * How often each value of one attribute occurs, by bin. Cells of a bin lie side by side, since the rows of a block are of few
 * bins. Counts nothing more once there are too many values.
 */
export class CompareAttribute {
  readonly field: Field;
  readonly #values: ValueNumbers;
  readonly #binCount: number;
  readonly #budget: CellBudget;
  /** values that there is room for; cells of bin b begin at b × stride */
  #stride = 0;
  #cells = new Float64Array(0);
  #valueCount = 0;
  #isOver = false;

  /**
   * @param valuesMax  distinct values that are counted
   * @param budget  of all attributes together
   */
  constructor(field: Field, binCount: number, valuesMax: number, budget: CellBudget) {
    this.field = field;
    this.#values = new ValueNumbers(valuesMax);
    this.#binCount = binCount;
    this.#budget = budget;
  }

  /** There were too many values: what was counted means nothing. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** One more than the largest number of a value. */
  get valueCount(): number {
    return this.#valueCount;
  }

  label(number: number): AttributeValue {
    return this.#values.label(number);
  }

  /** Counts of one bin, by number of the value. */
  countsOf(bin: number): Float64Array {
    return this.#cells.subarray(bin * this.#stride, bin * this.#stride + this.#valueCount);
  }

  /** The number of a value, with room for its counts. */
  numberOf(value: Value | undefined): number {
    const number = this.#values.of(value);
    if (number !== UNNUMBERED && number >= this.#stride) {
      this.#widen(Math.max(8, this.#stride < 1024 ? 4 * this.#stride : 2 * this.#stride));
    }
    if (number === UNNUMBERED || number >= this.#stride) {
      this.#isOver = true;
      return UNNUMBERED;
    }
    this.#valueCount = Math.max(this.#valueCount, number + 1);
    return number;
  }

  /** Does nothing when the budget is used up. */
  #widen(stride: number): void {
    const more = (stride - this.#stride) * this.#binCount;
    if (more > this.#budget.cellsLeft) return;
    this.#budget.cellsLeft -= more;
    const cells = new Float64Array(stride * this.#binCount);
    for (let bin = 0; bin < this.#binCount; bin++) {
      cells.set(this.#cells.subarray(bin * this.#stride, (bin + 1) * this.#stride), bin * stride);
    }
    this.#cells = cells;
    this.#stride = stride;
  }

  /** Adds counts by bin to a value's. */
  addCounts(value: Value | undefined, counts: Float64Array): void {
    if (value === undefined) return;
    const number = this.numberOf(value);
    if (this.#isOver) return;
    for (let bin = 0; bin < counts.length; bin++) this.#cells[bin * this.#stride + number] += counts[bin];
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
    const into: CodeCells = { cells: this.#cells, stride: this.#stride, known, unknown: [] };
    if (weights !== undefined) addWeighted(bins, weights, codes, rows, into);
    else if (rows === undefined) addEach(bins, codes, into);
    else addAtRows(bins, codes as Uint32Array, rows, into);
    return into.unknown;
  }

  /** Counts numbers. @param rows  the row of each; its own position when absent */
  addAmounts(
    { bins, weights }: BlockBins,
    amounts: ArrayLike<number>,
    rows: Uint32Array | undefined,
    numbers: AmountNumbers,
  ): void {
    for (let i = 0; i < amounts.length && !this.#isOver; i++) {
      if (weights === undefined) {
        const into = { cells: this.#cells, stride: this.#stride, known: numbers.small };
        i = rows === undefined ? addSmallEach(bins, amounts, i, into) : addSmallAtRows(bins, amounts, rows, i, into);
        if (i === amounts.length) return;
      }
      const row = rows === undefined ? i : rows[i];
      if (bins[row] < 0) continue;
      const number = numbers.of(amounts[i]);
      if (number === UNNUMBERED) continue;
      this.#cells[bins[row] * this.#stride + number] += weights === undefined ? 1 : weights[row];
    }
  }

  /**
   * Counts the values of a table's rows.
   * @param numberAt  gives the number of a row's value
   * @param known  by pointer, the number + 1; 0 while it is not known
   */
  addPointers(
    { bins, weights }: BlockBins,
    pointers: ArrayLike<number>,
    numberAt: (pointer: number) => number,
    known: Uint32Array,
  ): void {
    for (let row = 0; row < bins.length && !this.#isOver; row++) {
      const bin = bins[row];
      if (bin < 0) continue;
      const pointer = pointers[row];
      if (known[pointer] === 0) known[pointer] = 1 + numberAt(pointer);
      const number = known[pointer] - 1;
      if (number !== UNNUMBERED) this.#cells[bin * this.#stride + number] += weights === undefined ? 1 : weights[row];
    }
  }

  /** @param wrap  makes the value of a number */
  amountNumbers(wrap: (amount: number) => Value): AmountNumbers {
    return new AmountNumbers({ of: (value) => this.numberOf(value) }, wrap);
  }
}

interface CodeCells {
  readonly cells: Float64Array;
  readonly stride: number;
  readonly known: Uint32Array;
  readonly unknown: number[];
}

interface AmountCells {
  readonly cells: Float64Array;
  readonly stride: number;
  /** by amount, its number; 0 where it is not known */
  readonly known: Uint32Array;
}

/*
 * Several loops instead of one: each meets one kind of array only, which makes it several times as fast.
 */

/** Counts from position `i` on. @returns the position of the first amount whose number is not known, or the end */
function addSmallAtRows(
  bins: Int32Array,
  amounts: ArrayLike<number>,
  rows: Uint32Array,
  i: number,
  { cells, stride, known }: AmountCells,
): number {
  for (; i < rows.length; i++) {
    const bin = bins[rows[i]];
    if (bin < 0) continue;
    const amount = amounts[i];
    const index = amount | 0;
    if (index !== amount || index < 0 || index >= known.length) break;
    const number = known[index];
    if (number === 0) break;
    cells[bin * stride + number]++;
  }
  return i;
}

/** The same for amounts of every row. */
function addSmallEach(
  bins: Int32Array,
  amounts: ArrayLike<number>,
  row: number,
  { cells, stride, known }: AmountCells,
): number {
  for (; row < bins.length; row++) {
    const bin = bins[row];
    if (bin < 0) continue;
    const amount = amounts[row];
    const index = amount | 0;
    if (index !== amount || index < 0 || index >= known.length) break;
    const number = known[index];
    if (number === 0) break;
    cells[bin * stride + number]++;
  }
  return row;
}

function addAtRows(
  bins: Int32Array,
  codes: Uint32Array,
  rows: Uint32Array,
  { cells, stride, known, unknown }: CodeCells,
) {
  for (let i = 0; i < codes.length; i++) {
    const bin = bins[rows[i]];
    if (bin < 0) continue;
    const code = codes[i];
    const number = code < known.length ? known[code] : 0;
    if (number === 0) unknown.push(i);
    else cells[bin * stride + number - 1]++;
  }
}

function addEach(bins: Int32Array, codes: ArrayLike<number>, { cells, stride, known, unknown }: CodeCells): void {
  for (let row = 0; row < bins.length; row++) {
    const bin = bins[row];
    if (bin < 0) continue;
    const code = codes[row];
    const number = code < known.length ? known[code] : 0;
    if (number === 0) unknown.push(row);
    else cells[bin * stride + number - 1]++;
  }
}

function addWeighted(
  bins: Int32Array,
  weights: Float64Array,
  codes: ArrayLike<number>,
  rows: Uint32Array | undefined,
  { cells, stride, known, unknown }: CodeCells,
): void {
  for (let i = 0; i < codes.length; i++) {
    const row = rows === undefined ? i : rows[i];
    const bin = bins[row];
    if (bin < 0) continue;
    const code = codes[i];
    const number = code < known.length ? known[code] : 0;
    if (number === 0) unknown.push(i);
    else cells[bin * stride + number - 1] += weights[row];
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
    const left = new Uint32Array(unknown.length);
    const leftRows = new Uint32Array(unknown.length);
    for (let i = 0; i < left.length; i++) {
      left[i] = codes[unknown[i]]!;
      leftRows[i] = rows === undefined ? unknown[i] : rows[unknown[i]];
    }
    await this.#learn(Uint32Array.from(new Set(left)));
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

export function tableCounter({ pointer, values }: FieldTable, attribute: CompareAttribute): BlockCounter {
  const known = new Uint32Array(values.length);
  // Rows with one value mostly share the object: of 100,000 traces there are few root names.
  const numbers = new Map<Value | undefined, number>();
  const numberAt = (row: number): number => {
    const value = values[row];
    let number = numbers.get(value);
    if (number === undefined) numbers.set(value, (number = attribute.numberOf(value)));
    return number;
  };
  return async (block) => {
    if (!attribute.isOver) attribute.addPointers(block, await block.scan.words(pointer), numberAt, known);
  };
}

export function numberCounter({ load, wrap }: NumberField, attribute: CompareAttribute): BlockCounter {
  const numbers = attribute.amountNumbers(wrap);
  return async (block) => {
    if (!attribute.isOver) attribute.addAmounts(block, await load(block.scan), undefined, numbers);
  };
}
