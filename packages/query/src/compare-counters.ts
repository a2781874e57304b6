import type { AttributeBlock, AttributeColumn, CodedColumn, ColumnSource } from '@spoor/store';
import { type CodeDecoding, decodingOf, hasCodes, valuesOfCodes } from './code-verdicts.ts';
import type { BlockBins, CompareAttribute } from './compare-attribute.ts';
import { wrapOf } from './field-attribute.ts';
import type { NumberField } from './field-number.ts';
import type { TextField } from './field-text.ts';
import type { Value } from './value.ts';

/** Counts one block's values of an attribute. */
export type BlockCounter = (block: BlockBins) => Promise<void>;

/** Codes whose values are looked up when first met. */
class CodeCounter {
  readonly #attribute: CompareAttribute;
  readonly #resolve: (codes: Uint32Array) => Promise<readonly (Value | undefined)[]>;
  #known = new Uint32Array(1024);

  constructor(attribute: CompareAttribute, resolve: (codes: Uint32Array) => Promise<readonly (Value | undefined)[]>) {
    this.#attribute = attribute;
    this.#resolve = resolve;
  }

  async add(block: BlockBins, codes: ArrayLike<number>, rows: Uint32Array | undefined): Promise<void> {
    if (this.#attribute.isOver) return;
    const unknown = this.#attribute.addCodes(block, codes, rows, this.#known);
    if (unknown.length === 0) return;
    const left = new Uint32Array(unknown.length);
    const leftRows = new Uint32Array(unknown.length);
    for (let i = 0; i < left.length; i++) {
      left[i] = codes[unknown[i]]!;
      leftRows[i] = rows === undefined ? unknown[i] : rows[unknown[i]];
    }
    await this.#learn(Uint32Array.from(new Set(left)));
    if (!this.#attribute.isOver) this.#attribute.addCodes(block, left, leftRows, this.#known);
  }

  async #learn(codes: Uint32Array): Promise<void> {
    const most = codes.reduce((a, b) => Math.max(a, b), 0);
    if (most >= this.#known.length) {
      const larger = new Uint32Array(Math.max(most + 1, 2 * this.#known.length));
      larger.set(this.#known);
      this.#known = larger;
    }
    const values = await this.#resolve(codes);
    for (let i = 0; i < codes.length && !this.#attribute.isOver; i++) {
      this.#known[codes[i]] = 1 + this.#attribute.numberOf(values[i]);
    }
  }
}

/** Counts an attribute's values of one block, as a column of its own has them. */
export type ColumnCounter = (block: BlockBins, values: AttributeBlock) => Promise<void>;

export function columnCounter(
  source: ColumnSource,
  column: AttributeColumn,
  attribute: CompareAttribute,
): ColumnCounter {
  if (!hasCodes(column)) {
    const amounts = attribute.amountNumbers(wrapOf(column.type));
    return async (block, { rows, numbers }) => attribute.addAmounts(block, numbers!, rows, amounts);
  }
  const counter = new CodeCounter(attribute, codeResolver(source, column, decodingOf(column.type)));
  return (block, { rows, codes }) => counter.add(block, codes!, rows);
}

export function textCounter(
  source: ColumnSource,
  { column, decoding }: TextField,
  attribute: CompareAttribute,
): BlockCounter {
  const counter = new CodeCounter(attribute, codeResolver(source, column, decoding));
  return async (block) => {
    if (!attribute.isOver) await counter.add(block, await block.scan.words(column), undefined);
  };
}

/** Strings of a dictionary that are read at once: few of them, page by page, would be asked for in nearly every block. */
const WHOLE_DICTIONARY_MAX = 1024;

/** Values of what the column's blocks hold. */
export function codeResolver(
  source: ColumnSource,
  column: CodedColumn | AttributeColumn,
  decoding: CodeDecoding,
): (codes: Uint32Array) => Promise<readonly Value[]> {
  let whole: readonly Value[] | undefined;
  return async (codes) => {
    if (whole === undefined) {
      const dictionary = await source.dictionary(column);
      if (dictionary === undefined) return valuesOfCodes(source, codes, decoding);
      if (dictionary.length > WHOLE_DICTIONARY_MAX) {
        return valuesOfCodes(
          source,
          codes.map((code) => dictionary[code]),
          decoding,
        );
      }
      whole = await valuesOfCodes(source, dictionary, decoding);
    }
    return Array.from(codes, (code) => whole![code]);
  };
}

export function numberCounter({ load, wrap }: NumberField, attribute: CompareAttribute): BlockCounter {
  const numbers = attribute.amountNumbers(wrap);
  return async (block) => {
    if (!attribute.isOver) attribute.addAmounts(block, await load(block.scan), undefined, numbers);
  };
}
