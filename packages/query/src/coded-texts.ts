import type { ColumnSource } from '@spoor/store';

/** Texts of a coded column, each fetched once. */
export class CodedTexts {
  readonly #source: ColumnSource;
  readonly #dictionary: Uint32Array | undefined;
  readonly #texts = new Map<number, string>();

  constructor(source: ColumnSource, dictionary: Uint32Array | undefined) {
    this.#source = source;
    this.#dictionary = dictionary;
  }

  async fetch(codes: ArrayLike<number>): Promise<void> {
    const missing = [...new Set(Array.from(codes))].filter((code) => !this.#texts.has(code));
    if (missing.length === 0) return;
    const sourceCodes = Uint32Array.from(missing, (code) => this.#dictionary?.[code] ?? code);
    const texts = await this.#source.strings(sourceCodes);
    for (const [i, code] of missing.entries()) this.#texts.set(code, texts[i]);
  }

  /** of a code that was fetched */
  of(code: number): string {
    return this.#texts.get(code)!;
  }
}
