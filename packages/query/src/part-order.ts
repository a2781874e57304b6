import { testCosts } from './column-test.ts';

/** Fewer rows say nothing of the rest. */
const TRIED_ROWS_MIN = 1024;

/** What it costs to judge a row by this part of an `and`; see `testCosts`. */
interface Costed {
  readonly cost: number;
}

/**
 * The order of an `and`'s parts: by cost at first; once they have been tried on the same rows, by what it costs to be rid
 * of a row. Of service, duration and status it is the status that leaves the others next to nothing to do.
 */
export class PartOrder<Part extends Costed> {
  #parts: readonly Part[];
  #isOpen: boolean;

  constructor(parts: readonly Part[]) {
    this.#parts = [...parts].sort((a, b) => a.cost - b.cost);
    // What is dear is tried last, whatever it would find.
    this.#isOpen = parts.length > 1 && parts.every(({ cost }) => cost < testCosts.computed);
  }

  get parts(): readonly Part[] {
    return this.#parts;
  }

  /** Whether a trial may still be wanted. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether the parts should be tried, each on all of so many rows. */
  wantsTrial(rowCount: number): boolean {
    return this.#isOpen && rowCount >= TRIED_ROWS_MIN;
  }

  /** @param passedRows  by part, of the rows that all of them were tried on */
  settle(passedRows: readonly number[], rowCount: number): void {
    this.#isOpen = false;
    const ranked = this.#parts.map((part, i) => ({ part, rank: part.cost / (rowCount - passedRows[i] + 1) }));
    this.#parts = ranked.sort((a, b) => a.rank - b.rank).map(({ part }) => part);
  }
}
