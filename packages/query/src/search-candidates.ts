import type { TraceId, UnixNano } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import { type QuerySources, splitIn } from './query-sources.ts';
import { comparePlaces, nthLargest, orderKey, type Place, roundedKey, type SearchOrder } from './search-order.ts';
import { type SpanMatches, traceRowsOf } from './span-matches.ts';
import { type TraceTimes, TraceTimesReader } from './trace-times.ts';
import type { TurnTaker } from './turn-taker.ts';

/** A trace of an answer, and where it lies. */
export interface FoundTrace extends Place {
  /** the one source that has all of it; `undefined` for a trace with parts in several */
  readonly home: { readonly source: ColumnSource; readonly traceRow: number } | undefined;
}

/** Matching traces of one source that lie there whole. */
interface WholeMatches {
  readonly source: ColumnSource;
  readonly times: TraceTimes;
  readonly traceRows: Uint32Array;
  /** by position in `traceRows` */
  readonly roundedKeys: Float64Array;
}

/**
 * The matching traces of a search, each once, from which a page is picked. Ids and exact keys are made
 * only for those that may be on the page; rounded keys (which never contradict exact ones) choose them.
 */
export class Candidates {
  readonly split: ReadonlySet<TraceId>;
  readonly matches: SpanMatches[] = [];
  readonly #order: SearchOrder;
  readonly #qs: QuerySources;
  readonly #turns: TurnTaker;
  readonly #whole: WholeMatches[] = [];
  readonly #splitMatched = new Set<TraceId>();
  readonly #readers = new Map<ColumnSource, TraceTimesReader>();

  constructor(order: SearchOrder, qs: QuerySources, split: ReadonlySet<TraceId>, turns: TurnTaker) {
    this.#order = order;
    this.#qs = qs;
    this.split = split;
    this.#turns = turns;
  }

  get total(): number {
    return this.#whole.reduce((sum, { traceRows }) => sum + traceRows.length, this.#splitMatched.size);
  }

  /** @param extent  whether the source has its traces whole, or parts of those that are split */
  async add(matches: SpanMatches, extent: 'whole' | 'parts'): Promise<void> {
    if (matches.traceRows.length === 0) return;
    this.matches.push(matches);
    const { source } = matches;
    const splitHere = extent === 'whole' ? new Map<number, TraceId>() : await this.#splitAmong(matches);
    for (const id of splitHere.values()) this.#splitMatched.add(id);
    const traceRows = splitHere.size === 0 ? matches.traceRows : matches.traceRows.filter((row) => !splitHere.has(row));
    const times = await this.#timesOf(source, traceRows);
    // By loops: `Float64Array.from` and `filter` took most of a search that finds 100,000 traces.
    const roundedKeys = new Float64Array(traceRows.length);
    for (let i = 0; i < roundedKeys.length; i++) roundedKeys[i] = roundedKey(this.#order, times, traceRows[i]);
    this.#whole.push({ source, times, traceRows, roundedKeys });
  }

  /** Looks up whichever are fewer: the split traces in the source, or the matching traces among the split ones. */
  async #splitAmong({ source, traceRows }: SpanMatches): Promise<Map<number, TraceId>> {
    const found = new Map<number, TraceId>();
    if (this.split.size === 0) return found;
    if (this.split.size <= traceRows.length) {
      const matching = new Set(traceRows);
      for (const [row, id] of await traceRowsOf(source, splitIn(this.#qs, source, this.split)))
        if (matching.has(row)) found.set(row, id);
      return found;
    }
    const ids = await source.traceIds(traceRows);
    for (let i = 0; i < ids.length; i++) if (this.split.has(ids[i])) found.set(traceRows[i], ids[i]);
    return found;
  }

  #timesOf(source: ColumnSource, traceRows: Uint32Array): Promise<TraceTimes> {
    let reader = this.#readers.get(source);
    if (reader === undefined) this.#readers.set(source, (reader = new TraceTimesReader(source, this.#turns)));
    return reader.of(traceRows);
  }

  /** Whole traces so far that come after the cursor and start later than `time`; at least so many. */
  countSurelyAfter(time: UnixNano, after: Place | undefined): number {
    const floor = Number(time);
    const ceiling = after === undefined ? Number.POSITIVE_INFINITY : Number(after.key);
    let count = 0;
    for (const { roundedKeys } of this.#whole) {
      for (const key of roundedKeys) if (key > floor && key < ceiling) count++;
    }
    return count;
  }

  /** The first `limit` traces in order, after the given place, and whether there are more. */
  async page(limit: number, after: Place | undefined): Promise<{ places: readonly FoundTrace[]; hasMore: boolean }> {
    const places = await this.#splitPlaces();
    const ceiling = after === undefined ? Number.POSITIVE_INFINITY : Number(after.key);
    const floor = nthLargest(this.#keysUpTo(ceiling), limit + 1);
    for (const { source, times, traceRows, roundedKeys } of this.#whole) {
      const rows: number[] = [];
      for (let i = 0; i < roundedKeys.length; i++) {
        if (roundedKeys[i] >= floor && roundedKeys[i] <= ceiling) rows.push(traceRows[i]);
      }
      const ids = await source.traceIds(Uint32Array.from(rows));
      for (let i = 0; i < ids.length; i++)
        places.push({
          key: orderKey(this.#order, times, rows[i]),
          traceId: ids[i],
          home: { source, traceRow: rows[i] },
        });
    }
    const following = after === undefined ? places : places.filter((place) => comparePlaces(place, after) > 0);
    following.sort(comparePlaces);
    return { places: following.slice(0, limit), hasMore: following.length > limit };
  }

  /** Keys below the cursor's. Those that round to the cursor's are taken anyway, so they are not counted. */
  #keysUpTo(ceiling: number): Float64Array {
    const lists = this.#whole.map(({ roundedKeys }) =>
      ceiling === Number.POSITIVE_INFINITY ? roundedKeys : roundedKeys.filter((key) => key < ceiling),
    );
    const keys = new Float64Array(lists.reduce((sum, list) => sum + list.length, 0));
    let end = 0;
    for (const list of lists) {
      keys.set(list, end);
      end += list.length;
    }
    return keys;
  }

  /** A split trace's time spans all its parts, also those that did not match. */
  async #splitPlaces(): Promise<FoundTrace[]> {
    if (this.#splitMatched.size === 0) return [];
    const joined = new Map<TraceId, { start: bigint; end: bigint }>();
    for (const source of this.#qs.sources) {
      const parts = await traceRowsOf(source, this.#splitMatched);
      if (parts.size === 0) continue;
      const times = await this.#timesOf(source, Uint32Array.from(parts.keys()));
      for (const [row, id] of parts) {
        const start = orderKey('newest', times, row);
        const end = (BigInt(times.endHigh[row]) << 32n) | BigInt(times.endLow[row]);
        const known = joined.get(id);
        if (known === undefined) joined.set(id, { start, end });
        else
          joined.set(id, { start: start < known.start ? start : known.start, end: end > known.end ? end : known.end });
      }
    }
    return Array.from(joined, ([traceId, { start, end }]) => {
      const key = this.#order === 'newest' ? start : end > start ? end - start : 0n;
      return { traceId, key, home: undefined };
    });
  }
}
