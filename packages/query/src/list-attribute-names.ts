import { type Attribute, limits, ValueType } from '@spoor/model';
import type { AttributeLevel, ColumnSource } from '@spoor/store';
import { BlockScan, blockCountOf } from './block-scan.ts';
import { type QuerySources, sourcesInRange, startsInside } from './query-sources.ts';
import { rowsInRange } from './range-rows.ts';
import type { SourceMemo } from './source-memo.ts';
import type { AttributeName, AttributeNamesRequest, TimeRange } from './trace-store.ts';
import { TurnTaker } from './turn-taker.ts';
import { flagged, itemsOfRows, usedRows } from './used-rows.ts';
import { orderOfTexts } from './value.ts';

type Scope = AttributeName['scope'];
const scopes: readonly Scope[] = Object.freeze(['resource', 'span', 'instrumentation', 'event', 'link']);

/** Names of the attributes of spans in the range, with where they occur; sorted by scope, then name. */
export async function listAttributeNames(
  qs: QuerySources,
  request: AttributeNamesRequest,
  signal?: AbortSignal,
): Promise<readonly AttributeName[]> {
  const turns = new TurnTaker(signal);
  const answer: AttributeName[] = [];
  for (const scope of scopes) {
    if (request.scope !== undefined && request.scope !== scope) continue;
    const names = new Set<string>();
    for (const source of sourcesInRange(qs, request)) await addNames(source, scope, request, turns, names, qs.memo);
    for (const name of [...names].sort(orderOfTexts)) answer.push({ scope, name });
  }
  return answer.slice(0, limits.namesMax);
}

async function addNames(
  source: ColumnSource,
  scope: Scope,
  range: TimeRange,
  turns: TurnTaker,
  names: Set<string>,
  memo: SourceMemo | undefined,
): Promise<void> {
  switch (scope) {
    case 'resource':
      return addKeys(flagged(await source.resources(), await usedRows(source, 'resource', range, turns, memo)), names);
    case 'instrumentation':
      return addKeys(flagged(await source.scopes(), await usedRows(source, 'scope', range, turns, memo)), names);
    default:
      return addColumnNames(source, scope, range, turns, names);
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
  range: TimeRange,
  turns: TurnTaker,
  names: Set<string>,
): Promise<void> {
  const columns = source
    .attributeColumns(level)
    .filter((column) => column.type !== ValueType.empty && column.valueCount > 0);
  if (startsInside(source, range)) {
    for (const { key } of columns) names.add(key);
    return;
  }
  const inRange = rowsInRange(source, range);
  for (let b = 0; b < blockCountOf(source); b++) {
    await turns.turn();
    const scan = new BlockScan(source, b, turns.signal);
    const rows = await inRange(scan);
    if (!rows.includes(1)) continue;
    const items = itemsOfRows(
      rows,
      level === 'span' ? undefined : await scan.words(level === 'event' ? 'eventStart' : 'linkStart'),
    );
    for (const column of columns) {
      if (names.has(column.key)) continue;
      const block = await scan.attribute(column);
      if (block.rows.some((item) => items[item] === 1)) names.add(column.key);
    }
  }
}
