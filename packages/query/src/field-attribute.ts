import { type AttributeValue, attributeAliases, ValueType } from '@spoor/model';
import type { AttributeBlock, AttributeColumn, AttributeLevel, ColumnSource } from '@spoor/store';
import type { BlockScan } from './block-scan.ts';
import { ACCEPTED, type CodeVerdicts, codeVerdicts, decodingOf, hasCodes, valuesOfCodes } from './code-verdicts.ts';
import { alwaysTest, type ColumnTest, neverTest, testCosts } from './column-test.ts';
import { acceptNumbers, type NumberWrap, wrapBool, wrapDouble, wrapInt } from './number-verdicts.ts';
import type { RowMask } from './row-mask.ts';
import type { TurnTaker } from './turn-taker.ts';
import type { Value } from './value.ts';
import type { ValueTest } from './value-test.ts';

/**
 * The columns that may hold an attribute's value, by precedence: the name itself before its other spellings, and
 * of a repeated key the first occurrence. Within one group a row is in one column at most. Empty values are no values.
 */
export type ColumnGroups = readonly (readonly AttributeColumn[])[];

export function attributeGroups(source: ColumnSource, level: AttributeLevel, name: string): ColumnGroups {
  const columns = source.attributeColumns(level);
  const groups: AttributeColumn[][] = [];
  for (const spelling of attributeAliases(name)) {
    const byOccurrence: AttributeColumn[][] = [];
    for (const column of columns) {
      if (column.key !== spelling || column.type === ValueType.empty || column.valueCount === 0) continue;
      (byOccurrence[column.occurrence] ??= []).push(column);
    }
    for (const group of byOccurrence) if (group !== undefined) groups.push(group);
  }
  return groups;
}

/** Marks the rows that have the attribute. */
export async function markPresent(scan: BlockScan, groups: ColumnGroups, present: RowMask): Promise<void> {
  for (const group of groups) {
    for (const column of group) {
      const { rows } = await scan.attribute(column);
      for (let i = 0; i < rows.length; i++) present[rows[i]] = 1;
    }
  }
}

interface TestedColumn {
  readonly column: AttributeColumn;
  /** `undefined` for numbers that have to be looked at; otherwise `none` or `all` if the column has numbers */
  readonly verdicts: CodeVerdicts | undefined;
}

export async function attributeTest(
  source: ColumnSource,
  level: AttributeLevel,
  name: string,
  test: ValueTest,
  turns: TurnTaker,
): Promise<ColumnTest> {
  const groups = await testedGroups(source, attributeGroups(source, level, name), test, turns);
  if (groups.length === 0) return neverTest(level);
  if (level === 'span' && coversAllRows(source, groups)) return alwaysTest(level);
  return {
    level,
    promise: undefined,
    cost: testCosts.attribute + groups.length,
    rows: (scan, within) => testGroups(scan, groups, test, within),
  };
}

/** Binds the columns' verdicts and drops the groups that can decide nothing any more. */
async function testedGroups(
  source: ColumnSource,
  groups: ColumnGroups,
  test: ValueTest,
  turns: TurnTaker,
): Promise<TestedColumn[][]> {
  const tested: TestedColumn[][] = [];
  let useful = 0;
  for (const group of groups) {
    const columns: TestedColumn[] = [];
    for (const column of group) {
      columns.push({ column, verdicts: await columnVerdicts(source, column, test, turns) });
    }
    tested.push(columns);
    if (columns.some(({ verdicts }) => verdicts?.kind !== 'none')) useful = tested.length;
  }
  return tested.slice(0, useful);
}

async function columnVerdicts(
  source: ColumnSource,
  column: AttributeColumn,
  test: ValueTest,
  turns: TurnTaker,
): Promise<CodeVerdicts | undefined> {
  if (test.always === true) return { kind: 'all' };
  if (hasCodes(column)) return codeVerdicts(source, column, decodingOf(column.type), test, turns);
  return test.text === undefined ? undefined : { kind: 'none' };
}

function coversAllRows(source: ColumnSource, groups: readonly (readonly TestedColumn[])[]): boolean {
  const first = groups[0];
  return first.length === 1 && first[0].verdicts?.kind === 'all' && first[0].column.valueCount === source.rowCount;
}

async function testGroups(
  scan: BlockScan,
  groups: readonly (readonly TestedColumn[])[],
  test: ValueTest,
  within: RowMask,
): Promise<RowMask> {
  const out = new Uint8Array(within.length);
  // Rows decided by a group do not reach the next one.
  let open = within;
  for (let g = 0; g < groups.length; g++) {
    const isLast = g === groups.length - 1;
    const next = isLast ? open : open.slice();
    for (const { column, verdicts } of groups[g]) {
      if (isLast && verdicts?.kind === 'none') continue;
      const block = await scan.attribute(column);
      await acceptBlock(block, column, verdicts, test, open, out);
      if (!isLast) for (let i = 0; i < block.rows.length; i++) next[block.rows[i]] = 0;
    }
    open = next;
  }
  return out;
}

async function acceptBlock(
  block: AttributeBlock,
  column: AttributeColumn,
  verdicts: CodeVerdicts | undefined,
  test: ValueTest,
  within: RowMask,
  out: RowMask,
): Promise<void> {
  if (verdicts === undefined) acceptNumbers(block.numbers!, block.rows, wrapOf(column.type), test, within, out);
  else await acceptCodes(block.codes ?? block.rows, block.rows, verdicts, within, out);
}

/** Sets `out[rows[i]]` for each code that the verdicts accept, where `within` has the row. */
export async function acceptCodes(
  codes: ArrayLike<number>,
  rows: ArrayLike<number> | undefined,
  verdicts: CodeVerdicts,
  within: RowMask,
  out: RowMask,
): Promise<void> {
  switch (verdicts.kind) {
    case 'none':
      return;
    case 'all':
      for (let i = 0; i < codes.length; i++) {
        const row = rows === undefined ? i : rows[i];
        out[row] |= within[row];
      }
      return;
    case 'one': {
      const { code, excludes } = verdicts;
      for (let i = 0; i < codes.length; i++) {
        if ((codes[i] === code) === excludes) continue;
        const row = rows === undefined ? i : rows[i];
        out[row] |= within[row];
      }
      return;
    }
    case 'lookup': {
      const lookup = await verdicts.decide(codes);
      for (let i = 0; i < codes.length; i++) {
        if (lookup[codes[i]] !== ACCEPTED) continue;
        const row = rows === undefined ? i : rows[i];
        out[row] |= within[row];
      }
    }
  }
}

export function wrapOf(type: ValueType): NumberWrap {
  if (type === ValueType.bool) return wrapBool;
  return type === ValueType.int ? wrapInt : wrapDouble;
}

/** The attribute's values of a block's rows, for expressions that are computed row by row. */
export async function attributeValues(
  scan: BlockScan,
  groups: ColumnGroups,
  length: number,
): Promise<(Value | undefined)[]> {
  const values: (Value | undefined)[] = Array.from({ length });
  for (const group of groups) {
    for (const column of group) {
      const block = await scan.attribute(column);
      const wrap = wrapOf(column.type);
      const decoded = block.codes === undefined ? undefined : await decodeCodes(scan.source, column, block.codes);
      for (let i = 0; i < block.rows.length; i++) {
        values[block.rows[i]] ??= decoded === undefined ? wrap(block.numbers![i]) : decoded[i];
      }
    }
  }
  return values;
}

async function decodeCodes(
  source: ColumnSource,
  column: AttributeColumn,
  codes: Uint32Array,
): Promise<AttributeValue[]> {
  const dictionary = await source.dictionary(column);
  return valuesOfCodes(
    source,
    dictionary === undefined ? codes : codes.map((code) => dictionary[code]),
    decodingOf(column.type),
  );
}
