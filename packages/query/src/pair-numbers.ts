import { UNNUMBERED } from './value-numbers.ts';

/** Numbers pairs of non-negative integers in the order in which they are met: open addressing, no object an entry. */
export class PairNumbers {
  #words = new Uint32Array(2 * 512);
  #slots = new Int32Array(1024);
  #count = 0;
  readonly #countMax: number;

  /** @param countMax  pairs past it are {@link UNNUMBERED} */
  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  of(a: number, b: number): number {
    const slots = this.#slots;
    const words = this.#words;
    const mask = slots.length - 1;
    let slot = hash(a, b) & mask;
    for (let entry = slots[slot]; entry !== 0; entry = slots[slot]!) {
      if (words[2 * entry - 2] === a && words[2 * entry - 1] === b) return entry - 1;
      slot = (slot + 1) & mask;
    }
    if (this.#count >= this.#countMax) return UNNUMBERED;
    words[2 * this.#count] = a;
    words[2 * this.#count + 1] = b;
    slots[slot] = ++this.#count;
    if (2 * this.#count === slots.length) this.#grow();
    return this.#count - 1;
  }

  first(number: number): number {
    return this.#words[2 * number];
  }

  second(number: number): number {
    return this.#words[2 * number + 1];
  }

  #grow(): void {
    const words = new Uint32Array(2 * this.#words.length);
    words.set(this.#words);
    const slots = new Int32Array(2 * this.#slots.length);
    for (let entry = 1; entry <= this.#count; entry++) {
      let slot = hash(words[2 * entry - 2], words[2 * entry - 1]) & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = entry;
    }
    this.#words = words;
    this.#slots = slots;
  }
}

function hash(a: number, b: number): number {
  let h = Math.imul(a, 0x9e37_79b1) ^ Math.imul(b, 0x85eb_ca6b);
  h ^= h >>> 15;
  return Math.imul(h, 0x2c1b_3c6d) >>> 3;
}
