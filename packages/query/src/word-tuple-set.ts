/** Distinct triples of 32-bit words, in order of first appearance: open addressing, no object an entry. */
export class WordTupleSet {
  #words = new Int32Array(3 * 1024);
  #slots = new Int32Array(2048);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(a: number, b: number, c: number): void {
    const slots = this.#slots;
    const words = this.#words;
    const mask = slots.length - 1;
    let slot = hash(a, b, c) & mask;
    for (let entry = slots[slot]; entry !== 0; entry = slots[slot]!) {
      const at = 3 * (entry - 1);
      if (words[at] === (a | 0) && words[at + 1] === (b | 0) && words[at + 2] === (c | 0)) return;
      slot = (slot + 1) & mask;
    }
    words.set([a, b, c], 3 * this.#size);
    slots[slot] = ++this.#size;
    if (2 * this.#size === slots.length) this.#grow();
  }

  get(index: number): readonly [a: number, b: number, c: number] {
    return [this.#words[3 * index], this.#words[3 * index + 1], this.#words[3 * index + 2]];
  }

  #grow(): void {
    const old = this.#words;
    const count = this.#size;
    this.#words = new Int32Array(2 * old.length);
    this.#slots = new Int32Array(2 * this.#slots.length);
    this.#size = 0;
    for (let i = 0; i < count; i++) this.add(old[3 * i], old[3 * i + 1], old[3 * i + 2]);
  }
}

function hash(a: number, b: number, c: number): number {
  let h = Math.imul(a, 0x9e37_79b1) ^ Math.imul(b, 0x85eb_ca6b) ^ Math.imul(c, 0xc2b2_ae35);
  h ^= h >>> 15;
  return Math.imul(h, 0x2c1b_3c6d) >>> 3;
}
