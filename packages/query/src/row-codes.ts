import { type AttributeColumn, type CodedColumn, type ColumnSource, NO_ROW } from '@spoor/store';
import { attribute, type AttributeField, type Field, fieldLevel } from '@spoor/traceql';
import type { BlockScan } from './block-scan.ts';
import { type CodeDecoding, decodingOf, hasCodes, valuesOfCodes } from './code-verdicts.ts';
import { attributeGroups, wrapOf } from './field-attribute.ts';
import { numberField } from './field-number.ts';
import { type FieldTable, fieldTable } from './field-table.ts';
import { textField } from './field-text.ts';
import type { NumberWrap, Numbers } from './number-verdicts.ts';
import { type RowExpression, rowValues } from './row-expression.ts';
import type { RowMask } from './row-mask.ts';
import { MISSING, type ValueCodes } from './value-codes.ts';

/** Gives the code of an expression's value by row of a block; the entries of rows that are not asked for mean nothing. */
export type CodeReader = (scan: BlockScan, rows: RowMask) => Promise<Uint32Array>;

/** Binds an expression to a source: what columns hold as codes is made a value once per distinct code, not per row. */
export async function codeReader(
  source: ColumnSource,
  expression: RowExpression,
  values: ValueCodes,
): Promise<CodeReader> {
  const { field } = expression;
  return (
    (field !== undefined && fieldLevel(field) === 'span' ? await fieldCodes(source, field, values) : undefined) ??
    computedCodes(expression, values)
  );
}

async function fieldCodes(source: ColumnSource, field: Field, values: ValueCodes): Promise<CodeReader | undefined> {
  const table = await fieldTable(source, field);
  if (table !== undefined) return tableCodes(table, values);
  if (field.kind === 'attribute') return attributeCodes(source, field, values);
  const text = textField(field);
  if (text !== undefined) {
    const codes = new ColumnCodes(source, text.column, text.decoding, values);
    return async (scan, rows) => codes.ofRows(await scan.words(text.column), rows);
  }
  const number = numberField(field);
  if (number === undefined) return undefined;
  return async (scan, rows) => numberCodes(await number.load(scan), number.wrap, rows, values);
}

function computedCodes(expression: RowExpression, values: ValueCodes): CodeReader {
  return async (scan, rows) => {
    const valueOf = await rowValues(scan, expression);
    const codes = new Uint32Array(scan.rowCount);
    for (let i = 0; i < codes.length; i++) if (rows[i] === 1) codes[i] = values.codeOf(valueOf(i));
    return codes;
  };
}

function tableCodes(table: FieldTable, values: ValueCodes): CodeReader {
  const known = new Uint32Array(table.values.length).fill(NO_ROW);
  return async (scan, rows) => {
    const pointers = await scan.words(table.pointer);
    const codes = new Uint32Array(scan.rowCount);
    for (let i = 0; i < codes.length; i++) {
      if (rows[i] === 0) continue;
      const pointer = pointers[i];
      let code = known[pointer];
      if (code === NO_ROW) known[pointer] = code = values.codeOf(table.values[pointer]);
      codes[i] = code;
    }
    return codes;
  };
}

/** Equal numbers often follow each other, and kinds and statuses are few: the last one's code is kept at hand. */
function numberCodes(numbers: Numbers, wrap: NumberWrap, rows: RowMask, values: ValueCodes): Uint32Array {
  const codes = new Uint32Array(rows.length);
  // Of statuses and kinds equality is not that of numbers.
  const isNumber = wrap(0).type !== 'status' && wrap(0).type !== 'kind';
  const few = new Uint32Array(FEW).fill(NO_ROW);
  const make = (number: number): number => (isNumber ? values.ofNumber(number, wrap) : values.codeOf(wrap(number)));
  for (let i = 0; i < codes.length; i++) {
    if (rows[i] === 0) continue;
    const number = numbers[i];
    if (number >= 0 && number < FEW && (number | 0) === number) {
      if (few[number] === NO_ROW) few[number] = make(number);
      codes[i] = few[number];
    } else codes[i] = make(number);
  }
  return codes;
}

const FEW = 256;

/** Of the columns that may hold it the first that has the row decides; the unscoped attribute may be the resource's. */
async function attributeCodes(source: ColumnSource, field: AttributeField, values: ValueCodes): Promise<CodeReader> {
  const columns = attributeGroups(source, 'span', field.name)
    .flat()
    .map((column) => ({ column, codes: new ColumnCodes(source, column, decodingOf(column.type), values) }));
  const ofResource =
    field.scope === 'any'
      ? tableCodes((await fieldTable(source, attribute('resource', field.name)))!, values)
      : undefined;
  return async (scan, rows) => {
    const found = new Uint32Array(scan.rowCount);
    for (const { column, codes } of columns) await codes.fillAttribute(scan, column, rows, found);
    if (ofResource === undefined) return found;
    const resource = await ofResource(scan, rows);
    for (let i = 0; i < found.length; i++) if (found[i] === MISSING) found[i] = resource[i];
    return found;
  };
}

/** What the codes of one column are as codes of values: found out when a row that is asked for has them. */
class ColumnCodes {
  readonly #source: ColumnSource;
  readonly #column: CodedColumn | AttributeColumn;
  readonly #decoding: CodeDecoding;
  readonly #values: ValueCodes;
  /** {@link MISSING} where it is not known yet: no stored value is missing */
  #known = new Uint32Array(1024);

  constructor(source: ColumnSource, column: CodedColumn | AttributeColumn, decoding: CodeDecoding, values: ValueCodes) {
    this.#source = source;
    this.#column = column;
    this.#decoding = decoding;
    this.#values = values;
  }

  async ofRows(codes: ArrayLike<number>, rows: RowMask): Promise<Uint32Array> {
    await this.#learn(codes, undefined, rows);
    const found = new Uint32Array(rows.length);
    for (let i = 0; i < found.length; i++) if (rows[i] === 1) found[i] = this.#known[codes[i]];
    return found;
  }

  /** Fills in the rows that have the attribute and no code so far. */
  async fillAttribute(scan: BlockScan, column: AttributeColumn, rows: RowMask, found: Uint32Array): Promise<void> {
    const block = await scan.attribute(column);
    if (!hasCodes(column)) {
      const wrap = wrapOf(column.type);
      for (let i = 0; i < block.rows.length; i++) {
        const row = block.rows[i];
        if (rows[row] === 1 && found[row] === MISSING) found[row] = this.#values.codeOf(wrap(block.numbers![i]));
      }
      return;
    }
    const codes = block.codes!;
    await this.#learn(codes, block.rows, rows);
    for (let i = 0; i < codes.length; i++) {
      const row = block.rows[i];
      if (rows[row] === 1 && found[row] === MISSING) found[row] = this.#known[codes[i]];
    }
  }

  async #learn(codes: ArrayLike<number>, rowOf: Uint32Array | undefined, rows: RowMask): Promise<void> {
    const unknown = new Set<number>();
    for (let i = 0; i < codes.length; i++) {
      const code = codes[i];
      if (code >= this.#known.length) this.#grow(code + 1);
      if (this.#known[code] === MISSING && rows[rowOf === undefined ? i : rowOf[i]] === 1) unknown.add(code);
    }
    if (unknown.size === 0) return;
    const asked = Uint32Array.from(unknown);
    const dictionary = await this.#source.dictionary(this.#column);
    const sourceCodes = dictionary === undefined ? asked : asked.map((code) => dictionary[code]);
    const learnt = await valuesOfCodes(this.#source, sourceCodes, this.#decoding);
    for (let i = 0; i < asked.length; i++) this.#known[asked[i]] = this.#values.codeOf(learnt[i]);
  }

  #grow(length: number): void {
    const larger = new Uint32Array(Math.max(length, 2 * this.#known.length));
    larger.set(this.#known);
    this.#known = larger;
  }
}
