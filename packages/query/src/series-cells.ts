import { limits, QueryError } from '@spoor/model';
import type { LabelValues } from './label-values.ts';
import type { WindowCells } from './metric-windows.ts';
import { PairNumbers } from './pair-numbers.ts';
import type { LabelledSeries, LabelledSeriesAnswer } from './trace-store.ts';
import { UNNUMBERED } from './value-numbers.ts';
import { orderOfTexts } from './value.ts';

/** What one series has summed up, `width` numbers a cell. */
export interface SeriesPart {
  readonly labels: readonly string[];
  readonly cells: Float64Array;
}

/** Sums by series and cell: the tuple of label numbers is made one number, pair by pair. */
export class SeriesCells {
  readonly #windows: WindowCells;
  readonly #labels: readonly LabelValues[];
  readonly #width: number;
  readonly #seriesMax: number;
  readonly #pairs: readonly PairNumbers[];
  readonly #cells: Float64Array[] = [];
  /** of what there is no room for */
  readonly #overflow: Float64Array | undefined;
  #isCut = false;

  /**
   * @param width  numbers a cell
   * @param keepsOverflow  sums up what there is no room for as if it were one series
   * @throws {QueryError} `QUERY_LIMIT` when even one series would take too much memory
   */
  constructor(
    windows: WindowCells,
    labels: readonly LabelValues[],
    width: number,
    seriesMax: number,
    keepsOverflow = false,
  ) {
    this.#windows = windows;
    this.#labels = labels;
    this.#width = width;
    const room = Math.floor(limits.spanMetricsNumbersMax / (windows.cellCount * width));
    if (room < 1) throw new QueryError('QUERY_LIMIT', `${windows.windowCount} steps are too many for one question`);
    this.#seriesMax = Math.min(seriesMax, room);
    this.#overflow = keepsOverflow ? new Float64Array(windows.cellCount * width) : undefined;
    this.#pairs = labels.map(() => new PairNumbers(this.#seriesMax));
  }

  /** The series of each row, from each label's numbers of the rows. */
  series(numbers: readonly Int32Array[], rowCount: number): Uint32Array {
    const series = new Uint32Array(rowCount);
    for (const [label, ofLabel] of numbers.entries()) {
      const pairs = this.#pairs[label];
      for (let i = 0; i < rowCount; i++) {
        const isCut = ofLabel[i] < 0 || series[i] === UNNUMBERED;
        series[i] = isCut ? UNNUMBERED : pairs.of(series[i], ofLabel[i]);
      }
    }
    return series;
  }

  /** What a series has summed up, `width` numbers a cell, to be added to; `undefined` for one there is no room for. */
  cells(series: number): Float64Array | undefined {
    if (series === UNNUMBERED) {
      this.#isCut = true;
      return this.#overflow;
    }
    return (this.#cells[series] ??= new Float64Array(this.#windows.cellCount * this.#width));
  }

  /** Everything summed up so far. */
  parts(): readonly SeriesPart[] {
    return this.#cells.flatMap((cells, number) => ({ labels: this.#labelsOf(number), cells }));
  }

  /** Adds what another sum over the same windows and labels has. */
  addParts(parts: readonly SeriesPart[]): void {
    for (const { labels, cells } of parts) {
      const numbers = labels.map((text, i) => Int32Array.of(this.#labels[i].number(text)));
      const into = this.cells(this.series(numbers, 1)[0]);
      if (into === undefined) continue;
      for (let i = 0; i < cells.length; i++) into[i] += cells[i];
    }
  }

  /** whether there were more series than there is room for */
  get isCut(): boolean {
    return this.#isCut || this.#labels.some((label) => label.isCut);
  }

  /** @param finish  called with the numbers of all windows of a series */
  answer(finish?: (values: Float64Array) => void): LabelledSeriesAnswer {
    const series: LabelledSeries[] = [];
    for (const [number, cells] of this.#cells.entries()) {
      if (cells === undefined) continue;
      const values = this.#windows.sums(cells, this.#width);
      finish?.(values);
      series.push({ labels: this.#labelsOf(number), values });
    }
    series.sort(compareLabels);
    return this.isCut
      ? { series, incomplete: `there are more than ${this.#seriesMax} series; others are left out` }
      : { series };
  }

  /** @param finish  as of {@link answer} */
  overflow(finish?: (values: Float64Array) => void): Float64Array | undefined {
    if (!this.#isCut || this.#overflow === undefined) return undefined;
    const values = this.#windows.sums(this.#overflow, this.#width);
    finish?.(values);
    return values;
  }

  #labelsOf(series: number): readonly string[] {
    const labels: string[] = [];
    let number = series;
    for (let i = this.#labels.length - 1; i >= 0; i--) {
      labels.unshift(this.#labels[i].text(this.#pairs[i].second(number)));
      number = this.#pairs[i].first(number);
    }
    return labels;
  }
}

function compareLabels(a: LabelledSeries, b: LabelledSeries): number {
  for (const [i, label] of a.labels.entries()) {
    const order = orderOfTexts(label, b.labels[i]);
    if (order !== 0) return order;
  }
  return 0;
}
