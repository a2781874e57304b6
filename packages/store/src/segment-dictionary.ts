import type { StringPage } from './column-source.ts';
import type { SegmentColumns } from './segment-columns.ts';

/** Bounds what one read brings in: a segment may have gigabytes of strings. */
const PAGES_AT_ONCE = 32;

/** The sorted strings of a segment: a string's code is its rank, so one page tells whether it occurs at all. */
export class SegmentDictionary {
  readonly #columns: SegmentColumns;

  constructor(columns: SegmentColumns) {
    this.#columns = columns;
  }

  async find(string: Uint8Array): Promise<number | undefined> {
    const { separator, firstCode } = this.#columns.footer.pages;
    let low = 0;
    let high = separator.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (Buffer.compare(separator[middle], string) <= 0) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return undefined;
    const at = (await this.#columns.pages([low - 1]))[0].indexOf(string);
    return at < 0 ? undefined : firstCode[low - 1] + at;
  }

  /** Views, in the order of the codes. Each page is fetched once, some at a time. */
  async bytes(codes: Uint32Array): Promise<Uint8Array[]> {
    const { firstCode } = this.#columns.footer.pages;
    const found: Uint8Array[] = Array.from({ length: codes.length });
    const order = Array.from(codes.keys()).sort((a, b) => codes[a] - codes[b]);
    for (let i = 0; i < order.length;) {
      const indexes: number[] = [];
      for (let k = i; k < order.length && indexes.length < PAGES_AT_ONCE;) {
        const index = this.#pageOf(codes[order[k]]);
        indexes.push(index);
        while (k < order.length && codes[order[k]] < firstCode[index + 1]) k++;
      }
      for (const [at, page] of (await this.#columns.pages(indexes)).entries()) {
        const index = indexes[at];
        for (; i < order.length && codes[order[i]] < firstCode[index + 1]; i++)
          found[order[i]] = page.bytes(codes[order[i]] - firstCode[index]);
      }
    }
    return found;
  }

  /** The pages that hold any of the codes, which are ascending. */
  async *pages(codes: Uint32Array): AsyncGenerator<StringPage> {
    const { firstCode } = this.#columns.footer.pages;
    for (let i = 0; i < codes.length;) {
      const index = this.#pageOf(codes[i]);
      const [{ packed: bytes, offset, count }] = await this.#columns.pages([index]);
      yield { firstCode: firstCode[index], count, offset, bytes };
      while (i < codes.length && codes[i] < firstCode[index + 1]) i++;
    }
  }

  #pageOf(code: number): number {
    const { firstCode } = this.#columns.footer.pages;
    let low = 0;
    let high = firstCode.length - 2;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (firstCode[middle] <= code) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
