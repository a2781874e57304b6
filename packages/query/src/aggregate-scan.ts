import type { Attribute } from '@spoor/model';
import { limits, QueryError } from '@spoor/model';
import { fieldAmounts } from './field-amounts.ts';
import type { BlockRows } from './field-numbers.ts';
import { GroupNumbers } from './group-numbers.ts';
import { bucketBound, bucketOf, quantileOf } from './metric-buckets.ts';
import { MetricCells } from './metric-cells.ts';
import type { MetricIntervals } from './metric-intervals.ts';
import { type MetricScan, type MetricSource, visitRows } from './metric-rows.ts';
import { CountSeries, type ExemplarSpan, nameLabels, type Series } from './metric-series.ts';
import type { AggregateLeaf } from './metrics-plan.ts';
import { PairNumbers } from './pair-numbers.ts';
import { ScratchWords } from './scratch-words.ts';
import { UNNUMBERED } from './value-numbers.ts';

/** Spans kept from which exemplars are chosen, of one function. */
const CANDIDATES_MAX = 16 * 1024;
/** In place of a series: the row has no number that could count. */
const NO_SERIES = 0xffff_ffff;
const NANO_A_SECOND = 1e9;

export interface AggregateScanOptions {
  readonly intervals: MetricIntervals;
  /** counts are sums of adjusted counts */
  readonly isWeighted: boolean;
  readonly hasExemplars: boolean;
  readonly cellsMax?: number;
}

/** One function of a metrics query over one source after the other: rows become cells of (series × interval). */
export class AggregateScan implements MetricScan {
  readonly #leaf: AggregateLeaf;
  readonly #options: AggregateScanOptions;
  readonly #seriesMax: number;
  readonly #groups: GroupNumbers;
  /** of (group, bucket), for functions that count by bucket */
  readonly #buckets: PairNumbers | undefined;
  readonly #cells: MetricCells;
  readonly #exemplars = new Map<number, ExemplarSpan[]>();
  readonly #places = new ScratchWords();
  #candidateCount = 0;
  #isFull = false;

  constructor(leaf: AggregateLeaf, options: AggregateScanOptions) {
    this.#leaf = leaf;
    this.#options = options;
    const width = options.intervals.count;
    this.#seriesMax = Math.floor((options.cellsMax ?? limits.metricsCellsMax) / width);
    this.#groups = new GroupNumbers(leaf.by, groupsMaxOf(leaf, this.#seriesMax, width));
    const isBucketed = leaf.fn === 'histogram_over_time' || leaf.fn === 'quantile_over_time';
    this.#buckets = isBucketed ? new PairNumbers(this.#seriesMax) : undefined;
    this.#cells = new MetricCells(leaf.fn, width);
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  async addSource(of: MetricSource): Promise<void> {
    const groupsOf = await this.#groups.bind(of.source);
    const amountsOf = this.#leaf.of && (await fieldAmounts(of.source, this.#leaf.of));
    await visitRows(of, this.#leaf.spans, async (block) => {
      const series = await groupsOf(block);
      const amounts = await amountsOf?.(block);
      if (amounts !== undefined && this.#buckets !== undefined) numberBuckets(series, amounts, this.#buckets);
      const intervals = await this.#options.intervals.of(block);
      const weights = this.#options.isWeighted ? await weightsOf(block) : undefined;
      this.#add(block, { series, intervals, amounts, weights, rows: block.rows });
    });
  }

  #add(block: BlockRows, all: RowLists): void {
    const last = largest(all.series);
    const lists = last < this.#seriesMax ? all : this.#fitting(all);
    if (lists.rows.length === 0) return;
    this.#cells.reserve(1 + (lists === all ? last : largest(lists.series)));
    const width = this.#options.intervals.count;
    const { series: cells, intervals, amounts, weights } = lists;
    for (let i = 0; i < cells.length; i++) cells[i] = cells[i] * width + intervals[i];
    const first = this.#cells.add(cells, amounts, weights);
    if (!this.#options.hasExemplars) return;
    for (const i of first) {
      if (this.#candidateCount++ >= CANDIDATES_MAX) break;
      const span = { source: block.scan.source, row: block.scan.firstRow + lists.rows[i], interval: intervals[i] };
      this.#keepExemplar(Math.floor(cells[i] / width), { ...span, value: this.#shown(amounts?.[i]) });
    }
  }

  /** The rows whose series has a place. Lists that are valid for this block alone are shortened in place. */
  #fitting({ series, intervals, amounts, weights, rows }: RowLists): RowLists {
    const places = this.#places.take(series.length);
    const seriesMax = this.#seriesMax;
    let length = 0;
    let noneCount = 0;
    // Without branches, which a row's series would send now here, now there: 9 ns a row otherwise.
    for (let i = 0; i < series.length; i++) {
      const number = series[i];
      places[length] = i;
      length += number < seriesMax ? 1 : 0;
      noneCount += number === NO_SERIES ? 1 : 0;
    }
    if (length + noneCount < series.length) this.#isFull = true;
    const kept = places.subarray(0, length);
    return {
      series: pick(series, kept, series.subarray(0, length)),
      intervals: pick(intervals, kept, intervals.subarray(0, length)),
      amounts: amounts && pick(amounts, kept, new Float64Array(length)),
      weights: weights && pick(weights, kept, new Float64Array(length)),
      rows: pick(rows, kept, new Uint32Array(length)),
    };
  }

  #keepExemplar(series: number, span: ExemplarSpan): void {
    const known = this.#exemplars.get(series);
    if (known === undefined) this.#exemplars.set(series, [span]);
    else known.push(span);
  }

  /** Durations are shown in seconds. */
  #shown<Amount extends number | undefined>(amount: Amount): Amount {
    return (amount !== undefined && this.#leaf.isOfDuration ? amount / NANO_A_SECOND : amount) as Amount;
  }

  /** What was counted so far. */
  series(): readonly Series[] {
    const { fn, by } = this.#leaf;
    if (fn === 'histogram_over_time') return this.#histograms();
    if (fn === 'quantile_over_time') return this.#quantiles();
    const series: Series[] = [];
    const seen = this.#seen();
    const isCount = fn === 'rate' || fn === 'count_over_time';
    // A count of nothing is zero, an extreme of nothing is none.
    if (seen.length === 0 && by.length === 0 && isCount) {
      return [{ labels: nameLabels(fn), values: new Float64Array(this.#options.intervals.count), exemplars: [] }];
    }
    for (const group of seen) {
      const labels = by.length === 0 ? nameLabels(fn) : this.#groups.labels(group);
      const exemplars = this.#exemplars.get(group) ?? [];
      if (!isCount) series.push({ labels, values: this.#values(group), exemplars });
      else series.push(new CountSeries(labels, exemplars, () => this.#values(group)));
    }
    return series;
  }

  /** The series that some row counted in. */
  #seen(): readonly number[] {
    const width = this.#options.intervals.count;
    const { count } = this.#cells;
    const seen: number[] = [];
    for (let series = 0; series < this.#cells.seriesCount; series++) {
      let cell = series * width;
      while (cell < (series + 1) * width && count[cell] === 0) cell++;
      if (cell < (series + 1) * width) seen.push(series);
    }
    return seen;
  }

  #values(series: number): Float64Array {
    const { stepSeconds, count: width } = this.#options.intervals;
    const count = this.#cells.count.slice(series * width, (series + 1) * width);
    const amount = this.#cells.amount.subarray(series * width, (series + 1) * width);
    switch (this.#leaf.fn) {
      case 'rate':
        return count.map((spans) => spans / stepSeconds);
      case 'avg_over_time':
        return count.map((spans, i) => (spans === 0 ? Number.NaN : this.#shown(amount[i] / spans)));
      case 'min_over_time':
      case 'max_over_time':
      case 'sum_over_time':
        return count.map((spans, i) => (spans === 0 ? Number.NaN : this.#shown(amount[i])));
      default:
        return count;
    }
  }

  #histograms(): readonly Series[] {
    return this.#seen().map((series) => {
      const bucket = numberLabel('__bucket', this.#shown(bucketBound(this.#bucketOf(series))));
      const labels = [...this.#labelsOf(series), bucket];
      return new CountSeries(labels, this.#exemplars.get(series) ?? [], () => this.#values(series));
    });
  }

  #quantiles(): readonly Series[] {
    const byGroup = Map.groupBy(this.#seen(), (series) => this.#buckets!.first(series));
    return [...byGroup.values()].flatMap((ofGroup) => {
      const ascending = ofGroup.toSorted((a, b) => this.#bucketOf(a) - this.#bucketOf(b));
      const valuesOf = this.#quantileValues(ascending);
      return this.#leaf.quantiles.map((share, i) => ({
        labels: [...this.#labelsOf(ascending[0]), numberLabel('p', share)],
        values: valuesOf[i],
        exemplars: i === 0 ? ascending.flatMap((series) => this.#exemplars.get(series) ?? []) : [],
      }));
    });
  }

  /** Of each quantile, 0 where there is nothing. */
  #quantileValues(ascending: readonly number[]): readonly Float64Array[] {
    const { count: width } = this.#options.intervals;
    const { count } = this.#cells;
    const valuesOf = this.#leaf.quantiles.map(() => new Float64Array(width));
    for (let interval = 0; interval < width; interval++) {
      const counts: [bucket: number, count: number][] = [];
      for (const series of ascending) {
        const spans = count[series * width + interval];
        if (spans > 0) counts.push([this.#bucketOf(series), spans]);
      }
      if (counts.length === 0) continue;
      for (const [i, share] of this.#leaf.quantiles.entries()) {
        valuesOf[i][interval] = this.#shown(quantileOf(share, counts));
      }
    }
    return valuesOf;
  }

  #bucketOf(series: number): number {
    return this.#buckets!.second(series);
  }

  #labelsOf(series: number): readonly Attribute[] {
    return this.#groups.labels(this.#buckets!.first(series));
  }
}

/**
 * A group has a series for each quantile, which are as many numbers as cells.
 * @throws {QueryError} `QUERY_LIMIT` when not even one group has a place
 */
function groupsMaxOf({ quantiles }: AggregateLeaf, seriesMax: number, width: number): number {
  const groupsMax = Math.floor(seriesMax / Math.max(1, quantiles.length));
  if (groupsMax > 0 || quantiles.length === 0) return groupsMax;
  const message = `${quantiles.length} quantiles in each of ${width} intervals are too many: ask for fewer, or take a longer step`;
  throw new QueryError('QUERY_LIMIT', message);
}

/** Side by side, one entry a row. */
interface RowLists {
  readonly series: Uint32Array;
  readonly intervals: Uint32Array;
  readonly amounts: Float64Array | undefined;
  readonly weights: Float64Array | undefined;
  readonly rows: Uint32Array;
}

/** By a loop: `from` with a function took a third of a query with more series than there is room for. */
function pick<List extends Uint32Array | Float64Array>(list: List, kept: Uint32Array, into: List): List {
  for (let i = 0; i < kept.length; i++) into[i] = list[kept[i]]!;
  return into;
}

function largest(numbers: Uint32Array): number {
  let most = 0;
  for (let i = 0; i < numbers.length; i++) if (numbers[i] > most) most = numbers[i]!;
  return most;
}

/** Replaces groups by numbers of (group, bucket). */
function numberBuckets(groups: Uint32Array, amounts: Float64Array, buckets: PairNumbers): void {
  for (let i = 0; i < groups.length; i++) {
    if (Number.isNaN(amounts[i])) groups[i] = NO_SERIES;
    else if (groups[i] !== UNNUMBERED) groups[i] = buckets.of(groups[i], bucketOf(amounts[i]));
  }
}

async function weightsOf({ scan, rows }: BlockRows): Promise<Float64Array> {
  const counts = await scan.numbers('adjustedCount');
  const weights = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) weights[i] = counts[rows[i]]!;
  return weights;
}

function numberLabel(key: string, value: number): Attribute {
  return { key, value: { type: 'double', value } };
}
