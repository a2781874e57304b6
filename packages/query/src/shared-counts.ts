import type { BlockBins, CompareAttribute } from './compare-attribute.ts';
import type { Value } from './value.ts';

/** A value that all rows of a key have of one attribute. */
export interface SharedValue {
  readonly of: CompareAttribute;
  readonly value: Value;
}

/** Few enough to stay in the second-level cache. */
const CELLS = 32 * 1024;

/**
 * Counts rows by (key, bin) where all rows of a key have values in common: a template, a resource. What was counted is spread
 * over these values once for all rows. Only what bins of some neighbouring intervals have is held back.
 */
export class SharedCounts {
  readonly #keyCount: number;
  readonly #valuesOf: (key: number) => readonly SharedValue[];
  readonly #numbers = new Map<number, readonly SharedNumber[]>();
  /** bins from `first` on that there are cells for, side by side those of one bin */
  readonly #width: number;
  #first = 0;
  readonly #cells: Float64Array;
  /** the cells that are not 0, and maybe some that are */
  #touched: number[] = [];

  /**
   * @param keyCount  keys are below it
   * @param valuesOf  asked once for each key that some row has
   */
  constructor(keyCount: number, valuesOf: (key: number) => readonly SharedValue[]) {
    this.#keyCount = keyCount;
    this.#valuesOf = valuesOf;
    this.#width = Math.max(2, Math.floor(CELLS / Math.max(1, keyCount)));
    this.#cells = new Float64Array(this.#width * keyCount);
  }

  /** @param keys  by row */
  add(block: BlockBins, keys: Uint32Array | Int32Array): void {
    const { binMin, binMax } = block;
    if (binMin >= this.#first && binMax < this.#first + this.#width) return this.#count(block, keys);
    for (let first = binMin; first <= binMax; first += this.#width) {
      this.flush();
      this.#first = first;
      this.#count(block, keys);
    }
  }

  /** Counts what is in one of the bins that there are cells for. */
  #count({ rows, bins, weights }: BlockBins, keys: Uint32Array | Int32Array): void {
    const into = { cells: this.#cells, keyCount: this.#keyCount, first: this.#first, touched: this.#touched };
    if (weights !== undefined) addWeighted(into, rows, bins, keys, weights);
    else if (rows.length === bins.length) addEach(into, bins, keys);
    else addAtRows(into, rows, bins, keys);
  }

  /** Spreads what was counted over the values of the keys. */
  flush(): void {
    for (const cell of this.#touched) {
      const count = this.#cells[cell];
      this.#cells[cell] = 0;
      const bin = this.#first + Math.floor(cell / this.#keyCount);
      for (const { of, number } of this.#numbersOf(cell % this.#keyCount)) of.add(number, bin, count);
    }
    this.#touched = [];
  }

  #numbersOf(key: number): readonly SharedNumber[] {
    let numbers = this.#numbers.get(key);
    if (numbers === undefined) {
      numbers = this.#valuesOf(key).map(({ of, value }) => ({ of, number: of.numberOf(value) }));
      this.#numbers.set(key, numbers);
    }
    return numbers;
  }
}

interface SharedNumber {
  readonly of: CompareAttribute;
  readonly number: number;
}

interface KeyCells {
  /** by bin, then by key */
  readonly cells: Float64Array;
  readonly keyCount: number;
  /** the bin that the cells begin with */
  readonly first: number;
  readonly touched: number[];
}

/*
 * Several loops instead of one: a row costs a few nanoseconds. A bin that there are no cells for gives a cell that is none.
 */

function addEach(
  { cells, keyCount, first, touched }: KeyCells,
  bins: Int32Array,
  keys: Uint32Array | Int32Array,
): void {
  const { length } = cells;
  for (let row = 0; row < bins.length; row++) {
    const bin = bins[row] - first;
    const cell = bin * keyCount + keys[row];
    if (bin < 0 || cell >= length) continue;
    const count = cells[cell];
    if (count === 0) touched.push(cell);
    cells[cell] = count + 1;
  }
}

function addAtRows(
  { cells, keyCount, first, touched }: KeyCells,
  rows: Uint32Array,
  bins: Int32Array,
  keys: Uint32Array | Int32Array,
): void {
  const { length } = cells;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    const bin = bins[row] - first;
    const cell = bin * keyCount + keys[row];
    if (bin < 0 || cell >= length) continue;
    const count = cells[cell];
    if (count === 0) touched.push(cell);
    cells[cell] = count + 1;
  }
}

function addWeighted(
  { cells, keyCount, first, touched }: KeyCells,
  rows: Uint32Array,
  bins: Int32Array,
  keys: Uint32Array | Int32Array,
  weights: Float64Array,
): void {
  const { length } = cells;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    const bin = bins[row] - first;
    const cell = bin * keyCount + keys[row];
    if (bin < 0 || cell >= length) continue;
    if (cells[cell] === 0) touched.push(cell);
    cells[cell] += weights[row];
  }
}
