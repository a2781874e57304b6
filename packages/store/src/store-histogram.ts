/** Upper bounds of the buckets, milliseconds: from a fast disk's sync to a stalled one's. */
const boundsMilli = Object.freeze([0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 16384]);

/** Durations in fixed buckets, as Prometheus wants them. Plain data. */
export interface DurationHistogram {
  readonly boundsMilli: readonly number[];
  /** observations at or below each bound but above the one before; one more at the end for what is above all */
  readonly counts: readonly number[];
  readonly count: number;
  readonly sumMilli: number;
}

export class DurationRecorder {
  readonly #counts = Array.from({ length: boundsMilli.length + 1 }, () => 0);
  #count = 0;
  #sumMilli = 0;

  record(durationMilli: number): void {
    let bucket = 0;
    while (bucket < boundsMilli.length && durationMilli > boundsMilli[bucket]) bucket++;
    this.#counts[bucket]++;
    this.#count++;
    this.#sumMilli += durationMilli;
  }

  histogram(): DurationHistogram {
    return { boundsMilli, counts: [...this.#counts], count: this.#count, sumMilli: this.#sumMilli };
  }
}
