import { limits, SpanKind, StatusCode, unixNano } from '@spoor/model';
import type { BlockScan } from './block-scan.ts';
import { CodedTexts } from './coded-texts.ts';
import { durationBucket, DurationHistogram } from './duration-histogram.ts';
import { type QuerySources, sourcesInRange } from './query-sources.ts';
import { rootRows } from './root-rows.ts';
import type { RowMask } from './row-mask.ts';
import { timeBounds } from './time-bounds.ts';
import type { ServiceOperation, ServiceSeries, ServiceSeriesRequest } from './trace-store.ts';
import { TurnTaker } from './turn-taker.ts';
import { forEachBlockAsked } from './used-rows.ts';
import { orderOfTexts } from './value.ts';

const bucketCount = 60;

/**
 * Requests, errors and durations of one service over time and by operation, in one scan. Requests are what they are in
 * `overview`: spans of kind server or consumer and roots; of a service without these, all its spans.
 */
export async function serviceSeries(
  qs: QuerySources,
  request: ServiceSeriesRequest,
  signal?: AbortSignal,
): Promise<ServiceSeries> {
  const turns = new TurnTaker(signal);
  const sources = sourcesInRange(qs, request);
  const bounds = timeBounds(sources, request);
  const sums = new SeriesSums(bounds.start, bounds.end);
  for (const source of sources) {
    const names = new CodedTexts(source, await source.dictionary('name'));
    await forEachBlockAsked(source, request, turns, (scan, rows) => sums.addBlock(scan, rows, names));
  }
  return sums.answer();
}

/** Counts and durations of one bucket of time, or of one operation. */
class Tally {
  readonly durations = new DurationHistogram();
  errorCount = 0;

  add(bucket: number, count: number, isError: boolean): void {
    this.durations.add(bucket, count);
    if (isError) this.errorCount += count;
  }
}

class OperationTally extends Tally {
  readonly name: string;
  readonly kind: number;
  constructor(name: string, kind: number) {
    super();
    this.name = name;
    this.kind = kind;
  }
}

class SeriesSums {
  readonly #start: bigint;
  readonly #end: bigint;
  readonly #startNano: number;
  readonly #lengthNano: number;
  readonly #requests = Array.from({ length: bucketCount }, () => new Tally());
  readonly #all = Array.from({ length: bucketCount }, () => new Tally());
  readonly #operations = new Map<string, OperationTally>();
  #isComplete = true;
  #spanCount = 0;

  constructor(start: bigint, end: bigint) {
    this.#start = start;
    this.#end = end;
    this.#startNano = Number(start);
    this.#lengthNano = Number(end - start);
  }

  async addBlock(scan: BlockScan, rows: RowMask, names: CodedTexts): Promise<void> {
    const kind = await scan.words('kind');
    const status = await scan.words('statusCode');
    const name = await scan.words('name');
    const isRoot = await rootRows(scan);
    const duration = await scan.numbers('durationNano');
    const count = await scan.numbers('adjustedCount');
    const low = await scan.words('startLow');
    const high = await scan.words('startHigh');
    await names.fetch(name.filter((_, row) => rows[row] === 1));
    for (let row = 0; row < rows.length; row++) {
      if (rows[row] === 0) continue;
      this.#spanCount++;
      const isError = status[row] === StatusCode.error;
      const bucket = durationBucket(duration[row]);
      const at = this.#bucketAt((high[row] >>> 0) * 2 ** 32 + (low[row] >>> 0));
      this.#all[at].add(bucket, count[row], isError);
      const isRequest = isRoot[row] === 1 || kind[row] === SpanKind.server || kind[row] === SpanKind.consumer;
      if (isRequest) this.#requests[at].add(bucket, count[row], isError);
      this.#operation(names.of(name[row]), kind[row])?.add(bucket, count[row], isError);
    }
  }

  /** @param startNano  lossy, but a bucket is wide */
  #bucketAt(startNano: number): number {
    const at = Math.floor(((startNano - this.#startNano) / this.#lengthNano) * bucketCount);
    return Math.min(bucketCount - 1, Math.max(0, at));
  }

  #operation(name: string, kind: number): OperationTally | undefined {
    const key = `${kind} ${name}`;
    let operation = this.#operations.get(key);
    if (operation !== undefined) return operation;
    if (this.#operations.size >= limits.seriesOperationsMax) {
      this.#isComplete = false;
      return undefined;
    }
    this.#operations.set(key, (operation = new OperationTally(name, kind)));
    return operation;
  }

  answer(): ServiceSeries {
    const isServing = this.#requests.some(({ durations }) => durations.count > 0);
    const buckets = isServing ? this.#requests : this.#all;
    const quantile = (share: number): number[] => buckets.map(({ durations }) => durations.quantile(share));
    return {
      start: unixNano(this.#start),
      end: unixNano(this.#end),
      spanCount: this.#spanCount,
      requestCounts: buckets.map(({ durations }) => durations.count),
      errorCounts: buckets.map(({ errorCount }) => errorCount),
      p50Nano: quantile(0.5),
      p95Nano: quantile(0.95),
      p99Nano: quantile(0.99),
      operations: [...this.#operations.values()]
        .map(operationAnswer)
        .sort((a, b) => b.count - a.count || orderOfTexts(a.name, b.name) || a.kind - b.kind),
      operationsAreComplete: this.#isComplete,
    };
  }
}

function operationAnswer({ name, kind, errorCount, durations }: OperationTally): ServiceOperation {
  return {
    name,
    kind,
    count: durations.count,
    errorCount,
    p50Nano: durations.quantile(0.5),
    p99Nano: durations.quantile(0.99),
  };
}
