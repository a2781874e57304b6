/** A replayable source of choices. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1); mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** In [0, bound). */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)];
  }

  list<T>(countMax: number, make: () => T): T[] {
    return Array.from({ length: this.below(countMax + 1) }, make);
  }
}

/** The seed of a test run; `SEED=…` replays one. */
export function testSeed(): number {
  return Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
}

/**
 * Runs rounds of random checks, each with its own seed, until they have compared so many (query, trace) pairs.
 * `SPOOR_PAIRS=100000` asks for more of them; `SEED=…` runs the one round of that seed.
 * @param check  returns how many pairs it compared
 */
export async function checkPairs(pairsMin: number, check: (seed: number) => Promise<number>): Promise<void> {
  const seed = testSeed();
  const wanted = process.env['SEED'] === undefined ? Number(process.env['SPOOR_PAIRS'] ?? pairsMin) : 1;
  let pairs = 0;
  for (let round = 0; pairs < wanted; round++) pairs += await check(seed + round);
}
