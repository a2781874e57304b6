import { ValueType } from '@spoor/model';
import type { AttributeColumn, ColumnSource } from '@spoor/store';
import { attribute, type Field, fieldLevel } from '@spoor/traceql';
import { decodingOf, hasCodes, valuesOfCodes } from './code-verdicts.ts';
import { attributeGroups } from './field-attribute.ts';
import { type BlockRows, firstItemReader } from './field-numbers.ts';
import { numberField } from './field-number.ts';
import { fieldTable } from './field-table.ts';
import { fieldReader } from './field-test.ts';
import { isNumeric, type Value } from './value.ts';

/** Gives a field's number for each of the rows, only to be read; NaN where there is none. Durations are nanoseconds. */
export type FieldAmounts = (block: BlockRows) => Promise<Float64Array>;

/** Binds a field to a source's columns, for what is calculated with. */
export async function fieldAmounts(source: ColumnSource, field: Field): Promise<FieldAmounts> {
  if (fieldLevel(field) !== 'span') {
    const firstOf = await firstItemReader(source, field);
    return async ({ scan, rows }) => {
      const first = await firstOf(scan);
      return Float64Array.from(rows, (row) => amountOf(first(row)));
    };
  }
  if (field.kind === 'attribute' && field.scope === 'any') return anyAmounts(source, field.name);
  const ofTable = await tableAmounts(source, field);
  if (ofTable !== undefined) return ofTable;
  if (field.kind === 'attribute') return attributeAmounts(source, field.name);
  const number = field.kind === 'intrinsic' ? numberField(field) : undefined;
  if (number === undefined || field.name === 'span:kind' || field.name === 'span:status') {
    const reader = await fieldReader(source, field);
    return async ({ scan, rows }) => {
      const read = await reader(scan);
      return Float64Array.from(rows, (row) => amountOf(read(row)));
    };
  }
  return async ({ scan, rows }) => gatherAmounts(await number.load(scan), rows);
}

function amountOf(value: Value | undefined): number {
  return value !== undefined && isNumeric(value) ? Number(value.value) : Number.NaN;
}

function gatherAmounts(amounts: ArrayLike<number>, rows: Uint32Array): Float64Array {
  if (rows.length === amounts.length && amounts instanceof Float64Array) return amounts;
  const out = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) out[i] = amounts[rows[i]]!;
  return out;
}

async function tableAmounts(source: ColumnSource, field: Field): Promise<FieldAmounts | undefined> {
  const table = await fieldTable(source, field);
  if (table === undefined) return undefined;
  const amounts = Float64Array.from(table.values, amountOf);
  return async ({ scan, rows }) => {
    const pointers = await scan.words(table.pointer);
    const out = new Float64Array(rows.length);
    for (let i = 0; i < rows.length; i++) out[i] = amounts[pointers[rows[i]]]!;
    return out;
  };
}

async function anyAmounts(source: ColumnSource, name: string): Promise<FieldAmounts> {
  const ofResource = (await tableAmounts(source, attribute('resource', name)))!;
  const ofSpan = await spanAmounts(source, name);
  if (ofSpan === undefined) return ofResource;
  return async (block) => {
    const { amounts, decided } = await ofSpan(block);
    const { rows } = block;
    const out = await ofResource(block);
    for (let i = 0; i < rows.length; i++) if (decided[rows[i]] === 1) out[i] = amounts[rows[i]]!;
    return out;
  };
}

async function attributeAmounts(source: ColumnSource, name: string): Promise<FieldAmounts> {
  const ofSpan = await spanAmounts(source, name);
  if (ofSpan === undefined) return async ({ rows }) => new Float64Array(rows.length).fill(Number.NaN);
  return async (block) => gatherAmounts((await ofSpan(block)).amounts, block.rows);
}

/** Of all rows of the block; 1 for those whose span has the attribute, be it a number or not. */
type SpanAmounts = (block: BlockRows) => Promise<{ readonly amounts: Float64Array; readonly decided: Uint8Array }>;

async function spanAmounts(source: ColumnSource, name: string): Promise<SpanAmounts | undefined> {
  const columns = attributeGroups(source, 'span', name).flat();
  if (columns.length === 0) return undefined;
  const loaders: ColumnAmounts[] = [];
  for (const column of columns) loaders.push(await columnAmounts(source, column));
  return async (block) => {
    const amounts = new Float64Array(block.scan.rowCount).fill(Number.NaN);
    const decided = new Uint8Array(block.scan.rowCount);
    for (const load of loaders) {
      const { rows, numbers } = await load(block);
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i];
        if (decided[row] === 1) continue;
        decided[row] = 1;
        if (numbers !== undefined) amounts[row] = numbers[i]!;
      }
    }
    return { amounts, decided };
  };
}

/** Without `numbers` the column's values are none. */
type ColumnAmounts = (
  block: BlockRows,
) => Promise<{ readonly rows: Uint32Array; readonly numbers: ArrayLike<number> | undefined }>;

async function columnAmounts(source: ColumnSource, column: AttributeColumn): Promise<ColumnAmounts> {
  if (!hasCodes(column)) {
    const isNumber = column.type === ValueType.int || column.type === ValueType.double;
    return async ({ scan }) => {
      const { rows, numbers } = await scan.attribute(column);
      return { rows, numbers: isNumber ? numbers : undefined };
    };
  }
  const isLong = column.type === ValueType.bigInt;
  const dictionary = isLong ? await source.dictionary(column) : undefined;
  return async ({ scan }) => {
    const { rows, codes } = await scan.attribute(column);
    if (!isLong || codes === undefined) return { rows, numbers: undefined };
    const sourceCodes = dictionary === undefined ? codes : codes.map((code) => dictionary[code]);
    const values = await valuesOfCodes(source, sourceCodes, decodingOf(column.type));
    return { rows, numbers: values.map(amountOf) };
  };
}
