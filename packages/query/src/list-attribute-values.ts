import { attributeAliases, type AttributeValue, limits, type Resource, type Scope, ValueType } from '@spoor/model';
import type { AttributeBlock, AttributeColumn, AttributeLevel, ColumnSource } from '@spoor/store';
import { decodingOf, hasCodes, valuesOfCodes } from './code-verdicts.ts';
import { CodeFlags } from './code-flags.ts';
import type { QuerySources } from './query-sources.ts';
import type { SourceMemo } from './source-memo.ts';
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
  const spellings = new Set(attributeAliases(request.name));
  for await (const [source, asked] of askedSources(qs, request, turns)) {
    for (const scope of request.scope === 'any' ? (['span', 'resource'] as const) : [request.scope]) {
      if (scope === 'resource' || scope === 'instrumentation')
        await addTableValues(source, scope, spellings, asked, turns, found, qs.memo);
      else await addColumnValues(source, scope, spellings, asked, turns, found);
    }
  }
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

async function addColumnValues(
  source: ColumnSource,
  level: AttributeLevel,
  spellings: ReadonlySet<string>,
  asked: RowsAsked,
  turns: TurnTaker,
  found: ValueEntries,
): Promise<void> {
  for (const column of source.attributeColumns(level)) {
    if (!spellings.has(column.key) || column.valueCount === 0 || !isListed(column.type)) continue;
    const dictionary = hasCodes(column) ? await source.dictionary(column) : undefined;
    if (dictionary !== undefined && asksForAll(source, asked)) await addDictionary(source, column, dictionary, found);
    else await addScanned(source, column, dictionary, asked, turns, found);
  }
}

function isListed(type: ValueType): boolean {
  return type !== ValueType.empty && type !== ValueType.bytes && type !== ValueType.kvlist;
}

/** A dictionary is sorted: of strings, the first `limit` are all that the answer can show. */
async function addDictionary(
  source: ColumnSource,
  column: AttributeColumn,
  dictionary: Uint32Array,
  found: ValueEntries,
): Promise<void> {
  const shown = column.type === ValueType.string ? dictionary.subarray(0, found.limit + 1) : dictionary;
  if (shown.length < dictionary.length) found.isCut = true;
  for (const value of await valuesOfCodes(source, shown, decodingOf(column.type))) found.add(value);
}

async function addScanned(
  source: ColumnSource,
  column: AttributeColumn,
  dictionary: Uint32Array | undefined,
  asked: RowsAsked,
  turns: TurnTaker,
  found: ValueEntries,
): Promise<void> {
  const numbers = new Set<number>();
  const codes = new CodeFlags();
  await forEachBlockAsked(source, asked, turns, async (scan, rows) => {
    const items = await itemsOfLevel(scan, rows, column.level);
    const block = await scan.attribute(column);
    if (block.codes === undefined) addNumbers(block, items, numbers);
    else codes.addOf(block.codes, block.rows, items);
  });
  for (const number of numbers) found.add(numberValue(column.type, number));
  if (!hasCodes(column)) return;
  const sourceCodes = codes.list().map((code) => dictionary?.[code] ?? code);
  for (const value of await valuesOfCodes(source, sourceCodes, decodingOf(column.type))) found.add(value);
}

function addNumbers({ rows, numbers }: AttributeBlock, items: Uint8Array, distinct: Set<number>): void {
  for (let i = 0; i < rows.length; i++) if (items[rows[i]] === 1) distinct.add(numbers![i]);
}

function numberValue(type: ValueType, value: number): AttributeValue {
  if (type === ValueType.bool) return { type: 'bool', value: value !== 0 };
  return { type: type === ValueType.int ? 'int' : 'double', value };
}
