import { serviceName, SpanKind, StatusCode, unixNano } from '@spoor/model';
import type { BlockScan } from './block-scan.ts';
import { durationBucket, DurationHistogram } from './duration-histogram.ts';
import { type QuerySources, sourcesInRange } from './query-sources.ts';
import { rootRows } from './root-rows.ts';
import type { RowMask } from './row-mask.ts';
import { timeBounds } from './time-bounds.ts';
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

  add(bucket: number, count: number, isError: boolean, isRequest: boolean): void {
    this.spanCount++;
    this.all.add(bucket, count);
    if (isRequest) this.requests.add(bucket, count);
    if (!isError) return;
    this.allErrorCount += count;
    if (isRequest) this.requestErrorCount += count;
  }
}

class OverviewSums {
  readonly #services = new Map<string, ServiceSum>();
  readonly #start: bigint;
  readonly #end: bigint;
  readonly #startNano: number;
  readonly #lengthNano: number;
  readonly #cells = new Float64Array(heatmapColumns * (heatmapRowMax + 1));
  readonly #errors = new Float64Array(heatmapColumns * (heatmapRowMax + 1));
  #rootCount = 0;

  constructor(start: bigint, end: bigint) {
    this.#start = start;
    this.#end = end;
    this.#startNano = Number(start);
    this.#lengthNano = Number(end - start);
  }

  service(name: string): ServiceSum {
    let sum = this.#services.get(name);
    if (sum === undefined) this.#services.set(name, (sum = new ServiceSum(name)));
    return sum;
  }

  async addBlock(scan: BlockScan, rows: RowMask, services: readonly ServiceSum[]): Promise<void> {
    const resource = await scan.words('resource');
    const kind = await scan.words('kind');
    const status = await scan.words('statusCode');
    const isRoot = await rootRows(scan);
    const duration = await scan.numbers('durationNano');
    const count = await scan.numbers('adjustedCount');
    const roots: number[] = [];
    for (let row = 0; row < rows.length; row++) {
      if (rows[row] === 0) continue;
      const service = services[resource[row]];
      const isRequest = isRoot[row] === 1 || kind[row] === SpanKind.server || kind[row] === SpanKind.consumer;
      service.add(durationBucket(duration[row]), count[row], status[row] === StatusCode.error, isRequest);
      if (isRoot[row] === 1) roots.push(row);
    }
    const starts = { low: await scan.words('startLow'), high: await scan.words('startHigh') };
    for (const row of roots) {
      const at = (starts.high[row] >>> 0) * 2 ** 32 + (starts.low[row] >>> 0);
      this.#addRoot(at, duration[row], count[row], status[row] === StatusCode.error);
    }
  }

  /** @param startNano  lossy, but a column of the heatmap is wide */
  #addRoot(startNano: number, duration: number, count: number, isError: boolean): void {
    const at = (startNano - this.#startNano) / this.#lengthNano;
    const column = Math.min(heatmapColumns - 1, Math.max(0, Math.floor(at * heatmapColumns)));
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
