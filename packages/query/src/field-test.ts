import type { ColumnSource } from '@spoor/store';
import { type Field, fieldLevel } from '@spoor/traceql';
import type { BlockScan } from './block-scan.ts';
import type { ColumnTest } from './column-test.ts';
import { anyTest } from './field-any.ts';
import { attributeGroups, attributeTest, attributeValues } from './field-attribute.ts';
import { numberField, numberTest } from './field-number.ts';
import { spanIdField, spanIdTest, spanIdValues } from './field-span-id.ts';
import { fieldTable, tableTest } from './field-table.ts';
import { textField, textTest, textValues } from './field-text.ts';
import type { TurnTaker } from './turn-taker.ts';
import type { Value } from './value.ts';
import type { ValueTest } from './value-test.ts';

/** Binds a test of a field to a source's columns. */
export async function fieldTest(
  source: ColumnSource,
  field: Field,
  test: ValueTest,
  turns: TurnTaker,
): Promise<ColumnTest> {
  const ofTable = await tableTest(source, field, test, turns);
  if (ofTable !== undefined) return ofTable;
  if (field.kind === 'attribute') {
    return field.scope === 'any'
      ? anyTest(source, field.name, test, turns)
      : attributeTest(source, columnLevel(field), field.name, test, turns);
  }
  const text = textField(field);
  if (text !== undefined) return textTest(source, text, test, turns);
  const id = spanIdField(field);
  if (id !== undefined) return spanIdTest(id, test);
  return numberTest(numberField(field)!, test);
}

/** Gives the field's value for each span, event or link of a block: for expressions computed row by row. */
export type FieldReader = (scan: BlockScan) => Promise<(index: number) => Value | undefined>;

export async function fieldReader(source: ColumnSource, field: Field): Promise<FieldReader> {
  if (field.kind === 'attribute' && field.scope === 'any') return anyReader(source, field.name);
  const table = await fieldTable(source, field);
  if (table !== undefined) {
    return async (scan) => {
      const pointers = await scan.words(table.pointer);
      return (index) => table.values[pointers[index]];
    };
  }
  if (field.kind === 'attribute') return attributeReader(source, field);
  const text = textField(field);
  if (text !== undefined) return listReader((scan) => textValues(scan, text));
  const id = spanIdField(field);
  if (id !== undefined) return listReader((scan) => spanIdValues(scan, id));
  const { load, wrap } = numberField(field)!;
  return async (scan) => {
    const numbers = await load(scan);
    return (index) => wrap(numbers[index]);
  };
}

function listReader(load: (scan: BlockScan) => Promise<readonly (Value | undefined)[]>): FieldReader {
  return async (scan) => {
    const values = await load(scan);
    return (index) => values[index];
  };
}

function attributeReader(source: ColumnSource, field: Extract<Field, { kind: 'attribute' }>): FieldReader {
  const level = columnLevel(field);
  const groups = attributeGroups(source, level, field.name);
  // A shorter list reads as undefined past its end, so the count of a block's events need not be known here.
  return listReader((scan) => attributeValues(scan, groups, level === 'span' ? scan.rowCount : 0));
}

async function anyReader(source: ColumnSource, name: string): Promise<FieldReader> {
  const ofSpan = attributeReader(source, { kind: 'attribute', scope: 'span', name });
  const ofResource = await fieldReader(source, { kind: 'attribute', scope: 'resource', name });
  return async (scan) => {
    const span = await ofSpan(scan);
    const resource = await ofResource(scan);
    return (index) => span(index) ?? resource(index);
  };
}

function columnLevel(field: Field): 'span' | 'event' | 'link' {
  return fieldLevel(field);
}
