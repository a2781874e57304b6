import { unixNano } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import { CallCounters } from './call-counters.ts';
import { WindowCells } from './metric-windows.ts';
import { SpanSums } from './span-metrics.ts';
import type { LabelledSeries } from './trace-store.ts';
import { TurnTaker } from './turn-taker.ts';

/** What was counted of spans and calls since the beginning. */
export interface Counted {
  /** of each series the histogram of latencies, then the bytes */
  readonly spans: readonly LabelledSeries[];
  /** numbers of all series past the most there may be; absent without */
  readonly otherSpans: Float64Array | undefined;
  /** of each series the requests, the failed ones, and the histograms of the server's and the client's seconds */
  readonly calls: readonly LabelledSeries[];
  readonly otherCalls: Float64Array | undefined;
  /** spans whose call could not wait for its other side */
  readonly droppedCount: number;
}

export interface SpanCountersOptions {
  /** of spans, and as many of calls */
  readonly seriesMax: number;
  /** how long one side of a call waits for the other, at least */
  readonly waitMilli: number;
}

/** Counters of spans and calls that only grow, fed with the spans as they arrive, each once. */
export class SpanCounters {
  readonly #spans: SpanSums;
  readonly #calls: CallCounters;
  readonly #everything = new WindowCells({
    end: unixNano(2n ** 64n - 1n),
    stepNano: 1n,
    count: 1,
    lengthNano: undefined,
  });

  constructor({ seriesMax, waitMilli }: SpanCountersOptions) {
    const by = ['service', 'span_name', 'span_kind', 'status_code'];
    this.#spans = new SpanSums({ measure: 'all', by, matchers: [], seriesMax }, this.#everything);
    this.#calls = new CallCounters(seriesMax, waitMilli);
  }

  /** @param nowMilli  when they arrived, more or less; never goes back */
  async add(sources: readonly ColumnSource[], nowMilli: number): Promise<void> {
    const turns = new TurnTaker();
    for (const source of sources) {
      await this.#spans.addSource(source, {}, turns);
    }
    await this.#calls.add(sources, nowMilli, turns);
  }

  counted(): Counted {
    return {
      spans: this.#spans.answer().series,
      otherSpans: this.#spans.overflow(),
      calls: this.#calls.answer().series,
      otherCalls: this.#calls.overflow(),
      droppedCount: this.#calls.droppedCount,
    };
  }
}
