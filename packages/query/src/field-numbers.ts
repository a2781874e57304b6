import type { AttributeColumn, ColumnSource } from '@spoor/store';
import { attribute, type Field, fieldLevel } from '@spoor/traceql';
import type { BlockScan } from './block-scan.ts';
import { decodingOf, hasCodes, valuesOfCodes } from './code-verdicts.ts';
import { attributeGroups, type ColumnGroups, wrapOf } from './field-attribute.ts';
import { numberField } from './field-number.ts';
import { fieldTable } from './field-table.ts';
import { fieldReader } from './field-test.ts';
import { textField } from './field-text.ts';
import type { RowMask } from './row-mask.ts';
import { gather, ScratchWords } from './scratch-words.ts';
import type { Value } from './value.ts';
import { AmountNumbers, CodeNumbers, MISSING, type ValueNumbering } from './value-numbers.ts';

/** Some spans of a block. */
export interface BlockRows {
  readonly scan: BlockScan;
  readonly mask: RowMask;
  /** the rows of the mask, ascending */
  readonly rows: Uint32Array;
}

/** @param rows  ascending */
export function withRows(scan: BlockScan, rows: Uint32Array): BlockRows {
  const mask = new Uint8Array(scan.rowCount);
  for (let i = 0; i < rows.length; i++) mask[rows[i]] = 1;
  return { scan, mask, rows };
}

/** Gives the number of a field's value for each of the rows, in an array that is valid until the next call. */
export type FieldNumbers = (block: BlockRows) => Promise<Uint32Array>;

/**
 * Binds a field to a source's columns: a value is looked at once, when its code is first met, and rows are numbers from
 * then on. Of events and links the first that has the field counts.
 */
export async function fieldNumbers(source: ColumnSource, field: Field, values: ValueNumbering): Promise<FieldNumbers> {
  if (fieldLevel(field) !== 'span') return firstItemNumbers(source, field, values);
  if (field.kind === 'attribute' && field.scope === 'any') return anyNumbers(source, field.name, values);
  const ofTable = await tableNumbers(source, field, values);
  if (ofTable !== undefined) return ofTable;
  if (field.kind === 'attribute') return attributeNumbers(source, attributeGroups(source, 'span', field.name), values);
  const text = textField(field);
  if (text !== undefined) {
    const numbers = await codeNumbers(source, text.column, text.decoding, values);
    const scratch = new ScratchWords();
    return async ({ scan, rows }) => {
      const codes = gather(await scan.words(text.column), rows, scratch.take(rows.length));
      await numbers.translate(codes);
      return codes;
    };
  }
  const number = numberField(field);
  if (number === undefined) return readNumbers(source, field, values);
  const numbers = new AmountNumbers(values, number.wrap);
  return async ({ scan, rows }) => {
    const amounts = await number.load(scan);
    const out = new Uint32Array(rows.length);
    for (let i = 0; i < rows.length; i++) out[i] = numbers.of(amounts[rows[i]]);
    return out;
  };
}

async function tableNumbers(
  source: ColumnSource,
  field: Field,
  values: ValueNumbering,
): Promise<FieldNumbers | undefined> {
  const table = await fieldTable(source, field);
  if (table === undefined) return undefined;
  const numbers = new CodeNumbers(values, async (rows) => Array.from(rows, (row) => table.values[row]));
  const scratch = new ScratchWords();
  return async ({ scan, rows }) => {
    const pointers = gather(await scan.words(table.pointer), rows, scratch.take(rows.length));
    await numbers.translate(pointers);
    return pointers;
  };
}

/** The unscoped `.name`: the span's attribute when it has one, else the resource's. */
async function anyNumbers(source: ColumnSource, name: string, values: ValueNumbering): Promise<FieldNumbers> {
  const ofResource = (await tableNumbers(source, attribute('resource', name), values))!;
  const groups = attributeGroups(source, 'span', name);
  if (groups.length === 0) return ofResource;
  const ofSpan = await attributeNumbers(source, groups, values);
  return async (block) => {
    const numbers = await ofSpan(block);
    const others = await ofResource(block);
    for (let i = 0; i < numbers.length; i++) if (numbers[i] === MISSING) numbers[i] = others[i]!;
    return numbers;
  };
}

async function attributeNumbers(
  source: ColumnSource,
  groups: ColumnGroups,
  values: ValueNumbering,
): Promise<FieldNumbers> {
  const columns: ColumnNumbers[] = [];
  for (const column of groups.flat()) columns.push(await columnNumbers(source, column, values));
  const scratch = new ScratchWords();
  return async (block) => {
    const ofRow = scratch.take(block.scan.rowCount).fill(MISSING);
    for (const addColumn of columns) await addColumn(block, ofRow);
    // In place: no row comes before its position.
    return gather(ofRow, block.rows, ofRow.subarray(0, block.rows.length));
  };
}

/** Fills in the rows that have a value in the column and no number yet. */
type ColumnNumbers = (block: BlockRows, ofRow: Uint32Array) => Promise<void>;

async function columnNumbers(
  source: ColumnSource,
  column: AttributeColumn,
  values: ValueNumbering,
): Promise<ColumnNumbers> {
  if (!hasCodes(column)) {
    const numbers = new AmountNumbers(values, wrapOf(column.type));
    return async ({ scan, mask }, ofRow) => {
      const block = await scan.attribute(column);
      const amounts = block.numbers!;
      for (let i = 0; i < amounts.length; i++) {
        const row = block.rows[i];
        if (mask[row] === 1 && ofRow[row] === MISSING) ofRow[row] = numbers.of(amounts[i]);
      }
    };
  }
  const numbers = await codeNumbers(source, column, decodingOf(column.type), values);
  const scratch = [new ScratchWords(), new ScratchWords()] as const;
  return async ({ scan, mask }, ofRow) => {
    const { rows, codes } = await scan.attribute(column);
    const places = scratch[0].take(rows.length);
    const picked = scratch[1].take(rows.length);
    let count = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      if (mask[row] === 0 || ofRow[row] !== MISSING) continue;
      places[count] = row;
      picked[count++] = codes![i]!;
    }
    await numbers.translate(picked.subarray(0, count));
    for (let i = 0; i < count; i++) ofRow[places[i]] = picked[i]!;
  };
}

async function codeNumbers(
  source: ColumnSource,
  column: Parameters<ColumnSource['dictionary']>[0],
  decoding: Parameters<typeof valuesOfCodes>[2],
  values: ValueNumbering,
): Promise<CodeNumbers> {
  const dictionary = await source.dictionary(column);
  const lastTexts = decoding === 'string' && dictionary !== undefined ? values.lastTexts : undefined;
  return new CodeNumbers(
    values,
    (codes) =>
      valuesOfCodes(source, dictionary === undefined ? codes : codes.map((code) => dictionary[code]), decoding),
    await lastTexts?.surelyOthers(source, column, dictionary!),
  );
}

/** Ids: as many values as rows, so that there is nothing to remember. */
async function readNumbers(source: ColumnSource, field: Field, values: ValueNumbering): Promise<FieldNumbers> {
  const reader = await fieldReader(source, field);
  return async ({ scan, rows }) => {
    const read = await reader(scan);
    return Uint32Array.from(rows, (row) => values.of(read(row)));
  };
}

async function firstItemNumbers(source: ColumnSource, field: Field, values: ValueNumbering): Promise<FieldNumbers> {
  const firstOf = await firstItemReader(source, field);
  return async ({ scan, rows }) => {
    const first = await firstOf(scan);
    return Uint32Array.from(rows, (row) => values.of(first(row)));
  };
}

/** Reads a span's first event or link that has the field. */
export async function firstItemReader(
  source: ColumnSource,
  field: Field,
): Promise<(scan: BlockScan) => Promise<(row: number) => Value | undefined>> {
  const starts = fieldLevel(field) === 'event' ? 'eventStart' : 'linkStart';
  const reader = await fieldReader(source, field);
  return async (scan) => {
    const start = await scan.words(starts);
    if (start[scan.rowCount] === 0) return () => undefined;
    const read = await reader(scan);
    return (row) => {
      for (let item = start[row]; item < start[row + 1]; item++) {
        const value = read(item);
        if (value !== undefined) return value;
      }
      return undefined;
    };
  };
}
