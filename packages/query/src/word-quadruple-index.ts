/** Numbers distinct quadruples of 32-bit words in order of first appearance: open addressing, no object an entry. */
export class WordQuadrupleIndex {
  #words = new Uint32Array(4 * 1024);
  #slots = new Int32Array(2048);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The number of a quadruple; −1 when it was not added. */
  find(a: number, b: number, c: number, d: number): number {
    return this.#slots[this.#slotOf(a, b, c, d)] - 1;
  }

  /** Adds a quadruple that may be there already. @returns its number */
  add(a: number, b: number, c: number, d: number): number {
    const slot = this.#slotOf(a, b, c, d);
    const known = this.#slots[slot];
    if (known !== 0) return known - 1;
    const at = 4 * this.#size;
    this.#words[at] = a;
    this.#words[at + 1] = b;
    this.#words[at + 2] = c;
    this.#words[at + 3] = d;
    this.#slots[slot] = ++this.#size;
    const number = this.#size - 1;
    if (2 * this.#size === this.#slots.length) this.#grow();
    return number;
  }

  /** Forgets all of them, and keeps the memory. */
  clear(): void {
    this.#slots.fill(0);
    this.#size = 0;
  }

  /** The slot that has the quadruple, or the empty one it would be put in. */
  #slotOf(a: number, b: number, c: number, d: number): number {
    const slots = this.#slots;
    const words = this.#words;
    const mask = slots.length - 1;
    let slot = hash(a, b, c, d) & mask;
    for (let entry = slots[slot]; entry !== 0; entry = slots[slot]!) {
      const at = 4 * (entry - 1);
      const isSame =
        words[at] === a >>> 0 && words[at + 1] === b >>> 0 && words[at + 2] === c >>> 0 && words[at + 3] === d >>> 0;
      if (isSame) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const words = this.#words;
    const count = this.#size;
    this.#words = new Uint32Array(2 * words.length);
    this.#slots = new Int32Array(2 * this.#slots.length);
    this.#size = 0;
    for (let i = 0; i < count; i++) this.add(words[4 * i], words[4 * i + 1], words[4 * i + 2], words[4 * i + 3]);
  }
}

function hash(a: number, b: number, c: number, d: number): number {
  let h = Math.imul(a, 0x9e37_79b1) ^ Math.imul(b, 0x85eb_ca6b) ^ Math.imul(c, 0xc2b2_ae35) ^ Math.imul(d, 0x27d4_eb2f);
  h ^= h >>> 15;
  return Math.imul(h, 0x2c1b_3c6d) >>> 3;
}
