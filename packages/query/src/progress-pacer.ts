/** The first answer so far comes this soon … */
const FIRST_MILLI = 50;
/** … and others so long after each other, milliseconds; longer when they take long to make. */
const NEXT_MILLI = 200;
/** At most one part in so many of a query's time goes into answers so far. */
const SHARE = 4;

/** Says when the next answer so far is due. */
export class ProgressPacer {
  #dueAt = performance.now() + FIRST_MILLI;

  get isDue(): boolean {
    return performance.now() >= this.#dueAt;
  }

  /** @param startMilli  when the making of the answer began */
  told(startMilli: number): void {
    const now = performance.now();
    this.#dueAt = now + Math.max(NEXT_MILLI, SHARE * (now - startMilli));
  }
}
