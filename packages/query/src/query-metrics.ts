import { limits, QueryError, type TraceId } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import { AggregateScan } from './aggregate-scan.ts';
import { CompareScan } from './compare-scan.ts';
import { withExemplars } from './exemplars.ts';
import { gatherTraces, splitRows } from './gathered-traces.ts';
import { MetricIntervals } from './metric-intervals.ts';
import { compareLabels } from './metric-label.ts';
import type { MetricScan } from './metric-rows.ts';
import { applySecond, joinSeries, scaleSeries, type Series } from './metric-series.ts';
import { compileMetrics, hintedRequest, leavesOf, type MetricsLeaf, type MetricsPlan } from './metrics-plan.ts';
import { ProgressPacer } from './progress-pacer.ts';
import { newestFirst, type QuerySources, sourcesInRange, splitIn } from './query-sources.ts';
import { timeReason } from './read-meter.ts';
import { type RepeatedRows, repeatedRows } from './repeated-spans.ts';
import type { MetricsAnswer, MetricsRequest } from './trace-store.ts';
import { OutOfTime, TurnTaker } from './turn-taker.ts';

/**
 * Evaluates a metrics query over the spans that start in its intervals. Each span counts once, however often a client sent
 * it; what depends on whole traces is evaluated over whole ones, wherever their parts lie. Memory is bounded by
 * `limits.metricsCellsMax`, time by the request.
 * @param onProgress  is given the answer so far between sources, now and then
 * @throws {QueryError} `QUERY_INVALID`, `QUERY_LIMIT` for too many intervals, `QUERY_CANCELLED`
 */
export async function queryMetrics(
  qs: QuerySources,
  request: MetricsRequest,
  signal?: AbortSignal,
  onProgress?: (soFar: MetricsAnswer) => void,
): Promise<MetricsAnswer> {
  const run = new MetricsRun(qs, request, new TurnTaker(signal, request.timeMilliMax));
  try {
    await run.scan(onProgress);
  } catch (error) {
    if (!(error instanceof OutOfTime)) throw error;
    run.noteOutOfTime();
  }
  return run.answer();
}

const uncomparedWarning =
  'many traces lie in several parts of the data: spans of theirs that were sent twice may count twice';

interface RunLeaf {
  readonly leaf: MetricsLeaf;
  readonly scan: MetricScan;
}

class MetricsRun {
  readonly #qs: QuerySources;
  readonly #request: MetricsRequest;
  readonly #plan: MetricsPlan;
  readonly #intervals: MetricIntervals;
  readonly #turns: TurnTaker;
  readonly #exemplarsMax: number;
  readonly #leaves: ReadonlyMap<MetricsLeaf, RunLeaf>;
  readonly #sources: readonly ColumnSource[];
  #doneSourceCount = 0;
  #isOutOfTime = false;
  #warnings: readonly string[] = [];

  constructor(qs: QuerySources, request: MetricsRequest, turns: TurnTaker) {
    if (request.query.kind !== 'metrics') throw new QueryError('QUERY_INVALID', 'a metrics query ends with a function');
    this.#qs = qs;
    this.#request = request;
    this.#turns = turns;
    this.#plan = compileMetrics(request.query.metrics);
    this.#intervals = new MetricIntervals(request);
    this.#sources = newestFirst(sourcesInRange(qs, this.#intervals.range));
    const { exemplarsMax, isWeighted } = hintedRequest(request);
    this.#exemplarsMax = exemplarsMax;
    const leaves = leavesOf(this.#plan);
    const options = { intervals: this.#intervals, isWeighted, hasExemplars: exemplarsMax > 0 };
    const cellsMax = Math.floor(limits.metricsCellsMax / leaves.length);
    this.#leaves = new Map(
      leaves.map((leaf) => {
        const scan =
          leaf.kind === 'compare' ? new CompareScan(leaf, options) : new AggregateScan(leaf, { ...options, cellsMax });
        return [leaf, { leaf, scan }];
      }),
    );
  }

  /** @throws {OutOfTime} */
  async scan(onProgress: ((soFar: MetricsAnswer) => void) | undefined): Promise<void> {
    const split = await this.#qs.splitTraces(this.#turns.signal);
    const leaves = [...this.#leaves.values()];
    const whole = leaves.filter(({ leaf }) => leaf.needsWholeTraces);
    const single = leaves.filter(({ leaf }) => !leaf.needsWholeTraces);
    if (single.length > 0 && split.size > limits.splitTracesComparedMax) this.#warnings = [uncomparedWarning];
    const repeated: RepeatedRows =
      single.length === 0 ? new Map() : await repeatedRows(this.#qs, this.#sources, split, this.#turns);
    const pacer = new ProgressPacer();
    for (const source of this.#sources) {
      if (single.length > 0) await this.#add(single, source, undefined, repeated.get(source));
      if (whole.length > 0) await this.#addWhole(whole, source, split);
      this.#doneSourceCount++;
      if (onProgress === undefined || !pacer.isDue) continue;
      const startMilli = performance.now();
      onProgress(await this.answer());
      pacer.told(startMilli);
    }
    if (whole.length === 0) return;
    for (const { source, leftOut } of await gatherTraces(this.#qs, split, this.#turns))
      await this.#add(whole, source, leftOut);
  }

  async #addWhole(leaves: readonly RunLeaf[], source: ColumnSource, split: ReadonlySet<TraceId>): Promise<void> {
    await this.#turns.turn();
    const ordered = await source.ordered();
    await this.#add(leaves, ordered, await splitRows(ordered, splitIn(this.#qs, ordered, split)));
  }

  async #add(
    leaves: readonly RunLeaf[],
    source: ColumnSource,
    leftOut?: Uint8Array,
    repeated?: Uint32Array,
  ): Promise<void> {
    const of = { source, range: this.#intervals.range, turns: this.#turns, leftOut, repeated };
    for (const { scan } of leaves) await scan.addSource(of);
  }

  noteOutOfTime(): void {
    this.#isOutOfTime = true;
  }

  async answer(): Promise<MetricsAnswer> {
    const { seriesMax } = this.#request;
    const series = this.#seriesOf(this.#plan).toSorted((a, b) => compareLabels(a.labels, b.labels));
    const reasons: string[] = [];
    if (this.#isOutOfTime) reasons.push(timeReason(this.#sources.length, this.#doneSourceCount));
    if ([...this.#leaves.values()].some(({ scan }) => scan.isFull))
      reasons.push('there are too many series to count all');
    if (series.length > seriesMax) reasons.push(`${series.length - seriesMax} of ${series.length} series are left out`);
    return {
      series: await withExemplars(series.slice(0, seriesMax), this.#exemplarsMax),
      incomplete: reasons.length === 0 ? undefined : reasons.join('; '),
      warnings: this.#warnings,
      progress: this.#turns.meter.progress(this.#sources.length, this.#doneSourceCount),
    };
  }

  #seriesOf(plan: MetricsPlan): readonly Series[] {
    switch (plan.kind) {
      case 'leaf':
        return applySecond(this.#leaves.get(plan.leaf)!.scan.series(), plan.second);
      case 'join':
        return applySecond(joinSeries(this.#seriesOf(plan.left), plan.op, this.#seriesOf(plan.right)), plan.second);
      case 'scale':
        return applySecond(scaleSeries(this.#seriesOf(plan.of), plan.op, plan.constant, plan.side), plan.second);
    }
  }
}
