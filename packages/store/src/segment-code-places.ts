/** Turns codes of a column into places in the sorted list of its distinct ones. Serves one column after the other. */
export class CodePlaces {
  readonly #place: Uint32Array;
  /** the turn in which a code was last seen */
  readonly #turn: Uint32Array;
  #turns = 0;

  /** @param codeCount codes are below it */
  constructor(codeCount: number) {
    this.#place = new Uint32Array(codeCount);
    this.#turn = new Uint32Array(codeCount);
  }

  /**
   * Replaces the codes, in place.
   * @param others codes that the list must have too
   * @returns the distinct codes, ascending
   */
  replace(codes: Uint32Array | Float64Array, others: readonly number[]): Uint32Array {
    const turn = ++this.#turns;
    const found: number[] = [];
    for (let i = 0; i < codes.length; i++) this.#see(codes[i], turn, found);
    for (const code of others) this.#see(code, turn, found);
    const distinct = new Uint32Array(found).sort();
    for (let place = 0; place < distinct.length; place++) this.#place[distinct[place]] = place;
    for (let i = 0; i < codes.length; i++) codes[i] = this.#place[codes[i]]!;
    return distinct;
  }

  #see(code: number, turn: number, found: number[]): void {
    if (this.#turn[code] === turn) return;
    this.#turn[code] = turn;
    found.push(code);
  }
}
