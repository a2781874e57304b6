import { serviceName, SpanKind, StatusCode, unixNano } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import type { BlockScan } from './block-scan.ts';
import { DurationHistogram } from './duration-histogram.ts';
import { type QuerySources, sourcesInRange } from './query-sources.ts';
import type { RowMask } from './row-mask.ts';
import type { Overview, TimeRange } from './trace-store.ts';
import { TurnTaker } from './turn-taker.ts';
import { forEachBlock } from './used-rows.ts';
import { orderOfTexts } from './value.ts';

const heatmapColumns = 60;
/** Rows of the heatmap: four to a decade, beginning at a microsecond. */
const rowsPerDecade = 4;
const heatmapRowMax = 9 * rowsPerDecade;

/**
 * Services with their requests, errors and durations, and the durations of root spans over time, in one scan. A service's
 * requests are its spans of kind server or consumer and its roots; of a service without these, all its spans.
 * Counts are sums of adjusted counts.
 */
export async function overview(qs: QuerySources, range: TimeRange, signal?: AbortSignal): Promise<Overview> {
  const turns = new TurnTaker(signal);
  const sources = sourcesInRange(qs, range);
  const bounds = timeBounds(sources, range);
  const sums = new OverviewSums(bounds.start, bounds.end);
  for (const source of sources) {
    const services = (await source.resources()).map((resource) => sums.service(serviceName(resource)));
    await forEachBlock(source, range, turns, (scan, rows) => sums.addBlock(scan, rows, services));
  }
  return sums.answer();
}

/** The part of the range in which there are spans at all. */
function timeBounds(sources: readonly ColumnSource[], range: TimeRange): { start: bigint; end: bigint } {
  let [start, end] = [range.end ?? 0n, range.start ?? 0n] as [bigint, bigint];
  for (const [index, { startMin, startMax }] of sources.entries()) {
    if (index === 0 || startMin < start) start = startMin;
    if (index === 0 || startMax > end) end = startMax;
  }
  if (range.start !== undefined && range.start > start) start = range.start;
  if (range.end !== undefined && range.end < end) end = range.end;
  return { start, end: end > start ? end : start + 1n };
}

class ServiceSum {
  readonly name: string;
  spanCount = 0;
  readonly requests = new DurationHistogram();
  requestErrorCount = 0;
  readonly all = new DurationHistogram();
  allErrorCount = 0;
  constructor(name: string) {
    this.name = name;
  }
}

interface BlockColumns {
  readonly resource: ArrayLike<number>;
  readonly kind: ArrayLike<number>;
  readonly status: ArrayLike<number>;
  readonly parentHigh: ArrayLike<number>;
  readonly parentLow: ArrayLike<number>;
  readonly startLow: ArrayLike<number>;
  readonly startHigh: ArrayLike<number>;
  readonly duration: Float64Array;
  readonly count: Float64Array;
}

class OverviewSums {
  readonly #services = new Map<string, ServiceSum>();
  readonly #start: bigint;
  readonly #end: bigint;
  readonly #cells = new Float64Array(heatmapColumns * (heatmapRowMax + 1));
  readonly #errors = new Float64Array(heatmapColumns * (heatmapRowMax + 1));
  #rootCount = 0;

  constructor(start: bigint, end: bigint) {
    this.#start = start;
    this.#end = end;
  }

  service(name: string): ServiceSum {
    let sum = this.#services.get(name);
    if (sum === undefined) this.#services.set(name, (sum = new ServiceSum(name)));
    return sum;
  }

  async addBlock(scan: BlockScan, rows: RowMask, services: readonly ServiceSum[]): Promise<void> {
    const columns: BlockColumns = {
      resource: await scan.words('resource'),
      kind: await scan.words('kind'),
      status: await scan.words('statusCode'),
      parentHigh: await scan.words('parentSpanIdHigh'),
      parentLow: await scan.words('parentSpanIdLow'),
      startLow: await scan.words('startLow'),
      startHigh: await scan.words('startHigh'),
      duration: await scan.numbers('durationNano'),
      count: await scan.numbers('adjustedCount'),
    };
    for (let row = 0; row < rows.length; row++)
      if (rows[row] === 1) this.#addSpan(columns, row, services[columns.resource[row]]);
  }

  #addSpan(columns: BlockColumns, row: number, service: ServiceSum): void {
    const count = columns.count[row];
    const duration = columns.duration[row];
    const kind = columns.kind[row];
    const isError = columns.status[row] === StatusCode.error;
    const isRoot = (columns.parentHigh[row] | columns.parentLow[row]) === 0;
    service.spanCount++;
    service.all.add(duration, count);
    if (isError) service.allErrorCount += count;
    if (isRoot || kind === SpanKind.server || kind === SpanKind.consumer) {
      service.requests.add(duration, count);
      if (isError) service.requestErrorCount += count;
    }
    if (isRoot) this.#addRoot(columns, row, duration, count, isError);
  }

  #addRoot(columns: BlockColumns, row: number, duration: number, count: number, isError: boolean): void {
    // A cell is seconds wide at least, so floats are exact enough.
    const at = (columns.startHigh[row] >>> 0) * 2 ** 32 + (columns.startLow[row] >>> 0) - Number(this.#start);
    const column = Math.min(
      heatmapColumns - 1,
      Math.max(0, Math.floor((at / Number(this.#end - this.#start)) * heatmapColumns)),
    );
    const level = Math.floor((Math.log10(Math.max(1, duration)) - 3) * rowsPerDecade);
    const cell = column * (heatmapRowMax + 1) + Math.min(heatmapRowMax, Math.max(0, level));
    this.#cells[cell] += count;
    if (isError) this.#errors[cell] += count;
    this.#rootCount += count;
  }

  answer(): Overview {
    const services = [...this.#services.values()].filter(({ spanCount }) => spanCount > 0);
    const cells: [number, number, number, number][] = [];
    for (let cell = 0; cell < this.#cells.length; cell++) {
      if (this.#cells[cell] === 0) continue;
      cells.push([
        Math.floor(cell / (heatmapRowMax + 1)),
        cell % (heatmapRowMax + 1),
        this.#cells[cell],
        this.#errors[cell],
      ]);
    }
    return {
      start: unixNano(this.#start),
      end: unixNano(this.#end),
      spanCount: services.reduce((sum, { spanCount }) => sum + spanCount, 0),
      rootCount: this.#rootCount,
      services: services.sort((a, b) => orderOfTexts(a.name, b.name)).map(serviceAnswer),
      heatmap: { columnCount: heatmapColumns, rowsPerDecade, cells },
    };
  }
}

function serviceAnswer(sum: ServiceSum): Overview['services'][number] {
  const isServing = sum.requests.count > 0;
  const durations = isServing ? sum.requests : sum.all;
  return {
    name: sum.name,
    spanCount: sum.spanCount,
    requestCount: durations.count,
    errorCount: isServing ? sum.requestErrorCount : sum.allErrorCount,
    p50Nano: durations.quantile(0.5),
    p99Nano: durations.quantile(0.99),
  };
}
