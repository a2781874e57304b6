import type { AttributeBlock, AttributeColumn, ColumnSource, NumberColumn, WordColumn } from '@spoor/store';

/** One block of a source while a plan runs over it: fetches a column when it is first asked for, and once. */
export class BlockScan {
  readonly source: ColumnSource;
  readonly index: number;
  readonly firstRow: number;
  readonly rowCount: number;
  readonly #signal: AbortSignal | undefined;
  readonly #words = new Map<WordColumn, Uint32Array | Int32Array>();
  readonly #numbers = new Map<NumberColumn, Float64Array>();
  readonly #attributes = new Map<AttributeColumn, AttributeBlock>();
  #varyingBytes = 0;

  constructor(source: ColumnSource, index: number, signal?: AbortSignal) {
    this.source = source;
    this.index = index;
    this.firstRow = index * source.blockRows;
    this.rowCount = Math.min(source.blockRows, source.rowCount - this.firstRow);
    this.#signal = signal;
  }

  /** Of the columns that were asked for. */
  get fetchedBytes(): number {
    let bytes = this.#varyingBytes;
    for (const words of this.#words.values()) bytes += words.byteLength;
    for (const numbers of this.#numbers.values()) bytes += numbers.byteLength;
    for (const attribute of this.#attributes.values()) bytes += bytesOf(attribute);
    return bytes;
  }

  async words(column: WordColumn): Promise<Uint32Array | Int32Array> {
    let words = this.#words.get(column);
    if (words === undefined) {
      const block = await this.source.block(this.index, { words: [column] }, this.#signal);
      words = block.words(column);
      this.#words.set(column, words);
    }
    return words;
  }

  async numbers(column: NumberColumn): Promise<Float64Array> {
    let numbers = this.#numbers.get(column);
    if (numbers === undefined) {
      const block = await this.source.block(this.index, { numbers: [column] }, this.#signal);
      numbers = block.numbers(column);
      this.#numbers.set(column, numbers);
    }
    return numbers;
  }

  /** What rows do not share with their template, of each of the columns. One by one, each would be a read of its own. */
  async varying(columns: readonly AttributeColumn[]): Promise<readonly AttributeBlock[]> {
    const block = await this.source.block(this.index, { varying: columns }, this.#signal);
    const found = columns.map((column) => block.varying(column));
    for (const each of found) this.#varyingBytes += bytesOf(each);
    return found;
  }

  async attribute(column: AttributeColumn): Promise<AttributeBlock> {
    let attribute = this.#attributes.get(column);
    if (attribute === undefined) {
      const block = await this.source.block(this.index, { attributes: [column] }, this.#signal);
      attribute = block.attribute(column);
      this.#attributes.set(column, attribute);
    }
    return attribute;
  }
}

function bytesOf({ rows, codes, numbers }: AttributeBlock): number {
  return rows.byteLength + (codes?.byteLength ?? 0) + (numbers?.byteLength ?? 0);
}

export function blockCountOf(source: ColumnSource): number {
  return Math.ceil(source.rowCount / source.blockRows);
}
