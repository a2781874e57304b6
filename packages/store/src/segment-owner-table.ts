import { type ValueType, assert } from '@spoor/model';
import type { ByteReader, ByteWriter } from './column-bytes.ts';
import { decodeNumbers, encodeNumbers } from './column-numbers.ts';
import { decodeWords, encodeWords } from './column-words.ts';

/** Resources or scopes: some words each (codes of their strings, the dropped count), and an attribute set. */
export interface OwnerTable {
  readonly count: number;
  /** `words[f][row]` */
  readonly words: readonly Uint32Array[];
  /** attributes of row r: start[r] … start[r + 1] */
  readonly start: Uint32Array;
  readonly keys: Uint32Array;
  readonly types: Uint32Array;
  readonly values: Float64Array;
}

/** Numbers owners by what they hold, so that the same resource from several tables is one. */
export class OwnerTableBuilder {
  readonly #rowOf = new Map<string, number>();
  readonly #rows: {
    words: readonly number[];
    keys: readonly number[];
    types: readonly ValueType[];
    values: readonly number[];
  }[] = [];

  add(
    words: readonly number[],
    keys: readonly number[],
    types: readonly ValueType[],
    values: readonly number[],
  ): number {
    const name = `${words.join()};${keys.join()};${types.join()};${values.map((value) => (Object.is(value, -0) ? '-0' : value)).join()}`;
    let row = this.#rowOf.get(name);
    if (row === undefined) {
      this.#rowOf.set(name, (row = this.#rows.length));
      this.#rows.push({ words, keys, types, values });
    }
    return row;
  }

  finish(wordCount: number): OwnerTable {
    const rows = this.#rows;
    assert(
      rows.every(({ words }) => words.length === wordCount),
      'owners of one table have the same words',
    );
    const start = new Uint32Array(rows.length + 1);
    for (const [row, { keys }] of rows.entries()) start[row + 1] = start[row] + keys.length;
    return {
      count: rows.length,
      words: Array.from({ length: wordCount }, (_, f) => Uint32Array.from(rows, ({ words }) => words[f])),
      start,
      keys: Uint32Array.from(rows.flatMap(({ keys }) => keys)),
      types: Uint32Array.from(rows.flatMap(({ types }) => types)),
      values: Float64Array.from(rows.flatMap(({ values }) => values)),
    };
  }
}

/** count:varint  word columns:words*  lengths:words  keys:words  types:words  values:numbers */
export function encodeOwners(out: ByteWriter, table: OwnerTable): void {
  out.varint(table.count);
  for (const words of table.words) encodeWords(out, words);
  encodeWords(
    out,
    table.start.subarray(1).map((end, row) => end - table.start[row]),
  );
  encodeWords(out, table.keys);
  encodeWords(out, table.types);
  encodeNumbers(out, table.values);
}

export function decodeOwners(input: ByteReader, wordCount: number): OwnerTable {
  const count = input.varint();
  const words = Array.from({ length: wordCount }, () => decodeWords(input, count));
  const lengths = decodeWords(input, count);
  const start = new Uint32Array(count + 1);
  for (let row = 0; row < count; row++) start[row + 1] = start[row] + lengths[row];
  const total = start[count];
  return {
    count,
    words,
    start,
    keys: decodeWords(input, total),
    types: decodeWords(input, total),
    values: decodeNumbers(input, total),
  };
}
