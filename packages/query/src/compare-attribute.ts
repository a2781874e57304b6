import type { AttributeValue } from '@spoor/model';
import type { Field } from '@spoor/traceql';
import type { BlockScan } from './block-scan.ts';
import type { Value } from './value.ts';
import { AmountNumbers, UNNUMBERED, ValueNumbers } from './value-numbers.ts';

/** Marks the rows of a block that do not count. */
export const NO_BIN = -1;

/** Which bin each row of a block counts in, and how much. */
export interface BlockBins {
  readonly scan: BlockScan;
  /** those that count, ascending; at least one */
  readonly rows: Uint32Array;
  /** by row; {@link NO_BIN} for rows that do not count */
  readonly bins: Int32Array;
  /** the first of them and the last, of rows that count */
  readonly binMin: number;
  readonly binMax: number;
  /** by row; 1 when absent */
  readonly weights: Float64Array | undefined;
}

/** What is left of the cells that all attributes of a comparison may have together. */
export interface CellBudget {
  cellsLeft: number;
}

/** Bins that there are cells for, unless a block has more: what a segment of some minutes spans in a chart of hours. */
const WINDOW_BINS = 32;
/** With few values, the window is as wide as that. */
const WINDOW_CELLS = 64 * 1024;

/** Counts of one bin, by number of the value, from the first that is not 0 to the last. */
export interface BinCounts {
  readonly first: number;
  readonly counts: Float64Array;
}

/**
 * How often each value of one attribute occurs, by bin. A window of neighbouring bins has a cell for each value; cells of a bin
 * lie side by side, since the rows of a block are of few bins. When rows of other bins come, what is in the window is put
 * aside: of many values, most occur in a few bins. Counts nothing more, and has nothing more, once there are too many values.
 */
export class CompareAttribute {
  readonly field: Field;
  readonly #valuesMax: number;
  readonly #binCount: number;
  readonly #budget: CellBudget;
  #values: ValueNumbers;
  readonly #aside = new Map<number, BinCounts>();
  /** bins [first, end) are in the window: cells of bin b begin at (b − first) × stride */
  #first = 0;
  #end = 0;
  /** values that there is room for */
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
    this.#valuesMax = valuesMax;
    this.#binCount = binCount;
    this.#budget = budget;
  }

  /** There were too many values: what was counted is gone. */
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

  /** Of the bins that have any. Puts aside what is in the window. */
  counts(): ReadonlyMap<number, BinCounts> {
    this.#putAside();
    return this.#aside;
  }

  /** The number of a value, with room for its counts. */
  numberOf(value: Value | undefined): number {
    if (this.#isOver) return UNNUMBERED;
    const number = this.#values.of(value);
    if (number === UNNUMBERED) {
      this.#giveUp();
      return UNNUMBERED;
    }
    if (number >= this.#stride) {
      // Two numbers stand for no value.
      const wider = Math.max(8, this.#stride < 1024 ? 4 * this.#stride : 2 * this.#stride);
      this.#resize(this.#first, this.#end, Math.min(wider, this.#valuesMax + 2));
    }
    this.#valueCount = Math.max(this.#valueCount, number + 1);
    return this.#isOver ? UNNUMBERED : number;
  }

  /** Gives the bins from `min` to `max` cells. */
  #reserve(min: number, max: number): void {
    if (min >= this.#first && max < this.#end) return;
    const width = this.#end - this.#first;
    const wider = Math.max(max + 1, this.#end) - Math.min(min, this.#first);
    if (width > 0 && (wider <= 2 * (max + 1 - min) || wider * this.#stride <= WINDOW_CELLS)) {
      // Twice as wide: blocks come in the order of time, backwards source by source.
      const first = min < this.#first ? Math.max(0, Math.min(min, this.#first - width)) : this.#first;
      const end = max >= this.#end ? Math.min(this.#binCount, Math.max(max + 1, this.#end + width)) : this.#end;
      return this.#resize(first, end, this.#stride);
    }
    this.#putAside();
    this.#resize(min, Math.min(this.#binCount, Math.max(max + 1, min + WINDOW_BINS)), this.#stride);
  }

  #putAside(): void {
    for (let bin = this.#first; bin < this.#end; bin++) {
      const start = (bin - this.#first) * this.#stride;
      const cells = this.#cells.subarray(start, start + this.#valueCount);
      const known = this.#aside.get(bin);
      const counts = known === undefined ? trimmed(cells) : sumOf(trimmed(cells), known);
      if (counts.counts.length === 0) continue;
      this.#budget.cellsLeft -= counts.counts.length - (known?.counts.length ?? 0);
      this.#aside.set(bin, counts);
    }
    this.#budget.cellsLeft += this.#cells.length;
    this.#cells = NO_COUNTS;
    this.#first = 0;
    this.#end = 0;
    // The next window has room for a few values more.
    this.#stride = Math.min(this.#stride, this.#valueCount + (this.#valueCount >>> 3) + 8);
    if (this.#budget.cellsLeft < 0) this.#giveUp();
  }

  #resize(first: number, end: number, stride: number): void {
    const more = (end - first) * stride - this.#cells.length;
    if (more > this.#budget.cellsLeft) return this.#giveUp();
    this.#budget.cellsLeft -= more;
    const cells = new Float64Array((end - first) * stride);
    for (let bin = this.#first; bin < this.#end; bin++) {
      const start = (bin - this.#first) * this.#stride;
      cells.set(this.#cells.subarray(start, start + this.#valueCount), (bin - first) * stride);
    }
    this.#cells = cells;
    this.#first = first;
    this.#end = end;
    this.#stride = stride;
  }

  #giveUp(): void {
    this.#isOver = true;
    this.#budget.cellsLeft += this.#cells.length;
    for (const { counts } of this.#aside.values()) this.#budget.cellsLeft += counts.length;
    this.#aside.clear();
    this.#cells = NO_COUNTS;
    this.#values = new ValueNumbers(0);
  }

  /** @param number  of the value, which {@link numberOf} gave */
  add(number: number, bin: number, count: number): void {
    if (this.#isOver) return;
    this.#reserve(bin, bin);
    if (!this.#isOver) this.#cells[(bin - this.#first) * this.#stride + number] += count;
  }

  /**
   * Counts coded items.
   * @param known  by code, the number + 1; 0 while it is not known
   * @param rows  the row of each item; its own position when absent
   * @returns positions of items whose code is not known: they were not counted
   */
  addCodes(
    { bins, binMin, binMax, weights }: BlockBins,
    codes: ArrayLike<number>,
    rows: Uint32Array | undefined,
    known: Uint32Array,
  ): number[] {
    this.#reserve(binMin, binMax);
    const unknown: number[] = [];
    if (this.#isOver) return unknown;
    const into: CodeCells = { cells: this.#cells, first: this.#first, stride: this.#stride, known, unknown };
    if (weights !== undefined) addWeighted(bins, weights, codes, rows, into);
    else if (rows === undefined) addEach(bins, codes, into);
    else addAtRows(bins, codes as Uint32Array, rows, into);
    return unknown;
  }

  /** Counts numbers. @param rows  the row of each; its own position when absent */
  addAmounts(
    { bins, binMin, binMax, weights }: BlockBins,
    amounts: ArrayLike<number>,
    rows: Uint32Array | undefined,
    numbers: AmountNumbers,
  ): void {
    this.#reserve(binMin, binMax);
    for (let i = 0; i < amounts.length && !this.#isOver; i++) {
      if (weights === undefined) {
        const into = { cells: this.#cells, first: this.#first, stride: this.#stride, known: numbers.small };
        i = rows === undefined ? addSmallEach(bins, amounts, i, into) : addSmallAtRows(bins, amounts, rows, i, into);
        if (i === amounts.length) return;
      }
      const row = rows === undefined ? i : rows[i];
      if (bins[row] < 0) continue;
      const number = numbers.of(amounts[i]);
      if (number === UNNUMBERED) return;
      this.#cells[(bins[row] - this.#first) * this.#stride + number] += weights === undefined ? 1 : weights[row];
    }
  }

  /** @param wrap  makes the value of a number */
  amountNumbers(wrap: (amount: number) => Value): AmountNumbers {
    return new AmountNumbers({ of: (value) => this.numberOf(value) }, wrap);
  }
}

const NO_COUNTS = new Float64Array(0);

function trimmed(cells: Float64Array): BinCounts {
  let first = 0;
  let end = cells.length;
  while (first < end && cells[first] === 0) first++;
  while (end > first && cells[end - 1] === 0) end--;
  return { first, counts: cells.slice(first, end) };
}

function sumOf(a: BinCounts, b: BinCounts): BinCounts {
  if (a.counts.length === 0) return b;
  const first = Math.min(a.first, b.first);
  const end = Math.max(a.first + a.counts.length, b.first + b.counts.length);
  const counts = new Float64Array(end - first);
  counts.set(a.counts, a.first - first);
  for (let i = 0; i < b.counts.length; i++) counts[b.first - first + i] += b.counts[i];
  return { first, counts };
}

interface CodeCells {
  readonly cells: Float64Array;
  /** the bin that the cells begin with */
  readonly first: number;
  readonly stride: number;
  readonly known: Uint32Array;
  readonly unknown: number[];
}

interface AmountCells {
  readonly cells: Float64Array;
  /** the bin that the cells begin with */
  readonly first: number;
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
  { cells, first, stride, known }: AmountCells,
): number {
  for (; i < rows.length; i++) {
    const bin = bins[rows[i]];
    if (bin < 0) continue;
    const amount = amounts[i];
    const index = amount | 0;
    if (index !== amount || index < 0 || index >= known.length) break;
    const number = known[index];
    if (number === 0) break;
    cells[(bin - first) * stride + number]++;
  }
  return i;
}

/** The same for amounts of every row. */
function addSmallEach(
  bins: Int32Array,
  amounts: ArrayLike<number>,
  row: number,
  { cells, first, stride, known }: AmountCells,
): number {
  for (; row < bins.length; row++) {
    const bin = bins[row];
    if (bin < 0) continue;
    const amount = amounts[row];
    const index = amount | 0;
    if (index !== amount || index < 0 || index >= known.length) break;
    const number = known[index];
    if (number === 0) break;
    cells[(bin - first) * stride + number]++;
  }
  return row;
}

function addAtRows(
  bins: Int32Array,
  codes: Uint32Array,
  rows: Uint32Array,
  { cells, first, stride, known, unknown }: CodeCells,
) {
  for (let i = 0; i < codes.length; i++) {
    const bin = bins[rows[i]];
    if (bin < 0) continue;
    const code = codes[i];
    const number = code < known.length ? known[code] : 0;
    if (number === 0) unknown.push(i);
    else cells[(bin - first) * stride + number - 1]++;
  }
}

function addEach(
  bins: Int32Array,
  codes: ArrayLike<number>,
  { cells, first, stride, known, unknown }: CodeCells,
): void {
  for (let row = 0; row < bins.length; row++) {
    const bin = bins[row];
    if (bin < 0) continue;
    const code = codes[row];
    const number = code < known.length ? known[code] : 0;
    if (number === 0) unknown.push(row);
    else cells[(bin - first) * stride + number - 1]++;
  }
}

function addWeighted(
  bins: Int32Array,
  weights: Float64Array,
  codes: ArrayLike<number>,
  rows: Uint32Array | undefined,
  { cells, first, stride, known, unknown }: CodeCells,
): void {
  for (let i = 0; i < codes.length; i++) {
    const row = rows === undefined ? i : rows[i];
    const bin = bins[row];
    if (bin < 0) continue;
    const code = codes[i];
    const number = code < known.length ? known[code] : 0;
    if (number === 0) unknown.push(i);
    else cells[(bin - first) * stride + number - 1] += weights[row];
  }
}
