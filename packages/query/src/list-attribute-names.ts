import { type Attribute, limits, ValueType } from '@spoor/model';
import type { AttributeLevel, ColumnSource } from '@spoor/store';
import type { QuerySources } from './query-sources.ts';
import type { SourceMemo } from './source-memo.ts';
import type { AttributeName, AttributeNamesRequest } from './trace-store.ts';
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
import { orderOfTexts } from './value.ts';

type Scope = AttributeName['scope'];
const scopes: readonly Scope[] = Object.freeze(['resource', 'span', 'instrumentation', 'event', 'link']);

/**
 * Names of the attributes of spans in the range (of those that the query gives, if there is one), with where they occur;
 * sorted by scope, then name.
 */
export async function listAttributeNames(
  qs: QuerySources,
  request: AttributeNamesRequest,
  signal?: AbortSignal,
): Promise<readonly AttributeName[]> {
  const turns = new TurnTaker(signal);
  const asked = scopes.filter((scope) => request.scope === undefined || request.scope === scope);
  const namesOf = new Map(asked.map((scope) => [scope, new Set<string>()]));
  for await (const [source, rows] of askedSources(qs, request, turns)) {
    for (const [scope, names] of namesOf) await addNames(source, scope, rows, turns, names, qs.memo);
  }
  const answer = [...namesOf].flatMap(([scope, names]) =>
    [...names].sort(orderOfTexts).map((name): AttributeName => ({ scope, name })),
  );
  return answer.slice(0, limits.namesMax);
}

async function addNames(
  source: ColumnSource,
  scope: Scope,
  asked: RowsAsked,
  turns: TurnTaker,
  names: Set<string>,
  memo: SourceMemo | undefined,
): Promise<void> {
  switch (scope) {
    case 'resource':
      return addKeys(flagged(await source.resources(), await usedRows(source, 'resource', asked, turns, memo)), names);
    case 'instrumentation':
      return addKeys(flagged(await source.scopes(), await usedRows(source, 'scope', asked, turns, memo)), names);
    default:
      return addColumnNames(source, scope, asked, turns, names);
  }
}

function addKeys(sets: readonly { readonly attributes: readonly Attribute[] }[], names: Set<string>): void {
  for (const { attributes } of sets) {
    for (const { key, value } of attributes) if (value.type !== 'empty') names.add(key);
  }
}

async function addColumnNames(
  source: ColumnSource,
  level: AttributeLevel,
  asked: RowsAsked,
  turns: TurnTaker,
  names: Set<string>,
): Promise<void> {
  const columns = source
    .attributeColumns(level)
    .filter((column) => column.type !== ValueType.empty && column.valueCount > 0);
  if (asksForAll(source, asked)) {
    for (const { key } of columns) names.add(key);
    return;
  }
  await forEachBlockAsked(source, asked, turns, async (scan, rows) => {
    const items = await itemsOfLevel(scan, rows, level);
    for (const column of columns) {
      if (names.has(column.key)) continue;
      const block = await scan.attribute(column);
      if (block.rows.some((item) => items[item] === 1)) names.add(column.key);
    }
  });
}
