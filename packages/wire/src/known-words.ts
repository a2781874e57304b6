/** Finds which of a few words a range of bytes is, without making a string of it. */
export class KnownWords<W extends string> {
  /** by length in bytes */
  readonly #byLength: (readonly Candidate<W>[])[] = [];

  constructor(words: readonly W[]) {
    for (const word of words) {
      const bytes = new TextEncoder().encode(word);
      this.#byLength[bytes.length] = [...(this.#byLength[bytes.length] ?? []), { word, bytes }];
    }
  }

  /** `undefined` when it is none of them, which it mostly is: nearly always the length or the last byte says so. */
  find(bytes: Uint8Array, start: number, end: number): W | undefined {
    const length = end - start;
    const candidates = length < this.#byLength.length ? this.#byLength[length] : undefined;
    if (candidates === undefined) return undefined;
    for (const candidate of candidates) if (isSame(candidate.bytes, bytes, start)) return candidate.word;
    return undefined;
  }
}

interface Candidate<W> {
  readonly word: W;
  readonly bytes: Uint8Array;
}

function isSame(word: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let i = word.length - 1; i >= 0; i--) if (word[i] !== bytes[start + i]) return false;
  return true;
}
