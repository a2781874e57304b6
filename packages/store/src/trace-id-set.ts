/**
 * Trace ids on typed arrays: 32 to 64 bytes an id, where a `Set` of strings takes 70 and ten times as long. An id is four
 * big-endian words in somebody's array. The all-zero id, which decoders refuse, is never in it.
 */
export class TraceIdSet {
  /** four words a place; all zero where it is free */
  #ids: Uint32Array;
  #placeMask: number;
  #size = 0;

  constructor(expectedSize = 8) {
    const places = 2 ** Math.ceil(Math.log2(2 * Math.max(expectedSize, 8)));
    this.#ids = new Uint32Array(4 * places);
    this.#placeMask = places - 1;
  }

  get size(): number {
    return this.#size;
  }

  /** Whether the id at `words[at, at + 4)` is in the set. */
  has(words: Uint32Array, at: number): boolean {
    return !this.#isFree(this.#place(words, at));
  }

  /** @returns whether the id is new */
  add(words: Uint32Array, at: number): boolean {
    if (2 * this.#size > this.#placeMask) this.#grow();
    const place = this.#place(words, at);
    if (!this.#isFree(place)) return false;
    for (let word = 0; word < 4; word++) this.#ids[4 * place + word] = words[at + word];
    this.#size++;
    return true;
  }

  #isFree(place: number): boolean {
    const ids = this.#ids;
    return (ids[4 * place] | ids[4 * place + 1] | ids[4 * place + 2] | ids[4 * place + 3]) === 0;
  }

  /** Where the id is, or would be. */
  #place(words: Uint32Array, at: number): number {
    const ids = this.#ids;
    let place = hashOf(words, at) & this.#placeMask;
    while (!this.#isFree(place)) {
      const id = 4 * place;
      const isTail = ids[id + 3] === words[at + 3] && ids[id + 2] === words[at + 2];
      if (isTail && ids[id + 1] === words[at + 1] && ids[id] === words[at]) return place;
      place = (place + 1) & this.#placeMask;
    }
    return place;
  }

  #grow(): void {
    const bigger = new TraceIdSet(2 * this.#size);
    for (let at = 0; at < this.#ids.length; at += 4) if (!this.#isFree(at >> 2)) bigger.add(this.#ids, at);
    this.#ids = bigger.#ids;
    this.#placeMask = bigger.#placeMask;
  }
}

/** All words count: ids of some tracers have a constant or a time in one half. */
function hashOf(words: Uint32Array, at: number): number {
  let mixed = Math.imul(words[at] ^ 0x9e37_79b9, 0x85eb_ca6b);
  mixed = Math.imul((mixed ^ (mixed >>> 15)) + words[at + 1], 0xc2b2_ae35);
  mixed = Math.imul((mixed ^ (mixed >>> 13)) + words[at + 2], 0x27d4_eb2f);
  mixed = Math.imul((mixed ^ (mixed >>> 16)) + words[at + 3], 0x1656_67b1);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
