import { attributeAliases, type AttributeValue, limits, type Resource, type Scope, ValueType } from '@spoor/model';
import type { AttributeBlock, AttributeColumn, AttributeLevel, ColumnSource } from '@spoor/store';
import { decodingOf, hasCodes, valuesOfCodes } from './code-verdicts.ts';
import { type QuerySources, sourcesInRange, startsInside } from './query-sources.ts';
import type { SourceMemo } from './source-memo.ts';
import type { AttributeValuesAnswer, AttributeValuesRequest } from './trace-store.ts';
import { TurnTaker } from './turn-taker.ts';
import { flagged, forEachBlockOfService, itemsOfRows, usedRows } from './used-rows.ts';
import { orderOfTexts } from './value.ts';

type ValueEntry = AttributeValuesAnswer['values'][number];
const typeOrder = Object.freeze({ bool: 0, int: 1, double: 2, string: 3, keyword: 4 } as const);

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
  for (const source of sourcesInRange(qs, request)) {
    for (const scope of request.scope === 'any' ? (['span', 'resource'] as const) : [request.scope]) {
      if (scope === 'resource' || scope === 'instrumentation')
        await addTableValues(source, scope, request, turns, found, qs.memo);
      else await addColumnValues(source, scope, request, turns, found);
    }
  }
  const values = found.sorted();
  return { values: values.slice(0, limit), complete: values.length <= limit && !found.isCut };
}

/** Values by type, kept to the `limit` smallest of each dictionary it is fed from. */
class ValueEntries {
  readonly limit: number;
  isCut = false;
  readonly #entries = new Map<string, { readonly entry: ValueEntry; readonly number: number | bigint }>();

  constructor(limit: number) {
    this.limit = limit;
  }

  add(value: AttributeValue): void {
    switch (value.type) {
      case 'string':
        return this.#put({ type: 'string', value: value.value }, 0);
      case 'bool':
        return this.#put({ type: 'bool', value: String(value.value) }, Number(value.value));
      case 'int':
      case 'double':
        return this.#put({ type: value.type, value: String(value.value) }, value.value);
      case 'array':
        for (const element of value.value) this.add(element);
        return;
      case 'bytes':
      case 'kvlist':
      case 'empty':
    }
  }

  #put(entry: ValueEntry, number: number | bigint): void {
    this.#entries.set(`${entry.type} ${entry.value}`, { entry, number });
  }

  sorted(): readonly ValueEntry[] {
    const entries = [...this.#entries.values()].sort((a, b) => {
      if (a.entry.type !== b.entry.type) return typeOrder[a.entry.type] - typeOrder[b.entry.type];
      return a.number < b.number ? -1 : a.number > b.number ? 1 : orderOfTexts(a.entry.value, b.entry.value);
    });
    return entries.map(({ entry }) => entry);
  }
}

async function addTableValues(
  source: ColumnSource,
  scope: 'resource' | 'instrumentation',
  request: AttributeValuesRequest,
  turns: TurnTaker,
  found: ValueEntries,
  memo: SourceMemo | undefined,
): Promise<void> {
  const isResource = scope === 'resource';
  const table: readonly (Resource | Scope)[] = isResource ? await source.resources() : await source.scopes();
  const spellings = new Set(attributeAliases(request.name));
  if (!table.some(({ attributes }) => attributes.some(({ key }) => spellings.has(key)))) return;
  for (const { attributes } of flagged(
    table,
    await usedRows(source, isResource ? 'resource' : 'scope', request, turns, memo),
  )) {
    for (const { key, value } of attributes) if (spellings.has(key)) found.add(value);
  }
}

async function addColumnValues(
  source: ColumnSource,
  level: AttributeLevel,
  request: AttributeValuesRequest,
  turns: TurnTaker,
  found: ValueEntries,
): Promise<void> {
  const spellings = new Set(attributeAliases(request.name));
  for (const column of source.attributeColumns(level)) {
    if (!spellings.has(column.key) || column.valueCount === 0 || !isListed(column.type)) continue;
    const dictionary = hasCodes(column) ? await source.dictionary(column) : undefined;
    if (dictionary !== undefined && request.service === undefined && startsInside(source, request))
      await addDictionary(source, column, dictionary, found);
    else await addScanned(source, column, dictionary, request, turns, found);
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
  request: AttributeValuesRequest,
  turns: TurnTaker,
  found: ValueEntries,
): Promise<void> {
  const distinct = new Set<number>();
  // Codes are small and dense: a flag each is ten times as fast as a set.
  let seen = new Uint8Array(1024);
  await forEachBlockOfService(source, request, turns, async (scan, rows) => {
    const starts =
      column.level === 'span' ? undefined : await scan.words(column.level === 'event' ? 'eventStart' : 'linkStart');
    const items = itemsOfRows(rows, starts);
    const block = await scan.attribute(column);
    if (block.codes === undefined) return addNumbers(block, items, distinct);
    for (let i = 0; i < block.codes.length; i++) {
      const code = block.codes[i];
      if (code >= seen.length) seen = lengthened(seen, code + 1);
      seen[code] |= items[block.rows[i]];
    }
  });
  if (!hasCodes(column)) {
    for (const value of distinct) found.add(numberValue(column.type, value));
    return;
  }
  const codes: number[] = [];
  for (let code = seen.indexOf(1); code >= 0; code = seen.indexOf(1, code + 1)) codes.push(dictionary?.[code] ?? code);
  for (const value of await valuesOfCodes(source, Uint32Array.from(codes), decodingOf(column.type))) found.add(value);
}

function addNumbers({ rows, numbers }: AttributeBlock, items: Uint8Array, distinct: Set<number>): void {
  for (let i = 0; i < rows.length; i++) if (items[rows[i]] === 1) distinct.add(numbers![i]);
}

function lengthened(flags: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const longer = new Uint8Array(Math.max(length, 2 * flags.length));
  longer.set(flags);
  return longer;
}

function numberValue(type: ValueType, value: number): AttributeValue {
  if (type === ValueType.bool) return { type: 'bool', value: value !== 0 };
  return { type: type === ValueType.int ? 'int' : 'double', value };
}
