import { type Attribute, type AttributeValue, limits, ValueType } from '@spoor/model';
import type { AttributeColumn, ColumnSource } from '@spoor/store';
import { attribute, type Field, intrinsic, type Intrinsic, printField } from '@spoor/traceql';
import {
  type BlockBins,
  type BlockCounter,
  CompareAttribute,
  columnCounter,
  NO_BIN,
  numberCounter,
  tableCounter,
  textCounter,
} from './compare-attribute.ts';
import type { BlockRows } from './field-numbers.ts';
import { numberField } from './field-number.ts';
import { fieldTable } from './field-table.ts';
import { textField } from './field-text.ts';
import type { MetricIntervals } from './metric-intervals.ts';
import { compareLabels } from './metric-label.ts';
import { type MetricScan, type MetricSource, visitRows } from './metric-rows.ts';
import type { Series } from './metric-series.ts';
import type { CompareLeaf } from './metrics-plan.ts';
import { visitPlan } from './plan-matches.ts';
import type { RowMask } from './row-mask.ts';
import { nthLargest } from './search-order.ts';

/** What is compared besides attributes: what has few values. */
const intrinsics: readonly Intrinsic[] = Object.freeze([
  'span:kind',
  'span:name',
  'span:status',
  'span:statusMessage',
  'span:childCount',
  'trace:rootName',
  'trace:rootService',
] as const);

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
    const columns = this.#columns(source);
    const counters = await this.#counters(source, columns);
    const resources = await this.#ownerCounts(source, 'resource');
    const scopes = await this.#ownerCounts(source, 'scope');
    await visitRows(of, this.#leaf.spans, async (block) => {
      const bins = await this.#binsOf(block, selected[block.scan.index]);
      await block.scan.fetchAttributes(columns.filter(({ of }) => !of.isOver).map(({ column }) => column));
      for (const count of counters) {
        await count(bins);
        await turns.turn();
      }
      await addOwners(resources, bins, this.#binCount);
      await addOwners(scopes, bins, this.#binCount);
    });
    this.#finishOwners(resources);
    this.#finishOwners(scopes);
  }

  #columns(source: ColumnSource): readonly ComparedColumn[] {
    const columns: ComparedColumn[] = [];
    for (const column of source.attributeColumns('span')) {
      // Of a repeated key the first counts.
      if (column.type === ValueType.empty || column.occurrence > 0 || column.valueCount === 0) continue;
      columns.push({ column, of: this.#attribute(attribute('span', column.key)) });
    }
    return columns;
  }

  async #counters(source: ColumnSource, columns: readonly ComparedColumn[]): Promise<BlockCounter[]> {
    const counters: BlockCounter[] = [];
    for (const name of intrinsics) {
      const field = intrinsic(name);
      const of = this.#attribute(field);
      const text = textField(field);
      const number = numberField(field);
      const table = await fieldTable(source, field);
      if (text !== undefined) counters.push(await textCounter(source, text, of));
      else if (number !== undefined) counters.push(numberCounter(number, of));
      else if (table !== undefined) counters.push(tableCounter(table, of));
    }
    for (const { column, of } of columns) counters.push(await columnCounter(source, column, of));
    return counters;
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
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      const isSelected = selected !== undefined && selected[row] === 1 && (inWindow === undefined || inWindow[i] === 1);
      bins[row] = 2 * intervals[i] + (isSelected ? 1 : 0);
    }
    const weights = this.#options.isWeighted ? await scan.numbers('adjustedCount') : undefined;
    return { scan, bins, weights };
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

  async #ownerCounts(source: ColumnSource, pointer: 'resource' | 'scope'): Promise<OwnerCounts> {
    const owners =
      pointer === 'resource'
        ? (await source.resources()).map(({ attributes }) => ({ attributes, intrinsics: [] }))
        : (await source.scopes()).map(({ attributes, name, version }) => ({
            attributes,
            intrinsics: [
              ['instrumentation:name', name],
              ['instrumentation:version', version],
            ] as const,
          }));
    return { pointer, owners, cells: new Float64Array(owners.length * this.#binCount) };
  }

  /** Spreads the counts of resources or scopes over their attributes. */
  #finishOwners({ pointer, owners, cells }: OwnerCounts): void {
    const scope = pointer === 'resource' ? 'resource' : 'instrumentation';
    for (const [row, { attributes, intrinsics: own }] of owners.entries()) {
      const counts = cells.subarray(row * this.#binCount, (row + 1) * this.#binCount);
      if (!counts.some((count) => count > 0)) continue;
      for (const [name, value] of own) this.#attribute(intrinsic(name)).addCounts({ type: 'string', value }, counts);
      const seen = new Set<string>();
      for (const { key, value } of attributes) {
        // Of a repeated key the first counts.
        if (seen.has(key)) continue;
        seen.add(key);
        if (value.type === 'empty') continue;
        this.#attribute(attribute(scope, key)).addCounts(value, counts);
      }
    }
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
    const { count: width } = this.#options.intervals;
    const totals = new Float64Array(of.valueCount);
    const sums = new Float64Array(width);
    for (let interval = 0; interval < width; interval++) {
      const counts = of.countsOf(2 * interval + parity);
      for (let number = 0; number < counts.length; number++) {
        totals[number] += counts[number];
        sums[interval] += counts[number];
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
      const values = Float64Array.from(sums, (_, interval) => of.countsOf(2 * interval + parity)[number]);
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

interface ComparedColumn {
  readonly column: AttributeColumn;
  readonly of: CompareAttribute;
}

/** Counts of resources or scopes of one source: those of their attributes follow. */
interface OwnerCounts {
  readonly pointer: 'resource' | 'scope';
  readonly owners: readonly {
    readonly attributes: readonly Attribute[];
    readonly intrinsics: readonly (readonly [Intrinsic, string])[];
  }[];
  /** owners × bins */
  readonly cells: Float64Array;
}

async function addOwners({ pointer, cells }: OwnerCounts, { scan, bins, weights }: BlockBins, binCount: number) {
  const pointers = await scan.words(pointer);
  for (let row = 0; row < bins.length; row++) {
    if (bins[row] !== NO_BIN) cells[pointers[row] * binCount + bins[row]] += weights === undefined ? 1 : weights[row];
  }
}
