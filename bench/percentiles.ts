/** Keeps every sample, so that percentiles are exact. */
export class Percentiles {
  #samples: number[] = [];
  #isSorted = true;

  static of(samples: readonly number[]): Percentiles {
    const percentiles = new Percentiles();
    percentiles.#samples = [...samples];
    percentiles.#isSorted = false;
    return percentiles;
  }

  add(sample: number): void {
    this.#samples.push(sample);
    this.#isSorted = false;
  }

  get count(): number {
    return this.#samples.length;
  }

  /** The smallest sample that at least `fraction` of all samples do not exceed; NaN without samples. */
  at(fraction: number): number {
    if (!this.#isSorted) this.#samples.sort((a, b) => a - b);
    this.#isSorted = true;
    return this.#samples[Math.max(0, Math.ceil(fraction * this.#samples.length) - 1)] ?? Number.NaN;
  }

  samples(): readonly number[] {
    return this.#samples;
  }
}
