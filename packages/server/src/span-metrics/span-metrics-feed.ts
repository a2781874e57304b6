import { Worker } from 'node:worker_threads';
import type { ArrivalBatch, Store } from '@spoor/store';
import type { Log } from '../log.ts';
import type { MetricRegistry } from '../metric-registry.ts';
import { restoreError } from '../query-error.ts';
import type { CountJob, CountReply } from './span-metrics-job.ts';

/** Tempo's collection interval. */
const intervalMilli = 15_000;
/** A scrape asks for newer numbers than these; they are there at the next one. */
const freshMilli = 1_000;
/** Nobody scrapes any more: numbers are not written out until somebody does. */
const scrapedMilli = 10 * 60_000;

export interface SpanMetricsFeedOptions {
  readonly store: Pick<Store, 'arrivals'>;
  readonly registry: MetricRegistry;
  readonly log: Log;
}

/**
 * Span metrics and service-graph metrics at `/metrics`, for those who scrape: counters since the start of the program, that
 * only grow. Every 15 s the spans that became durable since the last time are counted by a worker, each exactly once; what
 * was stored before the start is not, nor is it replayed.
 */
export class SpanMetricsFeed {
  readonly #log: Log;
  readonly #arrivals: ReturnType<Store['arrivals']>;
  readonly #timer: NodeJS.Timeout;
  #worker: Worker | undefined;
  #counting: { readonly batch: ArrivalBatch; readonly done: PromiseWithResolvers<void> } | undefined;
  #text = '';
  #countedMilli = -Infinity;
  #scrapedMilli = -Infinity;
  #missedCount = 0;
  #droppedCount = 0;
  /** a head was sealed while others were counted */
  #isBehind = false;
  #isClosed = false;

  constructor({ store, registry, log }: SpanMetricsFeedOptions) {
    this.#log = log;
    // A sealed head keeps its memory until it was counted.
    this.#arrivals = store.arrivals(() => {
      this.#isBehind = this.#counting !== undefined;
      void this.count();
    });
    this.#timer = setInterval(() => void this.count(), intervalMilli).unref();
    registry.text(() => this.#scraped());
    registry.observed(
      'counter',
      'spoor_span_metrics_missed_spans_total',
      'Spans that were sealed before they could be counted at /metrics.',
      () => this.#missedCount,
    );
    registry.observed(
      'counter',
      'spoor_span_metrics_dropped_spans_total',
      'Spans whose call could not wait for its other side, since too many waited.',
      () => this.#droppedCount,
    );
  }

  /** Counts what arrived. Resolves when it is, or when what is being counted already is. */
  count(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    if (this.#counting !== undefined) return this.#counting.done.promise;
    const batch = this.#arrivals.take();
    this.#missedCount += batch.missedSpanCount;
    const now = performance.now();
    this.#countedMilli = now;
    const done = Promise.withResolvers<void>();
    this.#counting = { batch, done };
    this.#worker ??= this.#start();
    const isScraped = now - this.#scrapedMilli < scrapedMilli;
    this.#worker.postMessage({ rows: batch.rows, nowMilli: now, isScraped } satisfies CountJob);
    return done.promise;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#worker?.terminate();
  }

  #scraped(): string {
    const now = performance.now();
    this.#scrapedMilli = now;
    if (now - this.#countedMilli >= freshMilli) void this.count();
    return this.#text;
  }

  #start(): Worker {
    const name = `./span-metrics-worker${import.meta.url.slice(-3)}`;
    const worker = new Worker(new URL(name, import.meta.url), { name: 'spoor-span-metrics' });
    worker.unref();
    worker.on('message', (reply: CountReply) => this.#settle(reply));
    worker.on('error', (error: Error) =>
      this.#log.error('counting spans failed; it begins anew', { error: error.stack }),
    );
    worker.on('exit', () => {
      // Its counts went with it: a scraper sees a counter that begins at zero, as after a restart.
      this.#worker = undefined;
      this.#text = '';
      this.#end();
    });
    return worker;
  }

  #settle(reply: CountReply): void {
    if (reply.type === 'counted') {
      this.#text = reply.text ?? this.#text;
      this.#droppedCount = reply.droppedCount;
    } else {
      const { message, stack } = restoreError(reply.error);
      this.#log.error('spans could not be counted', { error: stack ?? message });
    }
    this.#end();
  }

  #end(): void {
    this.#counting?.batch.release();
    this.#counting?.done.resolve();
    this.#counting = undefined;
    if (!this.#isBehind) return;
    this.#isBehind = false;
    void this.count();
  }
}
