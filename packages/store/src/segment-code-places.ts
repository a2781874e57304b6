/** Turns codes of a column into places in the sorted list of its distinct ones. Serves one column after the other. */
export class CodePlaces {
  readonly #place: Uint32Array;
  /** the turn in which a code was last seen */
  readonly #turn: Uint32Array;
  readonly #found: Uint32Array;
  #turns = 0;

  /** @param codeCount codes are below it */
  constructor(codeCount: number) {
    this.#place = new Uint32Array(codeCount);
    this.#turn = new Uint32Array(codeCount);
    this.#found = new Uint32Array(codeCount);
  }

  /**
   * Replaces the codes, in place.
   * @param others codes that the list must have too
   * @returns the distinct codes, ascending
   */
  replace(codes: Uint32Array | Float64Array, others: readonly number[]): Uint32Array {
    const turn = ++this.#turns;
    const [turnOf, place, found] = [this.#turn, this.#place, this.#found];
    let count = 0;
    for (let i = 0; i < codes.length; i++) {
      const code = codes[i];
      if (turnOf[code] === turn) continue;
      turnOf[code] = turn;
      found[count++] = code;
    }
    for (const code of others) {
      if (turnOf[code] === turn) continue;
      turnOf[code] = turn;
      found[count++] = code;
    }
    const distinct = this.#sorted(count, turn);
    for (let i = 0; i < count; i++) place[distinct[i]] = i;
    for (let i = 0; i < codes.length; i++) codes[i] = place[codes[i]]!;
    return distinct;
  }

  /** The codes found in this turn. Where they are dense, walking past the others is cheaper than sorting. */
  #sorted(count: number, turn: number): Uint32Array {
    const distinct = this.#found.slice(0, count);
    let min = 0xffff_ffff;
    let max = 0;
    for (let i = 0; i < count; i++) {
      if (distinct[i] < min) min = distinct[i];
      if (distinct[i] > max) max = distinct[i];
    }
    if (max - min > 16 * count) return distinct.sort();
    for (let code = min, i = 0; i < count; code++) if (this.#turn[code] === turn) distinct[i++] = code;
    return distinct;
  }
}
