import { createHash } from 'node:crypto';
import { limits, type Span, type TraceId } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import { BlockScan, blockCountOf } from './block-scan.ts';
import type { QuerySources } from './query-sources.ts';
import { locateTrace } from './trace-parts.ts';
import type { TurnTaker } from './turn-taker.ts';

/** Rows, ascending, that are equal in every field to a span that counts. */
export type RepeatedRows = ReadonlyMap<ColumnSource, Uint32Array>;

/** Spans that are in memory at a time. */
const SPANS_AT_ONCE = 1024;

/**
 * Spans that a client sent again: of equal ones all but the first. Nothing more is read of spans whose id and start are
 * their own. Past `limits.splitTracesComparedMax` traces those that lie in two sources are not looked for.
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
  if (split.size > 0 && split.size <= limits.splitTracesComparedMax)
    await addRepeatedAcross(qs, new Set(sources), split, turns, repeated);
  return new Map(Array.from(repeated, ([source, rows]) => [source, Uint32Array.from(rows).sort()]));
}

/**
 * A hash of span ids and starts finds the rows that share both; these are compared. The ids alone would not do: in traces by
 * Zipkin's rules a client and its server share one.
 */
async function repeatedWithin(source: ColumnSource, turns: TurnTaker): Promise<readonly number[]> {
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * source.rowCount + 2)));
  const mask = slots.length - 1;
  const high = new Uint32Array(source.rowCount);
  const low = new Uint32Array(source.rowCount);
  const start = new Uint32Array(source.rowCount);
  const shared: number[] = [];
  for (let b = 0; b < blockCountOf(source); b++) {
    await turns.turn();
    const scan = new BlockScan(source, b, turns.signal);
    high.set(await scan.words('spanIdHigh'), scan.firstRow);
    low.set(await scan.words('spanIdLow'), scan.firstRow);
    start.set(await scan.words('startLow'), scan.firstRow);
    for (let row = scan.firstRow; row < scan.firstRow + scan.rowCount; row++) {
      let slot = hash(high[row], low[row] ^ start[row]) & mask;
      let isShared = false;
      for (let other = slots[slot]; other !== 0 && !isShared; other = slots[slot]!) {
        const at = other - 1;
        isShared = high[at] === high[row] && low[at] === low[row] && start[at] === start[row];
        if (isShared) shared.push(other - 1, row);
        else slot = (slot + 1) & mask;
      }
      if (!isShared) slots[slot] = row + 1;
    }
  }
  const rows = Uint32Array.from(new Set(shared)).sort();
  const seen = new SeenSpans();
  const repeated: number[] = [];
  for (let first = 0; first < rows.length; first += SPANS_AT_ONCE) {
    await turns.turn();
    const some = rows.subarray(first, first + SPANS_AT_ONCE);
    const spans = await source.spans(some);
    for (let i = 0; i < some.length; i++) if (!seen.add(spans[i])) repeated.push(some[i]);
  }
  return repeated;
}

function hash(high: number, low: number): number {
  let h = Math.imul(high, 0x9e37_79b1) ^ Math.imul(low, 0x85eb_ca6b);
  h ^= h >>> 15;
  return Math.imul(h, 0x2c1b_3c6d) >>> 3;
}

/** Tells spans that were seen by a digest of all their fields: hostile ones, many with one id, take no more time or memory. */
class SeenSpans {
  readonly #digests = new Set<string>();

  /** @returns whether it is new */
  add(span: Span): boolean {
    const digest = createHash('sha256').update(JSON.stringify(span, exactly)).digest('latin1');
    if (this.#digests.has(digest)) return false;
    this.#digests.add(digest);
    return true;
  }
}

/** What JSON has no form for, in one that no other value of the same field has. */
function exactly(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0))) return value;
  return Object.is(value, -0) ? '-0' : String(value);
}

interface PlaceOfSpan {
  readonly source: ColumnSource;
  readonly row: number;
}

async function addRepeatedAcross(
  qs: QuerySources,
  asked: ReadonlySet<ColumnSource>,
  split: ReadonlySet<TraceId>,
  turns: TurnTaker,
  repeated: Map<ColumnSource, Set<number>>,
): Promise<void> {
  const ids = new SpanIdReader();
  for (const traceId of split) {
    await turns.turn();
    const places = new Map<string, PlaceOfSpan[]>();
    const sources = qs.sourcesOf?.(traceId) ?? qs.sources;
    const parts = await locateTrace(
      sources.filter((source) => asked.has(source)),
      traceId,
    );
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
    const seen = new SeenSpans();
    for (const { source, row } of [...places.values()].filter((each) => each.length > 1).flat()) {
      await turns.turn();
      const [span] = await source.spans(Uint32Array.of(row));
      if (seen.add(span)) continue;
      const rows = repeated.get(source);
      if (rows === undefined) repeated.set(source, new Set([row]));
      else rows.add(row);
    }
  }
}

/** Span ids and starts of single rows; a block is fetched once. */
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
    const start = await scan.words('startLow');
    const i = row - scan.firstRow;
    return `${high[i]} ${low[i]} ${start[i]}`;
  }
}
