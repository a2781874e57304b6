import type { TraceId } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import { BlockScan, blockCountOf } from './block-scan.ts';
import { bindCondition, rowsWhere } from './bound-condition.ts';
import type { Condition } from './condition.ts';
import { flagPointers, isEmpty, keepRows, type RowMask, rowsOf } from './row-mask.ts';
import { rowsInRange } from './range-rows.ts';
import { spanSpace } from './row-space.ts';
import type { SourceRows } from './source-rows.ts';
import type { TimeRange } from './trace-store.ts';
import type { TurnTaker } from './turn-taker.ts';

/** The spans of one source that a condition holds for. */
export interface SpanMatches {
  readonly source: ColumnSource;
  /** by block; `undefined` where nothing matched */
  readonly masks: readonly (RowMask | undefined)[];
  /** the traces of the matching spans, ascending */
  readonly traceRows: Uint32Array;
}

/** Gathers the matches of a source, which come block by block. */
export class MatchCollector {
  readonly #source: ColumnSource;
  readonly #masks: (RowMask | undefined)[] = [];
  readonly #seen: Uint8Array;

  constructor(source: ColumnSource) {
    this.#source = source;
    this.#seen = new Uint8Array(source.traceCount);
  }

  async add(scan: BlockScan, rows: RowMask): Promise<void> {
    this.#masks[scan.index] = rows;
    flagPointers(rows, await scan.words('traceRow'), this.#seen);
  }

  /** what was added so far */
  matches(): SpanMatches {
    return { source: this.#source, masks: this.#masks, traceRows: rowsOf(this.#seen) };
  }
}

/** What of a source is looked at. */
export interface SourceScope {
  readonly source: ColumnSource;
  readonly turns: TurnTaker;
  /** 1 for trace rows that do not take part */
  readonly leftOut: Uint8Array | undefined;
}

/**
 * Calls `visit` for each block that has spans that the condition holds for, with the mask of these.
 * @param within  rows that are seen; all when absent
 */
export async function visitSpans(
  { source, turns, leftOut }: SourceScope,
  condition: Condition,
  range: TimeRange,
  visit: (scan: BlockScan, rows: RowMask) => Promise<void>,
  within?: SourceRows,
): Promise<void> {
  const bound = await bindCondition(condition, source, turns);
  if (bound.kind === 'constant' && !bound.value) return;
  const inRange = rowsInRange(source, range);
  const blockCount = blockCountOf(source);
  for (let b = 0; b < blockCount; b++) {
    const first = b * source.blockRows;
    const seen = within?.slice(first, first + source.blockRows);
    if (seen !== undefined && isEmpty(seen)) continue;
    await turns.turn();
    const scan = new BlockScan(source, b, turns.signal);
    const inside = await inRange(scan);
    if (seen !== undefined) keepRows(seen, inside);
    const open = leftOut === undefined ? (seen ?? inside) : await withoutTraces(scan, seen ?? inside, leftOut);
    const rows = isEmpty(open) ? open : await rowsWhere(bound, spanSpace(scan, turns), open);
    if (!isEmpty(rows)) await visit(scan, rows);
    turns.meter.add(scan);
  }
}

async function withoutTraces(scan: BlockScan, rows: RowMask, leftOut: Uint8Array): Promise<RowMask> {
  const traceRow = await scan.words('traceRow');
  const rest = new Uint8Array(rows.length);
  for (let i = 0; i < rows.length; i++) rest[i] = rows[i] & ~leftOut[traceRow[i]];
  return rest;
}

/** @param row  of `matches.source` */
export function isMatched({ source, masks }: SpanMatches, row: number): boolean {
  return masks[Math.floor(row / source.blockRows)]?.[row % source.blockRows] === 1;
}

/** The trace rows of those of the given traces that the source has spans of. */
export async function traceRowsOf(source: ColumnSource, ids: Iterable<TraceId>): Promise<Map<number, TraceId>> {
  const found = new Map<number, TraceId>();
  const scans = new Map<number, BlockScan>();
  for (const id of ids) {
    const [row] = await source.findTrace(id);
    if (row === undefined) continue;
    const b = Math.floor(row / source.blockRows);
    let scan = scans.get(b);
    if (scan === undefined) scans.set(b, (scan = new BlockScan(source, b)));
    found.set((await scan.words('traceRow'))[row - scan.firstRow], id);
  }
  return found;
}
