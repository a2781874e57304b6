import type { ColumnSource, StringPage } from '@spoor/store';

/** Strings as a source has them, in pages of a few; of a source nothing else. */
export class PagedStrings implements Pick<ColumnSource, 'stringPages'> {
  readonly #strings: readonly Buffer[];
  readonly #pageStrings: number;
  /** pages handed out */
  pageCount = 0;

  constructor(strings: readonly Buffer[], pageStrings: number) {
    this.#strings = strings;
    this.#pageStrings = pageStrings;
  }

  asSource(): ColumnSource {
    return this as unknown as ColumnSource;
  }

  async *stringPages(codes: Uint32Array): AsyncGenerator<StringPage> {
    for (let firstCode = 0; firstCode < this.#strings.length; firstCode += this.#pageStrings) {
      const page = this.#strings.slice(firstCode, firstCode + this.#pageStrings);
      if (!codes.some((code) => code >= firstCode && code < firstCode + page.length)) continue;
      const offset = new Uint32Array(page.length + 1);
      for (const [i, string] of page.entries()) offset[i + 1] = offset[i] + string.length;
      this.pageCount++;
      yield { firstCode, count: page.length, offset, bytes: new Uint8Array(Buffer.concat(page)) };
    }
  }
}
