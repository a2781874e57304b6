import { parentPort, workerData } from 'node:worker_threads';
import type { SpanTableCounts } from '../span-table.ts';
import type { HeadBuffers } from '../head-buffers.ts';
import { findStringCode } from '../string-interner.ts';
import { findTraceRow, rowsOfTrace } from '../trace-index.ts';

/** What a reader was given when its snapshot was taken, and must find however long the writer goes on. */
export interface ReaderTask {
  readonly buffers: HeadBuffers;
  readonly counts: SpanTableCounts;
  readonly strings: readonly Uint8Array[];
  /** by trace row */
  readonly rowsOfTraces: readonly (readonly number[])[];
  /** set by the writer when it is done */
  readonly stop: Int32Array;
}

/** Looks everything up again and again until told to stop; posts how often, or what was wrong. */
function readUntilStopped({
  buffers,
  counts,
  strings,
  rowsOfTraces,
  stop,
}: ReaderTask): { rounds: number } | { wrong: string } {
  let rounds = 0;
  while (Atomics.load(stop, 0) === 0 || rounds === 0) {
    for (const [code, bytes] of strings.entries()) {
      const found = findStringCode(buffers, counts.strings, bytes);
      if (found !== code) return { wrong: `string ${code} found as ${found}` };
    }
    for (const [trace, rows] of rowsOfTraces.entries()) {
      const found = findTraceRow(buffers, counts.traces, buffers.traceId.slice(4 * trace, 4 * trace + 4));
      if (found !== trace) return { wrong: `trace ${trace} found as ${found}` };
      const foundRows = rowsOfTrace(buffers, trace, counts.spans).join();
      if (foundRows !== rows.join()) return { wrong: `trace ${trace} has rows ${foundRows} instead of ${rows.join()}` };
    }
    rounds++;
  }
  return { rounds };
}

parentPort?.postMessage(readUntilStopped(workerData as ReaderTask));
