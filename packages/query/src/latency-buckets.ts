/** Tempo's bounds for span metrics, seconds: 0.002 · 2^n. */
export const spanLatencyBounds: readonly number[] = Object.freeze(Array.from({ length: 14 }, (_, n) => 0.002 * 2 ** n));
/** Tempo's bounds for service graphs, seconds: 0.1 · 2^n. */
export const edgeLatencyBounds: readonly number[] = Object.freeze(Array.from({ length: 8 }, (_, n) => 0.1 * 2 ** n));

/** Sums durations into histograms that lie in arrays: a count for each bound and for what is above, then the seconds. */
export class LatencyBuckets {
  /** numbers of one histogram */
  readonly width: number;
  readonly #boundsNano: Float64Array;

  constructor(bounds: readonly number[]) {
    this.#boundsNano = Float64Array.from(bounds, (bound) => Math.round(bound * 1e9));
    this.width = bounds.length + 2;
  }

  add(into: Float64Array, at: number, durationNano: number, count: number): void {
    const bounds = this.#boundsNano;
    let bucket = 0;
    while (bucket < bounds.length && durationNano > bounds[bucket]) bucket++;
    into[at + bucket] += count;
    into[at + bounds.length + 1] += (count * durationNano) / 1e9;
  }

  /**
   * Makes every count one of all durations up to its bound, as Prometheus has them: the last is of all.
   * @param stride  from one histogram to the next
   * @param first  where the first one is
   */
  accumulate(histograms: Float64Array, stride: number = this.width, first = 0): void {
    for (let start = first; start < histograms.length; start += stride) {
      for (let i = 1; i < this.width - 1; i++) histograms[start + i] += histograms[start + i - 1];
    }
  }
}
