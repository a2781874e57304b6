/** Distinct codes of a column. Codes are small and dense: a flag each is ten times as fast as a set. */
export class CodeFlags {
  #flags = new Uint8Array(1024);

  /**
   * @param rows  of the codes; code i is of row i when absent
   * @param asked  1 for the rows that count
   */
  addOf(codes: Uint32Array | Int32Array, rows: Uint32Array | undefined, asked: Uint8Array): void {
    for (let i = 0; i < codes.length; i++) {
      const code = codes[i];
      if (code >= this.#flags.length) this.#grow(code + 1);
      this.#flags[code] |= asked[rows === undefined ? i : rows[i]];
    }
  }

  /** ascending */
  list(): Uint32Array {
    const codes: number[] = [];
    for (let code = this.#flags.indexOf(1); code >= 0; code = this.#flags.indexOf(1, code + 1)) codes.push(code);
    return Uint32Array.from(codes);
  }

  #grow(length: number): void {
    const longer = new Uint8Array(Math.max(length, 2 * this.#flags.length));
    longer.set(this.#flags);
    this.#flags = longer;
  }
}
