import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { emptySpanDraft } from '@spoor/model';
import { realDisk, Store } from '@spoor/store';
import { defaultTenant } from '../authorize.ts';
import { openLog } from '../log.ts';
import { MetricRegistry } from '../metric-registry.ts';
import { replayRequest } from '../receivers/replay.ts';
import { SpanMetricsFeed } from './span-metrics-feed.ts';

const minute = 60_000;
const meta = { signal: 1, protocol: 1, contentType: 1, contentEncoding: 0, receivedMilli: 1, transformationVersion: 0 };

/** A feed over a store of its own, with a clock that stands still. */
class FeedBench implements AsyncDisposable {
  nowMilli = 0;
  readonly feed: SpanMetricsFeed;
  readonly log: string[] = [];
  readonly #store: Store;
  readonly #directory: string;
  readonly #registry = new MetricRegistry();
  #nextId = 1;

  private constructor(store: Store, directory: string, isAlways: boolean) {
    this.#store = store;
    this.#directory = directory;
    const log = openLog('text', (line) => this.log.push(line));
    this.feed = new SpanMetricsFeed({ store, registry: this.#registry, log, isAlways, now: () => this.nowMilli });
  }

  static async open(isAlways = false): Promise<FeedBench> {
    const directory = await mkdtemp(join(tmpdir(), 'spoor-feed-'));
    const store = await Store.open({
      dataDirectory: directory,
      tenant: defaultTenant,
      disk: realDisk,
      replay: replayRequest,
      logger: openLog('text', () => undefined),
      executor: 'inline',
      schedule: 'manual',
      headReuseMilli: 0,
    });
    return new FeedBench(store, directory, isAlways);
  }

  /** Spans arrive, and are durable. */
  send(count: number): Promise<void> {
    return this.#store.append(meta, new Uint8Array(1), (sink) => {
      sink.endResource(0, 0, 0);
      sink.endScope(0, 0, 0, 0);
      const span = emptySpanDraft();
      span.traceId3 = 1;
      for (let i = 0; i < count; i++) {
        span.spanIdLow = this.#nextId++;
        sink.endAttributes();
        sink.endSpan(span);
      }
    });
  }

  /** The memory that spans were written to, after they were sealed. */
  async seal(): Promise<unknown> {
    const lease = this.#store.snapshot();
    lease.release();
    await this.#store.rotate();
    await this.#store.sealOldest();
    return lease.snapshot.heads.at(-1)!.buffers;
  }

  /** What was being counted is, and what arrived since. */
  async counted(): Promise<void> {
    await this.feed.tick();
    await this.feed.tick();
  }

  /** Spans counted, and since when. */
  scrape(): { readonly count: number; readonly sinceSeconds: number } {
    const text = this.#registry.render();
    const value = (name: RegExp): number => Number(new RegExp(`^${name.source} (.*)$`, 'm').exec(text)?.[1] ?? 0);
    return {
      count: value(/traces_spanmetrics_calls_total\{.*\}/),
      sinceSeconds: value(/spoor_span_metrics_since_seconds/),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.feed.close();
    await this.#store.close();
    await rm(this.#directory, { recursive: true });
  }
}

test('SpanMetricsFeed: counts from the first scrape on, until nobody scraped for 15 minutes, and again from the next', async () => {
  await using bench = await FeedBench.open();
  await bench.send(100);
  await bench.counted();
  const first = bench.scrape();
  assert.equal(first.count, 0);
  assert.ok(Math.abs(first.sinceSeconds - Date.now() / 1000) < 60);
  await bench.send(3);
  await bench.counted();
  assert.equal(bench.scrape().count, 3);
  bench.nowMilli += 14 * minute;
  await bench.send(2);
  await bench.counted();
  bench.nowMilli += minute;
  await bench.send(1);
  // What came until then still counts; what comes from now on does not.
  await bench.counted();
  await bench.send(50);
  await bench.counted();
  bench.nowMilli += minute;
  await bench.send(50);
  await bench.counted();
  const next = bench.scrape();
  assert.equal(next.count, 6);
  assert.ok(next.sinceSeconds > first.sinceSeconds);
  await bench.send(1);
  await bench.counted();
  assert.equal(bench.scrape().count, 7);
  assert.deepEqual(bench.log, []);
});

test('SpanMetricsFeed: while it counts a sealed head is kept until it is counted; while it does not, none is', async () => {
  await using bench = await FeedBench.open();
  const sealed = async (): Promise<unknown> => {
    await bench.send(1);
    return bench.seal();
  };
  const before = [await sealed(), await sealed(), await sealed()];
  assert.equal(new Set(before).size, 1, 'nobody has asked yet');
  bench.scrape();
  await bench.counted();
  bench.nowMilli += minute;
  await sealed();
  await bench.counted();
  assert.equal(bench.scrape().count, 1, 'sealed before it was counted');
  bench.nowMilli += 16 * minute;
  await bench.counted();
  const after = [await sealed(), await sealed(), await sealed()];
  assert.equal(new Set(after).size, 1, 'nobody asks any more');
});

test('SpanMetricsFeed: told to count always, it begins before anybody asks and does not end', async () => {
  await using bench = await FeedBench.open(true);
  await bench.send(2);
  await bench.counted();
  bench.nowMilli += 60 * minute;
  await bench.send(3);
  await bench.counted();
  bench.scrape();
  await bench.counted();
  assert.equal(bench.scrape().count, 5);
});
