import type { ColumnSource } from '@spoor/store';
import type { BlockScan } from './block-scan.ts';
import type { QueryProgress } from './trace-store.ts';

/** What a query has read, by source: blocks whatever number of times once, bytes as often as they were asked for. */
export class ReadMeter {
  readonly #blocks = new Map<ColumnSource, Set<number>>();
  #bytes = 0;

  /** Called when the query is through with a block. */
  add(scan: BlockScan): void {
    this.#bytes += scan.fetchedBytes;
    const known = this.#blocks.get(scan.source);
    if (known === undefined) this.#blocks.set(scan.source, new Set([scan.index]));
    else known.add(scan.index);
  }

  /** of column data that was decoded or found decoded */
  get bytes(): number {
    return this.#bytes;
  }

  get spanCount(): number {
    let count = 0;
    for (const [source, blocks] of this.#blocks) count += rowsOfBlocks(source, blocks);
    return count;
  }

  /** Of a source that was read in part, its traces in proportion. */
  get traceCount(): number {
    let count = 0;
    for (const [source, blocks] of this.#blocks) {
      count += Math.round((source.traceCount * rowsOfBlocks(source, blocks)) / source.rowCount);
    }
    return count;
  }

  /** What was read so far, of so many sources. */
  progress(sourceCount: number, doneSourceCount: number): QueryProgress {
    return {
      inspectedSpanCount: this.spanCount,
      inspectedTraceCount: this.traceCount,
      inspectedBytes: this.bytes,
      sourceCount,
      doneSourceCount,
    };
  }
}

function rowsOfBlocks({ rowCount, blockRows }: ColumnSource, blocks: ReadonlySet<number>): number {
  let count = 0;
  for (const block of blocks) count += Math.min(blockRows, rowCount - block * blockRows);
  return count;
}

/** Why a query that a deadline ended has not the whole answer. */
export function timeReason(sourceCount: number, doneSourceCount: number): string {
  return `the time was over with ${sourceCount - doneSourceCount} of ${sourceCount} parts of the data unread`;
}
