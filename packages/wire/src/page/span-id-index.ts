/** Finds the first entry with a span id. Open addressing at most half full, so that no string is made of an id. */
export class SpanIdIndex {
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;
  /** entry + 1; 0 is a free slot */
  readonly #slots: Uint32Array;
  readonly #mask: number;

  constructor(high: Uint32Array, low: Uint32Array, count: number) {
    this.#high = high;
    this.#low = low;
    const size = 2 ** Math.ceil(Math.log2(Math.max(2, 2 * count)));
    this.#slots = new Uint32Array(size);
    this.#mask = size - 1;
    for (let i = 0; i < count; i++) {
      const slot = this.#slotOf(high[i], low[i]);
      if (this.#slots[slot] === 0) this.#slots[slot] = i + 1;
    }
  }

  /** −1 when there is none. */
  find(high: number, low: number): number {
    return this.#slots[this.#slotOf(high, low)] - 1;
  }

  /** The id's slot, or the free one where it would be. */
  #slotOf(high: number, low: number): number {
    let slot = hash(high, low) & this.#mask;
    for (let entry = this.#slots[slot]; entry !== 0; entry = this.#slots[slot]!) {
      if (this.#high[entry - 1] === high && this.#low[entry - 1] === low) break;
      slot = (slot + 1) & this.#mask;
    }
    return slot;
  }
}

/** Ids are random as a rule; the mixing is for those that count up. */
function hash(high: number, low: number): number {
  const mixed = Math.imul(low ^ Math.imul(high, 0x9e37_79b1), 0x85eb_ca6b);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
