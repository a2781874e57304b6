import { assert } from '@spoor/model';

/** Tempo's bounds for span metrics, seconds: 0.002 · 2^n. */
export const spanLatencyBounds: readonly number[] = Object.freeze(Array.from({ length: 14 }, (_, n) => 0.002 * 2 ** n));
/** Tempo's bounds for service graphs, seconds: 0.1 · 2^n. */
export const edgeLatencyBounds: readonly number[] = Object.freeze(Array.from({ length: 8 }, (_, n) => 0.1 * 2 ** n));

/** Sums durations into histograms that lie in arrays: a count for each bound and for what is above, then the seconds. */
export class LatencyBuckets {
  /** numbers of one histogram */
  readonly width: number;
  readonly #boundCount: number;
  /** the first bound */
  readonly #unitNano: number;

  /** @param bounds  seconds; each twice the one before, so that a bucket is found without a search */
  constructor(bounds: readonly number[]) {
    const boundsNano = bounds.map((bound) => Math.round(bound * 1e9));
    this.#boundCount = bounds.length;
    this.#unitNano = boundsNano[0];
    assert(
      boundsNano.every((bound, n) => bound === this.#unitNano * 2 ** n),
      'each bound is twice the one before',
    );
    this.width = bounds.length + 2;
  }

  add(into: Float64Array, at: number, durationNano: number, count: number): void {
    const boundCount = this.#boundCount;
    // The least n with duration ≤ unit · 2^n: the bits of one less than the units begun.
    const units = Math.min(Math.ceil(durationNano / this.#unitNano), 2 ** (boundCount - 1) + 1);
    const bucket = units <= 1 ? 0 : 32 - Math.clz32(units - 1);
    into[at + bucket] += count;
    into[at + boundCount + 1] += (count * durationNano) / 1e9;
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
