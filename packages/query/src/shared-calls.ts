import { SpanKind } from '@spoor/model';
import { NO_ROW } from '@spoor/store';
import type { BlockScan } from './block-scan.ts';
import type { RowMask } from './row-mask.ts';

/** A called span and the one it was called by, which has the same span id. */
export interface SharedCall {
  readonly scan: BlockScan;
  /** row in the block */
  readonly row: number;
  /** row of the source */
  readonly callerRow: number;
}

interface Top {
  readonly scan: BlockScan;
  readonly row: number;
  readonly isAsked: boolean;
}

/**
 * Finds the calls that no parent tells of: a client and a server span with one id, as Zipkin's instrumentation reports
 * them, at the top of a trace, or below a parent that is missing. Fed block by block, in order. Traces with one top, which
 * nearly all are, cost no more than the look at their rows.
 */
export class SharedCalls {
  #trace = -1;
  #tops: Top[] = [];
  readonly #complete: (readonly Top[])[] = [];

  /** Takes the tops of a block. @param rows  of calls that count; the caller may be any row */
  add(scan: BlockScan, rows: RowMask, parentRow: ArrayLike<number>, traceRow: ArrayLike<number>): void {
    for (let row = 0; row < scan.rowCount; row++) {
      if (parentRow[row] >>> 0 !== NO_ROW) continue;
      if (traceRow[row] !== this.#trace) this.#close(traceRow[row]);
      this.#tops.push({ scan, row, isAsked: rows[row] !== 0 });
    }
  }

  /** Calls in the traces that are over: all but the last one, and at the end of the source that, too. */
  async take(isEnd: boolean): Promise<readonly SharedCall[]> {
    if (isEnd) this.#close(-1);
    const calls: SharedCall[] = [];
    for (const tops of this.#complete.splice(0)) calls.push(...(await callsAmong(tops)));
    return calls;
  }

  #close(next: number): void {
    if (this.#tops.length > 1) this.#complete.push(this.#tops);
    this.#tops = [];
    this.#trace = next;
  }
}

async function callsAmong(tops: readonly Top[]): Promise<readonly SharedCall[]> {
  const clients = new Map<string, number>();
  const servers: { readonly id: string; readonly top: Top }[] = [];
  for (const top of tops) {
    const { scan, row } = top;
    const kind = (await scan.words('kind'))[row];
    if (kind !== SpanKind.client && kind !== SpanKind.server) continue;
    const high = (await scan.words('spanIdHigh'))[row];
    const low = (await scan.words('spanIdLow'))[row];
    const id = `${high} ${low}`;
    if (kind === SpanKind.server && top.isAsked) servers.push({ id, top });
    else if (kind === SpanKind.client && !clients.has(id)) clients.set(id, scan.firstRow + row);
  }
  return servers.flatMap(({ id, top: { scan, row } }) => {
    const callerRow = clients.get(id);
    return callerRow === undefined ? [] : [{ scan, row, callerRow }];
  });
}
