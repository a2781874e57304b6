import type { TraceId } from '@spoor/model';
import { type ColumnSource, NO_ROW } from '@spoor/store';
import type { AttributeField, Field, IntrinsicField } from '@spoor/traceql';
import { BlockScan } from './block-scan.ts';
import { alwaysTest, type ColumnTest, neverTest, testCosts } from './column-test.ts';
import { joinWords } from './long-words.ts';
import { acceptsOf } from './code-verdicts.ts';
import type { TurnTaker } from './turn-taker.ts';
import { attributeValue, type Value } from './value.ts';
import type { ValueTest } from './value-test.ts';

/**
 * Fields that spans share through a side table: a resource's, a scope's, a trace's. A test is evaluated once per row
 * of the table; a block's spans are then looked up by the word that points into it.
 */
export interface FieldTable {
  readonly pointer: 'resource' | 'scope' | 'traceRow';
  readonly values: readonly (Value | undefined)[];
}

/** `undefined` when the field is not of a side table. */
export async function fieldTable(source: ColumnSource, field: Field): Promise<FieldTable | undefined> {
  return field.kind === 'attribute' ? attributeTable(source, field) : intrinsicTable(source, field);
}

async function attributeTable(source: ColumnSource, { scope, name }: AttributeField): Promise<FieldTable | undefined> {
  if (scope === 'resource') {
    const resources = await source.resources();
    return { pointer: 'resource', values: resources.map((resource) => attributeValue(resource.attributes, name)) };
  }
  if (scope === 'instrumentation') {
    const scopes = await source.scopes();
    return { pointer: 'scope', values: scopes.map((each) => attributeValue(each.attributes, name)) };
  }
  return undefined;
}

async function intrinsicTable(source: ColumnSource, field: IntrinsicField): Promise<FieldTable | undefined> {
  switch (field.name) {
    case 'instrumentation:name':
      return { pointer: 'scope', values: (await source.scopes()).map((scope) => text(scope.name)) };
    case 'instrumentation:version':
      return { pointer: 'scope', values: (await source.scopes()).map((scope) => text(scope.version)) };
    case 'trace:id': {
      const ids = await source.traceIds(Uint32Array.from({ length: source.traceCount }, (_, row) => row));
      return { pointer: 'traceRow', values: ids.map(text) };
    }
    case 'trace:duration':
      return { pointer: 'traceRow', values: await traceDurations(source) };
    case 'trace:rootName':
      return { pointer: 'traceRow', values: await rootNames(source) };
    case 'trace:rootService':
      return { pointer: 'traceRow', values: await rootServices(source) };
    default:
      return undefined;
  }
}

function text(value: string): Value {
  return { type: 'string', value };
}

async function traceDurations(source: ColumnSource): Promise<Value[]> {
  const { startLow, startHigh, endLow, endHigh } = await source.traces();
  return Array.from(startLow, (_, row) => {
    const nano = joinWords(endLow[row], endHigh[row]) - joinWords(startLow[row], startHigh[row]);
    return { type: 'duration', value: Math.max(0, Number(nano)) };
  });
}

/** A trace without root has the empty string, as a root without `service.name` has. */
async function rootServices(source: ColumnSource): Promise<Value[]> {
  const services = await servicesOf(source);
  const { rootRow } = await source.traces();
  const pointers = await wordsOfRows(source, 'resource', rootRow);
  return Array.from(rootRow, (row, trace) => (row === NO_ROW ? text('') : services[pointers[trace]]));
}

/** By resource, what a trace says whose root has it. */
export async function servicesOf(source: ColumnSource): Promise<readonly Value[]> {
  const resources = await source.resources();
  return resources.map((resource) => attributeValue(resource.attributes, 'service.name') ?? text(''));
}

async function rootNames(source: ColumnSource): Promise<Value[]> {
  const { rootRow } = await source.traces();
  const codes = await wordsOfRows(source, 'name', rootRow);
  const distinct = Uint32Array.from(new Set(codes));
  const dictionary = await source.dictionary('name');
  const names = await source.strings(dictionary === undefined ? distinct : distinct.map((code) => dictionary[code]));
  const nameOf = new Map(Array.from(distinct, (code, i) => [code, text(names[i])]));
  return Array.from(rootRow, (row, trace) => (row === NO_ROW ? text('') : nameOf.get(codes[trace])!));
}

/** One column at given rows, of which those that are one ascend; 0 for {@link NO_ROW}. Each block is fetched once. */
export async function wordsOfRows(
  source: ColumnSource,
  column: 'resource' | 'name' | 'template',
  rows: Uint32Array,
): Promise<Uint32Array> {
  const found = new Uint32Array(rows.length);
  for (let i = 0; i < rows.length;) {
    if (rows[i] === NO_ROW) {
      i++;
      continue;
    }
    const scan = new BlockScan(source, Math.floor(rows[i] / source.blockRows));
    const words = await scan.words(column);
    const end = scan.firstRow + scan.rowCount;
    for (; i < rows.length && (rows[i] < end || rows[i] === NO_ROW); i++) {
      if (rows[i] !== NO_ROW) found[i] = words[rows[i] - scan.firstRow]!;
    }
  }
  return found;
}

export async function tableTest(
  source: ColumnSource,
  field: Field,
  test: ValueTest,
  turns: TurnTaker,
): Promise<ColumnTest | undefined> {
  if (field.kind === 'intrinsic' && field.name === 'trace:id' && test.text?.excludes === false) {
    return traceIdTest(source, test.text.value);
  }
  const table = await fieldTable(source, field);
  return table === undefined ? undefined : pointerTest(table.pointer, await acceptsOf(table.values, test, turns));
}

function pointerTest(pointer: FieldTable['pointer'], verdicts: Uint8Array): ColumnTest {
  if (!verdicts.includes(1)) return neverTest('span');
  if (!verdicts.includes(0)) return alwaysTest('span');
  return {
    level: 'span',
    promise: undefined,
    cost: testCosts.table,
    async rows(scan, within) {
      const pointers = await scan.words(pointer);
      const out = new Uint8Array(within.length);
      for (let i = 0; i < out.length; i++) out[i] = verdicts[pointers[i]] & within[i];
      return out;
    },
  };
}

/** The source's own index finds the rows: nothing is scanned. */
async function traceIdTest(source: ColumnSource, id: string): Promise<ColumnTest> {
  const rows = await source.findTrace(id as TraceId);
  if (rows.length === 0) return neverTest('span');
  return {
    level: 'span',
    promise: undefined,
    cost: 0,
    async rows(scan, within) {
      const out = new Uint8Array(within.length);
      for (const row of rows) {
        const i = row - scan.firstRow;
        if (i >= 0 && i < out.length) out[i] = within[i]!;
      }
      return out;
    },
  };
}
