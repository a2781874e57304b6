/**
 * An array that is used again for each block: new ones, of which a query over 10 M spans makes thousands, cost more in
 * garbage than the counting in them.
 */
export class ScratchWords {
  #words = new Uint32Array(0);

  /** So many words, whose content means nothing. The one array before it is given up. */
  take(length: number): Uint32Array {
    if (length > this.#words.length) this.#words = new Uint32Array(Math.max(length, 2 * this.#words.length));
    return this.#words.subarray(0, length);
  }
}

/** The words at the rows. */
export function gather(words: ArrayLike<number>, rows: Uint32Array, out: Uint32Array): Uint32Array {
  for (let i = 0; i < rows.length; i++) out[i] = words[rows[i]]!;
  return out;
}
