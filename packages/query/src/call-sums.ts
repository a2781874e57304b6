import { unixNano } from '@spoor/model';
import { connectionTypeNames } from './call-edges.ts';
import { LabelValues } from './label-values.ts';
import { edgeLatencyBounds, LatencyBuckets } from './latency-buckets.ts';
import { WindowCells } from './metric-windows.ts';
import { SeriesCells } from './series-cells.ts';
import type { LabelledSeriesAnswer } from './trace-store.ts';

/** Calls that are summed up together: numbering their series one by one costs more than the sums. */
const callsMax = 4096;

/**
 * Sums of calls by client, server and type. Numbers of a series: requests, failed requests, then the histograms of the
 * server's and the client's seconds.
 */
export class CallSums {
  readonly #buckets = new LatencyBuckets(edgeLatencyBounds);
  readonly #cells: SeriesCells;
  #length = 0;
  /** client, server, type */
  readonly #names = [new Int32Array(callsMax), new Int32Array(callsMax), new Int32Array(callsMax)] as const;
  readonly #isFailed = new Uint8Array(callsMax);
  readonly #count = new Float64Array(callsMax);
  readonly #serverNano = new Float64Array(callsMax);
  readonly #clientNano = new Float64Array(callsMax);

  constructor(clients: LabelValues, servers: LabelValues, seriesMax: number) {
    const everything = new WindowCells({ end: unixNano(0n), stepNano: 1n, count: 1, lengthNano: undefined });
    const types = new LabelValues('connection_type');
    for (const name of connectionTypeNames) types.number(name);
    this.#cells = new SeriesCells(everything, [clients, servers, types], 2 + 2 * this.#buckets.width, seriesMax, true);
  }

  /**
   * @param count  how many it stands for
   * @param serverNano  NaN, as `clientNano`, when the side's duration is not known
   */
  add(
    client: number,
    server: number,
    type: number,
    isFailed: boolean,
    count: number,
    serverNano: number,
    clientNano: number,
  ): void {
    if (this.#length === callsMax) this.flush();
    const at = this.#length++;
    this.#names[0][at] = client;
    this.#names[1][at] = server;
    this.#names[2][at] = type;
    this.#isFailed[at] = isFailed ? 1 : 0;
    this.#count[at] = count;
    this.#serverNano[at] = serverNano;
    this.#clientNano[at] = clientNano;
  }

  /** Sums up what was added: before it is asked for. */
  flush(): void {
    const series = this.#cells.series(this.#names, this.#length);
    for (let i = 0; i < this.#length; i++) {
      const into = this.#cells.cells(series[i]);
      if (into === undefined) continue;
      const count = this.#count[i];
      into[0] += count;
      if (this.#isFailed[i] === 1) into[1] += count;
      if (!Number.isNaN(this.#serverNano[i])) this.#buckets.add(into, 2, this.#serverNano[i], count);
      if (!Number.isNaN(this.#clientNano[i]))
        this.#buckets.add(into, 2 + this.#buckets.width, this.#clientNano[i], count);
    }
    this.#length = 0;
  }

  answer(): LabelledSeriesAnswer {
    return this.#cells.answer((values) => this.#finish(values));
  }

  /** Of all series that there was no room for, as the numbers of one. */
  overflow(): Float64Array | undefined {
    return this.#cells.overflow((values) => this.#finish(values));
  }

  #finish(values: Float64Array): void {
    const { width } = this.#buckets;
    this.#buckets.accumulate(values, 2 + 2 * width, 2);
    this.#buckets.accumulate(values, 2 + 2 * width, 2 + width);
  }
}
