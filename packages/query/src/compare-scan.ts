import { type Attribute, type AttributeValue, limits } from '@spoor/model';
import { type Field, printField } from '@spoor/traceql';
import { type BlockBins, CompareAttribute, NO_BIN } from './compare-attribute.ts';
import { CompareSource } from './compare-source.ts';
import type { BlockRows } from './field-numbers.ts';
import type { MetricIntervals } from './metric-intervals.ts';
import { compareLabels } from './metric-label.ts';
import { type MetricScan, type MetricSource, visitRows } from './metric-rows.ts';
import type { Series } from './metric-series.ts';
import type { CompareLeaf } from './metrics-plan.ts';
import { visitPlan } from './plan-matches.ts';
import type { RowMask } from './row-mask.ts';
import { nthLargest } from './search-order.ts';

/** So many attributes may have all the cells that one may have. */
const WIDE_ATTRIBUTES = 4;

export interface CompareScanOptions {
  readonly intervals: MetricIntervals;
  readonly isWeighted: boolean;
  readonly valuesMax?: number;
}

/**
 * `compare()`: how often the spans of a selection have each value of each attribute, and how often the others have it.
 * One pass over each column. A row's bin says its interval and which of the two it is.
 */
export class CompareScan implements MetricScan {
  readonly isFull = false;
  readonly #leaf: CompareLeaf;
  readonly #options: CompareScanOptions;
  readonly #binCount: number;
  readonly #valuesMax: number;
  readonly #attributes = new Map<string, CompareAttribute>();
  readonly #budget = { cellsLeft: WIDE_ATTRIBUTES * limits.metricsCellsMax };

  constructor(leaf: CompareLeaf, options: CompareScanOptions) {
    this.#leaf = leaf;
    this.#options = options;
    this.#binCount = 2 * options.intervals.count;
    const valuesMax = options.valuesMax ?? limits.compareValuesMax;
    this.#valuesMax = Math.min(valuesMax, Math.floor(limits.metricsCellsMax / this.#binCount));
  }

  async addSource(of: MetricSource): Promise<void> {
    const selected: (RowMask | undefined)[] = [];
    const { source, range, turns, leftOut } = of;
    await visitPlan(source, this.#leaf.selected, range, turns, leftOut, async (scan, rows) => {
      selected[scan.index] = rows;
    });
    const compared = await CompareSource.open(source, (field) => this.#attribute(field));
    await visitRows(of, this.#leaf.spans, async (block) => {
      await compared.add(await this.#binsOf(block, selected[block.scan.index]), turns);
    });
    compared.finish();
  }

  #attribute(field: Field): CompareAttribute {
    const name = printField(field);
    let known = this.#attributes.get(name);
    if (known === undefined) {
      known = new CompareAttribute(field, this.#binCount, this.#valuesMax, this.#budget);
      this.#attributes.set(name, known);
    }
    return known;
  }

  async #binsOf(block: BlockRows, selected: RowMask | undefined): Promise<BlockBins> {
    const { scan, rows } = block;
    const intervals = await this.#options.intervals.of(block);
    const inWindow = await this.#windowOf(block);
    const bins = new Int32Array(scan.rowCount).fill(NO_BIN);
    let binMin = this.#binCount;
    let binMax = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      const isSelected = selected !== undefined && selected[row] === 1 && (inWindow === undefined || inWindow[i] === 1);
      const bin = 2 * intervals[i] + (isSelected ? 1 : 0);
      bins[row] = bin;
      if (bin < binMin) binMin = bin;
      if (bin > binMax) binMax = bin;
    }
    const weights = this.#options.isWeighted ? await scan.numbers('adjustedCount') : undefined;
    return { scan, rows, bins, binMin, binMax, weights };
  }

  /** 1 for each of the rows that starts in the window in which spans are selected; `undefined` when it is all of time. */
  async #windowOf({ scan, rows }: BlockRows): Promise<Uint8Array | undefined> {
    const { start, end } = this.#leaf;
    if (start === undefined || end === undefined) return undefined;
    const low = await scan.words('startLow');
    const high = await scan.words('startHigh');
    return Uint8Array.from(rows, (row) => {
      const time = (BigInt(high[row] >>> 0) << 32n) | BigInt(low[row] >>> 0);
      return time >= start && time < end ? 1 : 0;
    });
  }

  series(): readonly Series[] {
    return [...this.#attributes.values()].flatMap((of) => this.#seriesOf(of));
  }

  #seriesOf(of: CompareAttribute): readonly Series[] {
    const key = printField(of.field);
    if (of.isOver) {
      const values = new Float64Array(this.#options.intervals.count);
      return [{ labels: metaLabels('__meta_error', '__too_many_values__', key, EMPTY), values, exemplars: [] }];
    }
    return [...this.#sideOf(of, 'baseline', key, 0), ...this.#sideOf(of, 'selection', key, 1)];
  }

  /** The most frequent values of one side, and the sum of all. @param parity  of the side's bins */
  #sideOf(of: CompareAttribute, side: 'baseline' | 'selection', key: string, parity: 0 | 1): readonly Series[] {
    const totals = new Float64Array(of.valueCount);
    const sums = new Float64Array(this.#options.intervals.count);
    for (const [bin, { first, counts }] of of.counts()) {
      if (bin % 2 !== parity) continue;
      for (let i = 0; i < counts.length; i++) {
        totals[first + i] += counts[i];
        sums[bin >>> 1] += counts[i];
      }
    }
    const labels = (number: number): readonly Attribute[] => metaLabels('__meta_type', side, key, of.label(number));
    const most = firstOf(
      this.#leaf.topN,
      (a, b) => totals[b] - totals[a] || compareLabels(labels(a), labels(b)),
      totals,
    );
    if (most.length === 0) return [];
    const shown = most.map((number): Series => {
      const values = new Float64Array(sums.length);
      for (const [bin, { first, counts }] of of.counts()) {
        if (bin % 2 === parity) values[bin >>> 1] = counts[number - first] ?? 0;
      }
      return { labels: labels(number), values, exemplars: [] };
    });
    return [...shown, { labels: metaLabels('__meta_type', `${side}_total`, key, EMPTY), values: sums, exemplars: [] }];
  }
}

/** The first `count` positions of those whose number is not zero, in the order of `compare`. */
function firstOf(count: number, compare: (a: number, b: number) => number, numbers: Float64Array): readonly number[] {
  const floor = nthLargest(numbers, count);
  const first: number[] = [];
  for (let i = 0; i < numbers.length; i++) {
    if (numbers[i] === 0 || numbers[i] < floor) continue;
    // Where many are equal, nearly all are refused by one comparison.
    if (first.length === count && compare(i, first[count - 1]) > 0) continue;
    let at = first.length;
    while (at > 0 && compare(i, first[at - 1]) < 0) at--;
    first.splice(at, 0, i);
    if (first.length > count) first.pop();
  }
  return first;
}

const EMPTY: AttributeValue = Object.freeze({ type: 'empty' });

function metaLabels(meta: string, text: string, key: string, value: AttributeValue): readonly Attribute[] {
  return [
    { key: meta, value: { type: 'string', value: text } },
    { key, value },
  ];
}
