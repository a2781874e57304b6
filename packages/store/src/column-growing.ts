/** Many stay empty: a trace is put together with some sixty of them. */
const NO_WORDS = new Uint32Array(0);
const NO_NUMBERS = new Float64Array(0);
const SIZE_MIN = 16;

/** 32-bit words appended one by one or in runs; the buffer doubles. */
export class GrowingWords {
  #words = NO_WORDS;
  #length = 0;

  get length(): number {
    return this.#length;
  }
  get last(): number {
    return this.#words[this.#length - 1];
  }

  at(index: number): number {
    return this.#words[index];
  }

  push(word: number): void {
    if (this.#length === this.#words.length) this.#grow(this.#length + 1);
    this.#words[this.#length++] = word;
  }

  /** @param places which of the source's; all when absent */
  append(source: Uint32Array | Int32Array, places: Uint32Array | undefined): void {
    const count = places?.length ?? source.length;
    this.#grow(this.#length + count);
    if (places === undefined) this.#words.set(source, this.#length);
    else for (let i = 0; i < count; i++) this.#words[this.#length + i] = source[places[i]]!;
    this.#length += count;
  }

  clear(): void {
    this.#length = 0;
  }

  /** What was appended, in a buffer of its own. */
  finish(): Uint32Array {
    return this.#words.slice(0, this.#length);
  }

  #grow(length: number): void {
    if (length <= this.#words.length) return;
    const grown = new Uint32Array(Math.max(length, 2 * this.#words.length, SIZE_MIN));
    grown.set(this.#words.subarray(0, this.#length));
    this.#words = grown;
  }
}

/** As {@link GrowingWords}, for numbers. */
export class GrowingNumbers {
  #numbers = NO_NUMBERS;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(number: number): void {
    if (this.#length === this.#numbers.length) this.#grow(this.#length + 1);
    this.#numbers[this.#length++] = number;
  }

  append(source: Float64Array, places: Uint32Array | undefined): void {
    const count = places?.length ?? source.length;
    this.#grow(this.#length + count);
    if (places === undefined) this.#numbers.set(source, this.#length);
    else for (let i = 0; i < count; i++) this.#numbers[this.#length + i] = source[places[i]]!;
    this.#length += count;
  }

  finish(): Float64Array {
    return this.#numbers.slice(0, this.#length);
  }

  #grow(length: number): void {
    if (length <= this.#numbers.length) return;
    const grown = new Float64Array(Math.max(length, 2 * this.#numbers.length, SIZE_MIN));
    grown.set(this.#numbers.subarray(0, this.#length));
    this.#numbers = grown;
  }
}
