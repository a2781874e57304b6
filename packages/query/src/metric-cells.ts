import type { MetricsFunction } from '@spoor/traceql';

/** What is known of each (series, interval): a row of cells a series. Grows by doubling. */
export class MetricCells {
  /** spans, or the sum of their adjusted counts */
  count: Float64Array;
  /** sums or extremes of what the function is of; empty for functions that count */
  amount: Float64Array;
  readonly #fn: MetricsFunction;
  readonly #width: number;

  constructor(fn: MetricsFunction, width: number) {
    this.#fn = fn;
    this.#width = width;
    this.count = new Float64Array(0);
    this.amount = new Float64Array(0);
  }

  get seriesCount(): number {
    return this.count.length / this.#width;
  }

  /** Makes room for series below `seriesCount`. */
  reserve(seriesCount: number): void {
    const needed = seriesCount * this.#width;
    if (needed <= this.count.length) return;
    const length = Math.max(needed, 2 * this.count.length);
    const count = new Float64Array(length);
    count.set(this.count);
    this.count = count;
    if (!isOfAmounts(this.#fn)) return;
    const amount = new Float64Array(length).fill(initialAmount(this.#fn));
    amount.set(this.amount);
    this.amount = amount;
  }

  /**
   * Adds rows to cells. What is NaN does not count.
   * @param cells  of each row
   * @param amounts  of each row, for functions that are of something
   * @param weights  of each row; 1 when absent
   * @returns positions of rows that are the first of their cell
   */
  add(cells: Uint32Array, amounts: Float64Array | undefined, weights: Float64Array | undefined): number[] {
    const first: number[] = [];
    if (amounts === undefined || !isOfAmounts(this.#fn)) addCounts(this.count, cells, weights, first);
    else if (this.#fn === 'min_over_time') addSmallest(this.count, this.amount, cells, amounts, first);
    else if (this.#fn === 'max_over_time') addLargest(this.count, this.amount, cells, amounts, first);
    else addSums(this.count, this.amount, cells, amounts, weights, first);
    return first;
  }
}

function isOfAmounts(fn: MetricsFunction): boolean {
  return fn === 'min_over_time' || fn === 'max_over_time' || fn === 'sum_over_time' || fn === 'avg_over_time';
}

function initialAmount(fn: MetricsFunction): number {
  if (fn === 'min_over_time') return Number.POSITIVE_INFINITY;
  return fn === 'max_over_time' ? Number.NEGATIVE_INFINITY : 0;
}

function addCounts(count: Float64Array, cells: Uint32Array, weights: Float64Array | undefined, first: number[]): void {
  if (weights !== undefined) {
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i];
      if (count[cell] === 0) first.push(i);
      count[cell] += weights[i];
    }
    return;
  }
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i];
    const before = count[cell];
    if (before === 0) first.push(i);
    count[cell] = before + 1;
  }
}

function addSums(
  count: Float64Array,
  sum: Float64Array,
  cells: Uint32Array,
  amounts: Float64Array,
  weights: Float64Array | undefined,
  first: number[],
): void {
  for (let i = 0; i < cells.length; i++) {
    const amount = amounts[i];
    if (Number.isNaN(amount)) continue;
    const cell = cells[i];
    const weight = weights === undefined ? 1 : weights[i];
    if (count[cell] === 0) first.push(i);
    count[cell] += weight;
    sum[cell] += weight * amount;
  }
}

function addSmallest(
  count: Float64Array,
  least: Float64Array,
  cells: Uint32Array,
  amounts: Float64Array,
  first: number[],
): void {
  for (let i = 0; i < cells.length; i++) {
    const amount = amounts[i];
    if (Number.isNaN(amount)) continue;
    const cell = cells[i];
    if (count[cell]++ === 0) first.push(i);
    if (amount < least[cell]) least[cell] = amount;
  }
}

function addLargest(
  count: Float64Array,
  most: Float64Array,
  cells: Uint32Array,
  amounts: Float64Array,
  first: number[],
): void {
  for (let i = 0; i < cells.length; i++) {
    const amount = amounts[i];
    if (Number.isNaN(amount)) continue;
    const cell = cells[i];
    if (count[cell]++ === 0) first.push(i);
    if (amount > most[cell]) most[cell] = amount;
  }
}
