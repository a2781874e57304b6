import type { ColumnSource } from '@spoor/store';
import type { BlockScan } from './block-scan.ts';
import { spanLabelNumbers, type LabelNumbers } from './label-numbers.ts';
import { LatencyBuckets, spanLatencyBounds } from './latency-buckets.ts';
import { WindowCells } from './metric-windows.ts';
import { type QuerySources, sourcesInRange } from './query-sources.ts';
import { type BlockRows, withRows } from './field-numbers.ts';
import { LabelValues } from './label-values.ts';
import { type RowMask, rowsOf } from './row-mask.ts';
import { SeriesCells } from './series-cells.ts';
import { SpanSizes } from './span-sizes.ts';
import type { LabelledSeriesAnswer, SpanMetricsRequest, TimeRange } from './trace-store.ts';
import { TurnTaker } from './turn-taker.ts';
import { forEachBlock } from './used-rows.ts';
import { wholeSourceSums } from './whole-source-sums.ts';

/**
 * Calls, durations or sizes of spans in windows of time, by labels. Each source is read for itself: what is counted is
 * spans, and no span is in two.
 * @throws {QueryError} `QUERY_INVALID`, `QUERY_LIMIT`, `QUERY_CANCELLED`
 */
export async function spanMetrics(
  qs: QuerySources,
  request: SpanMetricsRequest,
  signal?: AbortSignal,
): Promise<LabelledSeriesAnswer> {
  const turns = new TurnTaker(signal);
  const windows = new WindowCells(request.windows);
  const sums = new SpanSums(request, windows);
  for (const source of sourcesInRange(qs, windows.range)) {
    const whole = await wholeSourceSums(qs.memo, source, windows.range, request, async () => {
      const own = new SpanSums(request, windows);
      await own.addSource(source, windows.range, turns);
      return own.cells.isCut ? undefined : own.cells.parts();
    });
    if (whole === undefined) await sums.addSource(source, windows.range, turns);
    else sums.cells.addParts(whole);
  }
  return sums.answer();
}

interface BoundLabel {
  readonly values: LabelValues;
  readonly numbers: LabelNumbers;
}

/** Labels of one source, and its spans' sizes when these are asked for. */
interface BoundSource {
  readonly grouped: readonly BoundLabel[];
  readonly restricted: readonly BoundLabel[];
  readonly sizes: SpanSizes | undefined;
}

interface SpanSumsRequest extends Pick<SpanMetricsRequest, 'by' | 'matchers' | 'seriesMax'> {
  readonly measure: SpanMetricsRequest['measure'] | 'all';
}

/** Sums of spans by labels and cell. Of `all`: the latencies' numbers, then the size. */
export class SpanSums {
  readonly #measure: SpanMetricsRequest['measure'] | 'all';
  readonly #windows: WindowCells;
  readonly #buckets = new LatencyBuckets(spanLatencyBounds);
  /** by which series are told apart */
  readonly #grouped: readonly LabelValues[];
  /** that matchers name */
  readonly #restricted: readonly LabelValues[];
  readonly cells: SeriesCells;
  /** numbers a cell */
  readonly #width: number;

  constructor({ measure, by, matchers, seriesMax }: SpanSumsRequest, windows: WindowCells) {
    this.#measure = measure;
    this.#windows = windows;
    const names = new Set([...by, ...matchers.map(({ name }) => name)]);
    const labels = new Map([...names].map((name) => [name, new LabelValues(name, matchers)]));
    this.#grouped = by.map((name) => labels.get(name)!);
    this.#restricted = [...labels.values()].filter(({ isRestricted }) => isRestricted);
    const { width } = this.#buckets;
    this.#width = measure === 'all' ? width + 1 : measure === 'latency' ? width : 1;
    this.cells = new SeriesCells(windows, this.#grouped, this.#width, seriesMax, measure === 'all');
  }

  async addSource(source: ColumnSource, range: TimeRange, turns: TurnTaker): Promise<void> {
    const bound = await this.#bind(source);
    await forEachBlock(source, range, turns, (scan, rows) => this.#addBlock(scan, rows, bound));
  }

  async #bind(source: ColumnSource): Promise<BoundSource> {
    const bind = (labels: readonly LabelValues[]): Promise<BoundLabel[]> =>
      Promise.all(labels.map(async (values) => ({ values, numbers: await spanLabelNumbers(source, values) })));
    const sizes = this.#measure === 'size' || this.#measure === 'all' ? await SpanSizes.open(source) : undefined;
    return { grouped: await bind(this.#grouped), restricted: await bind(this.#restricted), sizes };
  }

  async #addBlock(scan: BlockScan, mask: RowMask, { restricted, grouped, sizes }: BoundSource): Promise<void> {
    const cells = await this.#windows.ofBlock(scan);
    let block = withRows(scan, rowsInCells(rowsOf(mask), cells));
    for (const { values, numbers } of restricted) {
      if (block.rows.length === 0) return;
      const ofRows = await numbers(block);
      block = withRows(
        scan,
        block.rows.filter((_, i) => values.accepts(ofRows[i])),
      );
    }
    if (block.rows.length === 0) return;
    const numbers = await Promise.all(grouped.map((label) => label.numbers(block)));
    const series = this.cells.series(numbers, block.rows.length);
    await this.#add(block, series, cells, sizes);
  }

  async #add({ scan, rows }: BlockRows, series: Uint32Array, cells: Int32Array, sizes?: SpanSizes): Promise<void> {
    const count = await scan.numbers('adjustedCount');
    const isTimed = this.#measure === 'latency' || this.#measure === 'all';
    const duration = isTimed ? await scan.numbers('durationNano') : undefined;
    const size = await sizes?.of(scan);
    const width = this.#width;
    for (let i = 0; i < rows.length; i++) {
      const into = this.cells.cells(series[i]);
      if (into === undefined) continue;
      const row = rows[i];
      const at = cells[row] * width;
      if (duration !== undefined) this.#buckets.add(into, at, duration[row], count[row]);
      if (size !== undefined) into[at + width - 1] += count[row] * size[row];
      else if (duration === undefined) into[at] += count[row];
    }
  }

  answer(): LabelledSeriesAnswer {
    return this.cells.answer(this.#finish());
  }

  /** What was summed up of all series that there was no room for, as the values of one. */
  overflow(): Float64Array | undefined {
    return this.cells.overflow(this.#finish());
  }

  #finish(): ((values: Float64Array) => void) | undefined {
    const isTimed = this.#measure === 'latency' || this.#measure === 'all';
    return isTimed ? (values) => this.#buckets.accumulate(values, this.#width) : undefined;
  }
}

/** Those of the rows that are in a cell. */
function rowsInCells(rows: Uint32Array, cells: Int32Array): Uint32Array {
  let count = 0;
  for (let i = 0; i < rows.length; i++) if (cells[rows[i]] >= 0) rows[count++] = rows[i];
  return rows.subarray(0, count);
}
