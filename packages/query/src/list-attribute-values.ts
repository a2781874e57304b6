import { attributeAliases, type AttributeValue, limits, type Resource, type Scope, ValueType } from '@spoor/model';
import type { AttributeBlock, AttributeColumn, AttributeLevel, ColumnSource } from '@spoor/store';
import { decodingOf, hasCodes, valuesOfCodes } from './code-verdicts.ts';
import { CodeFlags } from './code-flags.ts';
import type { QuerySources } from './query-sources.ts';
import type { SourceMemo } from './source-memo.ts';
import { mergeStrings, type StringList } from './string-merge.ts';
import type { AttributeValuesAnswer, AttributeValuesRequest } from './trace-store.ts';
import { TurnTaker } from './turn-taker.ts';
import {
  askedSources,
  asksForAll,
  flagged,
  forEachBlockAsked,
  itemsOfLevel,
  type RowsAsked,
  usedRows,
} from './used-rows.ts';
import { ValueEntries } from './value-entries.ts';

/**
 * Distinct values that an attribute has on spans in the range, under any of its spellings: booleans, integers, doubles,
 * strings, each sorted. Elements of arrays count; bytes and key-value lists are left out. `any` is the span's and the
 * resource's values together.
 */
export async function listAttributeValues(
  qs: QuerySources,
  request: AttributeValuesRequest,
  signal?: AbortSignal,
): Promise<AttributeValuesAnswer> {
  const turns = new TurnTaker(signal);
  const limit = Math.max(0, Math.min(request.limit, limits.namesMax));
  const found = new ValueEntries(limit);
  const texts: StringList[] = [];
  const spellings = new Set(attributeAliases(request.name));
  for await (const [source, asked] of askedSources(qs, request, turns)) {
    for (const scope of request.scope === 'any' ? (['span', 'resource'] as const) : [request.scope]) {
      if (scope === 'resource' || scope === 'instrumentation')
        await addTableValues(source, scope, spellings, asked, turns, found, qs.memo);
      else await addColumnValues(source, scope, spellings, asked, turns, found, texts);
    }
  }
  let textCount = 0;
  const isWhole = await mergeStrings(texts, turns, (text) => {
    found.add({ type: 'string', value: text });
    return ++textCount > limit ? 'enough' : 'more';
  });
  if (!isWhole) found.isCut = true;
  return found.answer();
}

async function addTableValues(
  source: ColumnSource,
  scope: 'resource' | 'instrumentation',
  spellings: ReadonlySet<string>,
  asked: RowsAsked,
  turns: TurnTaker,
  found: ValueEntries,
  memo: SourceMemo | undefined,
): Promise<void> {
  const isResource = scope === 'resource';
  const table: readonly (Resource | Scope)[] = isResource ? await source.resources() : await source.scopes();
  if (!table.some(({ attributes }) => attributes.some(({ key }) => spellings.has(key)))) return;
  for (const { attributes } of flagged(
    table,
    await usedRows(source, isResource ? 'resource' : 'scope', asked, turns, memo),
  )) {
    for (const { key, value } of attributes) if (spellings.has(key)) found.add(value);
  }
}

/** @param texts  is given the strings, which are sorted, and many */
async function addColumnValues(
  source: ColumnSource,
  level: AttributeLevel,
  spellings: ReadonlySet<string>,
  asked: RowsAsked,
  turns: TurnTaker,
  found: ValueEntries,
  texts: StringList[],
): Promise<void> {
  for (const column of source.attributeColumns(level)) {
    if (!spellings.has(column.key) || column.valueCount === 0 || !isListed(column.type)) continue;
    if (!hasCodes(column)) {
      for (const number of await numbersAsked(source, column, asked, turns))
        found.add(numberValue(column.type, number));
      continue;
    }
    const dictionary = await source.dictionary(column);
    const isWhole = dictionary !== undefined && asksForAll(source, asked);
    const codes = isWhole ? dictionary : await codesAsked(source, column, dictionary, asked, turns);
    if (dictionary !== undefined && column.type === ValueType.string) texts.push({ source, codes });
    else for (const value of await valuesOfCodes(source, codes, decodingOf(column.type))) found.add(value);
  }
}

function isListed(type: ValueType): boolean {
  return type !== ValueType.empty && type !== ValueType.bytes && type !== ValueType.kvlist;
}

async function codesAsked(
  source: ColumnSource,
  column: AttributeColumn,
  dictionary: Uint32Array | undefined,
  asked: RowsAsked,
  turns: TurnTaker,
): Promise<Uint32Array> {
  const found = new CodeFlags();
  await forEachBlockAsked(source, asked, turns, async (scan, rows) => {
    const block = await scan.attribute(column);
    found.addOf(block.codes!, block.rows, await itemsOfLevel(scan, rows, column.level));
  });
  return found.list().map((code) => dictionary?.[code] ?? code);
}

async function numbersAsked(
  source: ColumnSource,
  column: AttributeColumn,
  asked: RowsAsked,
  turns: TurnTaker,
): Promise<Float64Array> {
  const find = async (): Promise<Float64Array> => {
    const found = new Set<number>();
    await forEachBlockAsked(source, asked, turns, async (scan, rows) => {
      addNumbers(await scan.attribute(column), await itemsOfLevel(scan, rows, column.level), found);
    });
    return Float64Array.from(found);
  };
  if (!asksForAll(source, asked)) return find();
  return source.remembered(`numbers of ${column.level} ${column.index}`, async () => {
    const value = await find();
    return { value, sizeBytes: value.byteLength };
  });
}

function addNumbers({ rows, numbers }: AttributeBlock, items: Uint8Array, distinct: Set<number>): void {
  for (let i = 0; i < rows.length; i++) if (items[rows[i]] === 1) distinct.add(numbers![i]);
}

function numberValue(type: ValueType, value: number): AttributeValue {
  if (type === ValueType.bool) return { type: 'bool', value: value !== 0 };
  return { type: type === ValueType.int ? 'int' : 'double', value };
}
