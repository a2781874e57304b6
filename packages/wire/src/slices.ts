/**
 * Decoding in slices: yields between spans, so that a large body does not hold the thread. The caller may do other work
 * meanwhile, but must not push anything else into the sink.
 */
export type Slices<T> = Generator<undefined, T, undefined>;

/** Does all of it at once. */
export function runSlices<T>(slices: Slices<T>): T {
  let step = slices.next();
  while (step.done !== true) step = slices.next();
  return step.value;
}

/** Says when a slice is full. */
export class SliceMeter {
  readonly #stepsMax: number;
  #steps = 0;

  constructor(stepsMax: number) {
    this.#stepsMax = stepsMax;
  }

  isFull(): boolean {
    if (++this.#steps < this.#stepsMax) return false;
    this.#steps = 0;
    return true;
  }
}
