import { QueryError, unixNano } from '@spoor/model';
import type { BlockScan } from './block-scan.ts';
import type { MetricWindows, TimeRange } from './trace-store.ts';

/**
 * Windows that may overlap, cut at all their ends into cells that do not: a span adds to one cell, and a window is the
 * sum of its cells. Times are nanoseconds after an origin, exact within 104 days of it.
 */
export class WindowCells {
  readonly windowCount: number;
  readonly cellCount: number;
  /** what a span must start in to count at all */
  readonly range: TimeRange;
  /** cell c is (bounds[c], bounds[c + 1]] */
  readonly #bounds: Float64Array;
  /** 0 for cells between windows, which belong to none */
  readonly #isCovered: Uint8Array;
  readonly #first: Uint32Array;
  readonly #end: Uint32Array;
  readonly #originHigh: number;
  readonly #originLow: number;

  /** @throws {QueryError} `QUERY_INVALID` for windows without length or order */
  constructor({ end, stepNano, count, lengthNano }: MetricWindows) {
    if (count < 1 || (count > 1 && stepNano <= 0n) || (lengthNano !== undefined && lengthNano <= 0n)) {
      throw new QueryError('QUERY_INVALID', 'windows of time need a length, and steps between them');
    }
    this.windowCount = count;
    this.#originHigh = Number(end >> 32n);
    this.#originLow = Number(end & 0xffff_ffffn);
    const [step, length] = [Number(stepNano), lengthNano === undefined ? Infinity : Number(lengthNano)];
    const ends = Float64Array.from({ length: count }, (_, i) => i * step);
    const starts = length === Infinity ? Float64Array.of(-Infinity) : ends.map((one) => one - length);
    this.#bounds = Float64Array.from(new Set([...starts, ...ends].sort((a, b) => a - b)));
    this.cellCount = this.#bounds.length - 1;
    const place = new Map(Array.from(this.#bounds, (bound, i) => [bound, i]));
    this.#first = Uint32Array.from(ends, (_, i) => place.get(starts[length === Infinity ? 0 : i])!);
    this.#end = Uint32Array.from(ends, (one) => place.get(one)!);
    this.#isCovered = new Uint8Array(this.cellCount);
    for (let i = 0; i < count; i++) this.#isCovered.fill(1, this.#first[i], this.#end[i]);
    const from = lengthNano === undefined ? undefined : end - lengthNano + 1n;
    this.range = {
      start: from === undefined ? undefined : unixNano(from < 0n ? 0n : from),
      end: unixNano(end + BigInt(count - 1) * stepNano),
    };
  }

  /** The cell of each row of the block; −1 for spans in none of the windows. */
  async ofBlock(scan: BlockScan): Promise<Int32Array> {
    const cells = new Int32Array(scan.rowCount);
    const low = await scan.words('startLow');
    const high = await scan.words('startHigh');
    // Spans lie by time, more or less: the next one is mostly in the same cell.
    let cell = 0;
    for (let i = 0; i < cells.length; i++) {
      const time = ((high[i] >>> 0) - this.#originHigh) * 2 ** 32 + ((low[i] >>> 0) - this.#originLow);
      if (!(time > this.#bounds[cell] && time <= this.#bounds[cell + 1])) cell = this.#find(time);
      cells[i] = cell >= 0 && this.#isCovered[cell] === 1 ? cell : -1;
      if (cell < 0) cell = 0;
    }
    return cells;
  }

  #find(time: number): number {
    const bounds = this.#bounds;
    if (!(time > bounds[0]) || time > bounds[bounds.length - 1]) return -1;
    let low = 0;
    let high = bounds.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (time > bounds[middle]) low = middle;
      else high = middle;
    }
    return low;
  }

  /**
   * Sums the cells of each window.
   * @param cells  `width` numbers a cell
   * @returns `width` numbers a window; exactly 0 where every cell is
   */
  sums(cells: Float64Array, width: number): Float64Array {
    const windows = new Float64Array(this.windowCount * width);
    const totals = new Float64Array(this.cellCount + 1);
    // A difference of sums of fractions may miss zero by a little.
    const filled = new Uint32Array(this.cellCount + 1);
    for (let at = 0; at < width; at++) {
      for (let cell = 0; cell < this.cellCount; cell++) {
        const value = cells[cell * width + at];
        totals[cell + 1] = totals[cell] + value;
        filled[cell + 1] = filled[cell] + (value === 0 ? 0 : 1);
      }
      for (let i = 0; i < this.windowCount; i++) {
        const [first, end] = [this.#first[i], this.#end[i]];
        if (filled[end] > filled[first]) windows[i * width + at] = totals[end] - totals[first];
      }
    }
    return windows;
  }
}
