import { serviceName } from '@spoor/model';
import type { AttributeLevel, ColumnSource } from '@spoor/store';
import type { Query } from '@spoor/traceql';
import { BlockScan, blockCountOf } from './block-scan.ts';
import { type QuerySources, sourcesInRange, splitIn, startsInside } from './query-sources.ts';
import type { FieldTable } from './field-table.ts';
import { gatherTraces, splitRows } from './gathered-traces.ts';
import { visitPlan } from './plan-matches.ts';
import { MatchCollector, type SpanMatches } from './span-matches.ts';
import { compileSearch } from './search-plan.ts';
import type { SpansPlan } from './spans-plan.ts';
import { rowsInRange } from './range-rows.ts';
import { flagPointers, type RowMask } from './row-mask.ts';
import type { SourceMemo } from './source-memo.ts';
import type { TimeRange } from './trace-store.ts';
import type { TurnTaker } from './turn-taker.ts';

/** Calls `visit` for each block that has spans starting in the range, with the mask of these. */
export async function forEachBlock(
  source: ColumnSource,
  range: TimeRange,
  turns: TurnTaker,
  visit: (scan: BlockScan, rows: RowMask) => Promise<void>,
): Promise<void> {
  const inRange = rowsInRange(source, range);
  const blockCount = blockCountOf(source);
  for (let b = 0; b < blockCount; b++) {
    await turns.turn();
    const scan = new BlockScan(source, b, turns.signal);
    const rows = await inRange(scan);
    if (rows.includes(1)) await visit(scan, rows);
    turns.meter.add(scan);
  }
}

/** Spans that start in a range: all, those of one service, those that matched. */
export interface RowsAsked extends TimeRange {
  readonly service?: string | undefined;
  /** of the source at hand, in the range */
  readonly matches?: SpanMatches | undefined;
}

/** Whether all spans of the source are asked for, so that what is known of the whole source is the answer. */
export function asksForAll(source: ColumnSource, asked: RowsAsked): boolean {
  return asked.service === undefined && asked.matches === undefined && startsInside(source, asked);
}

/** Calls `visit` for each block that has spans that are asked for, with the mask of these. */
export async function forEachBlockAsked(
  source: ColumnSource,
  asked: RowsAsked,
  turns: TurnTaker,
  visit: (scan: BlockScan, rows: RowMask) => Promise<void>,
): Promise<void> {
  const { service, matches } = asked;
  const forEach = (each: typeof visit): Promise<void> =>
    matches === undefined ? forEachBlock(source, asked, turns, each) : forEachMatchedBlock(matches, turns, each);
  if (service === undefined) return forEach(visit);
  const isOfService = Uint8Array.from(await source.resources(), (one) => (serviceName(one) === service ? 1 : 0));
  if (!isOfService.includes(1)) return;
  await forEach(async (scan, found) => {
    const resource = await scan.words('resource');
    const rows = found.map((row, i) => row & isOfService[resource[i]]);
    if (rows.includes(1)) await visit(scan, rows);
  });
}

async function forEachMatchedBlock(
  { source, masks }: SpanMatches,
  turns: TurnTaker,
  visit: (scan: BlockScan, rows: RowMask) => Promise<void>,
): Promise<void> {
  for (const [b, rows] of masks.entries()) {
    if (rows === undefined) continue;
    await turns.turn();
    await visit(new BlockScan(source, b, turns.signal), rows);
  }
}

/**
 * Sources with what is asked of each: together, each once, the spans that start in the range and, if there is one, that
 * the query gives.
 * @param needsWholeTraces  what is asked of the spans depends on their traces, so that these are brought together
 * @throws {QueryError} `QUERY_INVALID` for a query that finds no spans
 */
export async function* askedSources(
  qs: QuerySources,
  request: RowsAsked & { readonly query?: Query | undefined },
  turns: TurnTaker,
  needsWholeTraces = false,
): AsyncGenerator<readonly [source: ColumnSource, asked: RowsAsked]> {
  const { start, end, service } = request;
  const asked: RowsAsked = { start, end, service };
  const search = request.query === undefined ? undefined : compileSearch(request.query);
  const matchesOf = async (source: ColumnSource, leftOut?: Uint8Array): Promise<RowsAsked> => {
    if (search === undefined && leftOut === undefined) return asked;
    const found = new MatchCollector(source);
    const plan = search?.spans ?? everySpan;
    await visitPlan(source, plan, asked, turns, leftOut, (scan, rows) => found.add(scan, rows));
    return { ...asked, matches: found.matches() };
  };
  if (!needsWholeTraces && search?.needsWholeTraces !== true) {
    for (const source of sourcesInRange(qs, asked)) yield [source, await matchesOf(source)];
    return;
  }
  const split = await qs.splitTraces(turns.signal);
  for (const source of sourcesInRange(qs, asked)) {
    const ordered = await source.ordered();
    yield [ordered, await matchesOf(ordered, await splitRows(ordered, splitIn(qs, ordered, split)))];
  }
  for (const { source, leftOut } of await gatherTraces(qs, split, turns))
    yield [source, await matchesOf(source, leftOut)];
}

const everySpan: SpansPlan = { kind: 'condition', condition: { kind: 'constant', value: true } };

/** 1 for the rows of a table that some span that is asked for points to. */
export async function usedRows(
  source: ColumnSource,
  pointer: FieldTable['pointer'],
  asked: RowsAsked,
  turns: TurnTaker,
  memo: SourceMemo | undefined,
): Promise<Uint8Array> {
  const find = async (): Promise<Uint8Array> => {
    const used = new Uint8Array(await tableLength(source, pointer));
    await forEachBlockAsked(source, asked, turns, async (scan, rows) => {
      flagPointers(rows, await scan.words(pointer), used);
    });
    return used;
  };
  return memo === undefined || !asksForAll(source, asked) ? find() : memo.of(source, `used ${pointer}`, find);
}

async function tableLength(source: ColumnSource, pointer: FieldTable['pointer']): Promise<number> {
  switch (pointer) {
    case 'resource':
      return (await source.resources()).length;
    case 'scope':
      return (await source.scopes()).length;
    case 'traceRow':
      return source.traceCount;
  }
}

/** The entries of a table whose flag is set. */
export function flagged<T>(table: readonly T[], flags: Uint8Array): readonly T[] {
  return table.filter((_, row) => flags[row] === 1);
}

/** For each span, event or link of the block, whether it is of one of the rows. */
export async function itemsOfLevel(scan: BlockScan, rows: RowMask, level: AttributeLevel): Promise<Uint8Array> {
  return itemsOfRows(
    rows,
    level === 'span' ? undefined : await scan.words(level === 'event' ? 'eventStart' : 'linkStart'),
  );
}

function itemsOfRows(rows: RowMask, starts: ArrayLike<number> | undefined): Uint8Array {
  if (starts === undefined) return rows;
  const items = new Uint8Array(starts[rows.length]);
  for (let row = 0; row < rows.length; row++) {
    if (rows[row] === 1) items.fill(1, starts[row], starts[row + 1]);
  }
  return items;
}
