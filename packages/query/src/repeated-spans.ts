import { isDeepStrictEqual } from 'node:util';
import type { Span, TraceId } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import { BlockScan, blockCountOf } from './block-scan.ts';
import type { QuerySources } from './query-sources.ts';
import { locateTrace } from './trace-parts.ts';
import type { TurnTaker } from './turn-taker.ts';

/** Rows, ascending, that are equal in every field to a span that counts. */
export type RepeatedRows = ReadonlyMap<ColumnSource, Uint32Array>;

/** Traces with parts in several sources that are looked into. */
const SPLIT_TRACES_MAX = 10_000;

/**
 * Spans that a client sent again: of equal ones all but the first. Nothing is read of spans whose id is their own. Past
 * {@link SPLIT_TRACES_MAX} traces those that lie in two sources are not looked for.
 */
export async function repeatedRows(
  qs: QuerySources,
  sources: readonly ColumnSource[],
  split: ReadonlySet<TraceId>,
  turns: TurnTaker,
): Promise<RepeatedRows> {
  const repeated = new Map<ColumnSource, Set<number>>();
  for (const source of sources) {
    // An ordered source has folded them.
    if (source.isOrdered) continue;
    const find = (): Promise<readonly number[]> => repeatedWithin(source, turns);
    const rows = await (qs.memo === undefined ? find() : qs.memo.of(source, 'repeated', find));
    if (rows.length > 0) repeated.set(source, new Set(rows));
  }
  if (split.size > 0 && split.size <= SPLIT_TRACES_MAX) await addRepeatedAcross(sources, split, turns, repeated);
  return new Map(Array.from(repeated, ([source, rows]) => [source, Uint32Array.from(rows).sort()]));
}

/** A hash of span ids finds the rows that share one; these are compared. */
async function repeatedWithin(source: ColumnSource, turns: TurnTaker): Promise<readonly number[]> {
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * source.rowCount + 2)));
  const mask = slots.length - 1;
  const high = new Uint32Array(source.rowCount);
  const low = new Uint32Array(source.rowCount);
  const shared: number[] = [];
  for (let b = 0; b < blockCountOf(source); b++) {
    await turns.turn();
    const scan = new BlockScan(source, b, turns.signal);
    high.set(await scan.words('spanIdHigh'), scan.firstRow);
    low.set(await scan.words('spanIdLow'), scan.firstRow);
    for (let row = scan.firstRow; row < scan.firstRow + scan.rowCount; row++) {
      let slot = hash(high[row], low[row]) & mask;
      let isShared = false;
      for (let other = slots[slot]; other !== 0 && !isShared; other = slots[slot]!) {
        isShared = high[other - 1] === high[row] && low[other - 1] === low[row];
        if (isShared) shared.push(other - 1, row);
        else slot = (slot + 1) & mask;
      }
      if (!isShared) slots[slot] = row + 1;
    }
  }
  const rows = Uint32Array.from(new Set(shared)).sort();
  const spans = await source.spans(rows);
  return repeatedOf(spans.map((span, i) => ({ span, place: rows[i] })));
}

function hash(high: number, low: number): number {
  let h = Math.imul(high, 0x9e37_79b1) ^ Math.imul(low, 0x85eb_ca6b);
  h ^= h >>> 15;
  return Math.imul(h, 0x2c1b_3c6d) >>> 3;
}

/** The places of spans that are equal to an earlier one. */
function repeatedOf<Place>(spans: readonly { readonly span: Span; readonly place: Place }[]): readonly Place[] {
  const seen = new Map<string, Span[]>();
  const repeated: Place[] = [];
  for (const { span, place } of spans) {
    const key = `${span.traceId} ${span.spanId} ${span.startTimeUnixNano}`;
    const known = seen.get(key) ?? [];
    if (known.some((other) => isDeepStrictEqual(other, span))) repeated.push(place);
    else seen.set(key, [...known, span]);
  }
  return repeated;
}

interface PlaceOfSpan {
  readonly source: ColumnSource;
  readonly row: number;
}

async function addRepeatedAcross(
  sources: readonly ColumnSource[],
  split: ReadonlySet<TraceId>,
  turns: TurnTaker,
  repeated: Map<ColumnSource, Set<number>>,
): Promise<void> {
  const ids = new SpanIdReader();
  for (const traceId of split) {
    await turns.turn();
    const places = new Map<string, PlaceOfSpan[]>();
    const parts = await locateTrace(sources, traceId);
    if (parts.length < 2) continue;
    for (const { source, rows } of parts) {
      for (const row of rows) {
        if (repeated.get(source)?.has(row) === true) continue;
        const id = await ids.of(source, row);
        const known = places.get(id);
        if (known === undefined) places.set(id, [{ source, row }]);
        else known.push({ source, row });
      }
    }
    const shared = [...places.values()].filter((each) => each.length > 1).flat();
    for (const { source, row } of repeatedOf(await spansAt(shared))) {
      const rows = repeated.get(source);
      if (rows === undefined) repeated.set(source, new Set([row]));
      else rows.add(row);
    }
  }
}

async function spansAt(places: readonly PlaceOfSpan[]): Promise<{ span: Span; place: PlaceOfSpan }[]> {
  const found: { span: Span; place: PlaceOfSpan }[] = [];
  for (const place of places) {
    const [span] = await place.source.spans(Uint32Array.of(place.row));
    found.push({ span, place });
  }
  return found;
}

/** Span ids of single rows; a block is fetched once. */
class SpanIdReader {
  readonly #scans = new Map<ColumnSource, Map<number, BlockScan>>();

  async of(source: ColumnSource, row: number): Promise<string> {
    let scans = this.#scans.get(source);
    if (scans === undefined) this.#scans.set(source, (scans = new Map()));
    const b = Math.floor(row / source.blockRows);
    let scan = scans.get(b);
    if (scan === undefined) scans.set(b, (scan = new BlockScan(source, b)));
    const high = await scan.words('spanIdHigh');
    const low = await scan.words('spanIdLow');
    return `${high[row - scan.firstRow]} ${low[row - scan.firstRow]}`;
  }
}
