/** Words a place: two of fingerprint, one of owner. */
const PLACE_WORDS = 3;
const SPLIT_BIT = 0x8000_0000;

/**
 * Which segment has a trace, for all traces of all segments: 16 to 32 bytes a trace. An id is four big-endian words in
 * somebody's array, of which a 64-bit fingerprint is kept: ids that collide (one pair in 10¹³ of a million traces) look
 * like one trace in two places, which costs a look into both and is never wrong. Owners are numbered from 1.
 */
export class TraceOwners {
  /** an owner of 0 is a free place */
  #places: Uint32Array;
  #placeMask: number;
  #size = 0;
  readonly #seed = Math.floor(Math.random() * 2 ** 32);

  constructor(expectedSize = 8) {
    const places = 2 ** Math.ceil(Math.log2(1.5 * Math.max(expectedSize, 8)));
    this.#places = new Uint32Array(PLACE_WORDS * places);
    this.#placeMask = places - 1;
  }

  get size(): number {
    return this.#size;
  }

  /** Owner of the id at `words[at, at + 4)`, or 0. */
  ownerOf(words: Uint32Array, at: number): number {
    return this.#places[this.#place(words, at) + 2] & ~SPLIT_BIT;
  }

  isSplit(words: Uint32Array, at: number): boolean {
    return (this.#places[this.#place(words, at) + 2] & SPLIT_BIT) !== 0;
  }

  set(words: Uint32Array, at: number, owner: number, isSplit: boolean): void {
    if (this.#size > 0.75 * this.#placeMask) this.#grow();
    const place = this.#place(words, at);
    const places = this.#places;
    if (places[place + 2] === 0) this.#size++;
    places[place] = this.#firstHash(words, at);
    places[place + 1] = this.#secondHash(words, at);
    places[place + 2] = isSplit ? owner | SPLIT_BIT : owner;
  }

  /** Offset of the place where the id is, or would be. */
  #place(words: Uint32Array, at: number): number {
    return this.#placeOf(this.#firstHash(words, at), this.#secondHash(words, at));
  }

  #placeOf(first: number, second: number): number {
    const places = this.#places;
    for (let place = first & this.#placeMask; ; place = (place + 1) & this.#placeMask) {
      const offset = PLACE_WORDS * place;
      if (places[offset + 2] === 0 || (places[offset] === first && places[offset + 1] === second)) return offset;
    }
  }

  /** All words count: ids of some tracers have a constant or a time in one half. */
  #firstHash(words: Uint32Array, at: number): number {
    return hash(words, at, this.#seed);
  }

  #secondHash(words: Uint32Array, at: number): number {
    return hash(words, at, ~this.#seed);
  }

  #grow(): void {
    const old = this.#places;
    this.#places = new Uint32Array(2 * old.length);
    this.#placeMask = 2 * this.#placeMask + 1;
    for (let from = 0; from < old.length; from += PLACE_WORDS) {
      if (old[from + 2] === 0) continue;
      const to = this.#placeOf(old[from], old[from + 1]);
      for (let word = 0; word < PLACE_WORDS; word++) this.#places[to + word] = old[from + word]!;
    }
  }
}

function hash(words: Uint32Array, at: number, seed: number): number {
  let mixed = Math.imul(words[at] ^ seed, 0x85eb_ca6b);
  mixed = Math.imul((mixed ^ (mixed >>> 15)) + words[at + 1], 0xc2b2_ae35);
  mixed = Math.imul((mixed ^ (mixed >>> 13)) + words[at + 2], 0x27d4_eb2f);
  mixed = Math.imul((mixed ^ (mixed >>> 16)) + words[at + 3], 0x1656_67b1);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
