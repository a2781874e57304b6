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
/** Nobody scrapes any more: nothing is counted until somebody does. Prometheus asks every minute, others every few. */
const idleMilli = 15 * 60_000;
/** Sides of calls wait for the other up to 10 s from one count to the next; so long is counted on after the last span. */
const waitingMilli = 2 * intervalMilli;

/** When spans are counted for `/metrics`: always, while somebody asks for them, never. */
export type SpanMetricsSwitch = 'on' | 'auto' | 'off';

export interface SpanMetricsFeedOptions {
  readonly store: Pick<Store, 'arrivals'>;
  readonly registry: MetricRegistry;
  readonly log: Log;
  /** counts from now on, whether or not somebody scrapes */
  readonly isAlways: boolean;
  /** milliseconds that never go back; for tests */
  readonly now?: () => number;
}

/**
 * Span metrics and service-graph metrics at `/metrics`, for those who scrape: counters that only grow. While somebody does,
 * the spans that became durable since the last time are counted every 15 s by a worker, each exactly once. It begins with
 * the first scrape; what was stored before is not counted. It ends when nobody scraped for 15 minutes: the numbers stay, no
 * memory of the store is held, and the next scrape begins again with what arrives from then on.
 */
export class SpanMetricsFeed {
  readonly #log: Log;
  readonly #store: SpanMetricsFeedOptions['store'];
  readonly #isAlways: boolean;
  readonly #now: () => number;
  /** only while spans are counted */
  #arrivals: ReturnType<Store['arrivals']> | undefined;
  /** Unix time since when every span is; 0 while none is */
  #sinceSeconds = 0;
  #endedMilli = -Infinity;
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

  constructor({ store, registry, log, isAlways, now = () => performance.now() }: SpanMetricsFeedOptions) {
    this.#log = log;
    this.#store = store;
    this.#isAlways = isAlways;
    this.#now = now;
    if (isAlways) this.#begin();
    this.#timer = setInterval(() => void this.tick(), intervalMilli).unref();
    registry.text(() => this.#scraped());
    registry.observed(
      'gauge',
      'spoor_span_metrics_since_seconds',
      'Unix time since when every arrived span is counted at /metrics; counting begins with a scrape. 0: none is.',
      () => this.#sinceSeconds,
    );
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

  /** What the timer does: counts what arrived, if anybody wants to know. */
  async tick(): Promise<void> {
    const now = this.#now();
    const isIdle = !this.#isAlways && now - this.#scrapedMilli >= idleMilli;
    if (this.#arrivals !== undefined && isIdle && this.#counting === undefined) {
      // What arrived up to now still counts.
      const last = this.#count();
      this.#end();
      await last;
    } else if (this.#arrivals !== undefined || now - this.#endedMilli < waitingMilli) {
      await this.#count();
    }
  }

  /** From now on spans are counted. */
  #begin(): void {
    // A sealed head keeps its memory until it was counted.
    this.#arrivals = this.#store.arrivals(() => {
      this.#isBehind = this.#counting !== undefined;
      void this.#count();
    });
    this.#sinceSeconds = Date.now() / 1000;
  }

  /** Spans that arrive from now on are not counted. */
  #end(): void {
    this.#arrivals?.close();
    this.#arrivals = undefined;
    this.#sinceSeconds = 0;
    this.#endedMilli = this.#now();
  }

  /** Counts what arrived. Resolves when it is, or when what is being counted already is. */
  #count(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    if (this.#counting !== undefined) return this.#counting.done.promise;
    const batch = this.#arrivals?.take() ?? nothing;
    this.#missedCount += batch.missedSpanCount;
    const now = this.#now();
    this.#countedMilli = now;
    const done = Promise.withResolvers<void>();
    this.#counting = { batch, done };
    this.#worker ??= this.#start();
    // The last numbers before nobody counts are what the next scrape begins with.
    const isScraped = !this.#isAlways || now - this.#scrapedMilli < idleMilli;
    this.#worker.postMessage({ rows: batch.rows, nowMilli: now, isScraped } satisfies CountJob);
    return done.promise;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#end();
    await this.#worker?.terminate();
  }

  #scraped(): string {
    const now = this.#now();
    this.#scrapedMilli = now;
    if (this.#arrivals === undefined && !this.#isClosed) this.#begin();
    if (now - this.#countedMilli >= freshMilli) void this.#count();
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
      if (this.#arrivals !== undefined) this.#sinceSeconds = Date.now() / 1000;
      this.#settled();
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
    this.#settled();
  }

  #settled(): void {
    this.#counting?.batch.release();
    this.#counting?.done.resolve();
    this.#counting = undefined;
    if (!this.#isBehind) return;
    this.#isBehind = false;
    void this.#count();
  }
}

const nothing: ArrivalBatch = Object.freeze({ rows: [], missedSpanCount: 0, release: () => undefined });
