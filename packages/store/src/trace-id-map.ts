/**
 * Trace ids on typed arrays, each with one small number: 20 bytes a place at a fill of at most a half, where
 * a `Map` of strings takes 70 bytes and ten times as long. Ids are four big-endian words.
 */
export class TraceIdMap {
  #ids: Uint32Array;
  /** value + 1; 0 marks a free place */
  #values: Uint8Array;
  #size = 0;

  constructor(expectedSize = 16) {
    const places = 2 ** Math.ceil(Math.log2(2 * Math.max(expectedSize, 8)));
    this.#ids = new Uint32Array(4 * places);
    this.#values = new Uint8Array(places);
  }

  get size(): number {
    return this.#size;
  }

  /** The number of the id at `words[at, at + 4)`, −1 when it is not in the map. */
  get(words: Uint32Array, at: number): number {
    return this.#values[this.#place(words, at)] - 1;
  }

  has(words: Uint32Array, at: number): boolean {
    return this.#values[this.#place(words, at)] !== 0;
  }

  /** @param value  0 … 254 */
  set(words: Uint32Array, at: number, value: number): void {
    if (2 * this.#size >= this.#values.length) this.#grow();
    const place = this.#place(words, at);
    if (this.#values[place] === 0) {
      this.#ids.set(words.subarray(at, at + 4), 4 * place);
      this.#size++;
    }
    this.#values[place] = value + 1;
  }

  /** Calls back with the words of every id and its number; the view is overwritten by the next change. */
  forEach(visit: (words: Uint32Array, at: number, value: number) => void): void {
    for (let place = 0; place < this.#values.length; place++) {
      if (this.#values[place] !== 0) visit(this.#ids, 4 * place, this.#values[place] - 1);
    }
  }

  #place(words: Uint32Array, at: number): number {
    const mask = this.#values.length - 1;
    const ids = this.#ids;
    let place = hash(words, at) & mask;
    while (this.#values[place] !== 0) {
      const id = 4 * place;
      if (
        ids[id + 3] === words[at + 3] &&
        ids[id + 2] === words[at + 2] &&
        ids[id + 1] === words[at + 1] &&
        ids[id] === words[at]
      )
        break;
      place = (place + 1) & mask;
    }
    return place;
  }

  #grow(): void {
    const bigger = new TraceIdMap(2 * this.#size + 16);
    this.forEach((words, at, value) => bigger.set(words, at, value));
    this.#ids = bigger.#ids;
    this.#values = bigger.#values;
  }
}

/** All words count: ids of some tracers have a constant or a time in one half. */
function hash(words: Uint32Array, at: number): number {
  let mixed = Math.imul(words[at] ^ 0x9e37_79b9, 0x85eb_ca6b);
  mixed = Math.imul((mixed ^ (mixed >>> 15)) + words[at + 1], 0xc2b2_ae35);
  mixed = Math.imul((mixed ^ (mixed >>> 13)) + words[at + 2], 0x27d4_eb2f);
  mixed = Math.imul((mixed ^ (mixed >>> 16)) + words[at + 3], 0x1656_67b1);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
