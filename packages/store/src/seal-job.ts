import { codeOf } from '@spoor/model';
import type { Disk } from './disk.ts';
import { damageOfDisk } from './disk-damage.ts';
import type { HeadBuffers } from './head-buffers.ts';
import type { SegmentEntry } from './manifest-record.ts';
import { orderSpans } from './order-spans.ts';
import type { OrderedSpans } from './ordered-spans.ts';
import type { SegmentOrigin } from './segment-footer.ts';
import { openSegment, readSegmentTable } from './segment-reader.ts';
import { writeSegment } from './segment-writer.ts';
import type { SpanTable, SpanTableCounts } from './span-table.ts';
import { findTraceRow } from './trace-index.ts';

/** The first rows of a head, up to its durable mark; rows with a `sealedVersion` are in a segment already. */
export interface SealedHead {
  readonly buffers: HeadBuffers;
  readonly counts: SpanTableCounts;
}

/** Orders a frozen head, with the rows of its traces in newer ones, into a segment file. Plain data and shared memory. */
export interface SealRequest {
  readonly kind: 'seal';
  readonly path: string;
  readonly tenant: string;
  readonly origin: SegmentOrigin;
  readonly head: SealedHead;
  readonly newer: readonly SealedHead[];
}

/** Writes several segments as one. */
export interface MergeRequest {
  readonly kind: 'merge';
  readonly path: string;
  readonly tenant: string;
  readonly origin: SegmentOrigin;
  readonly inputs: readonly { readonly id: number; readonly path: string }[];
}

export interface SealResult {
  /** `undefined` when there was no row to write: no file was made then */
  readonly segment: SegmentEntry | undefined;
  /** rows taken from each of the newer heads, in the request's order */
  readonly joinedRows: readonly Uint32Array[];
}

/** A segment that should have been merged cannot be read. */
export class MergeInputError extends Error {
  readonly segmentId: number;
  constructor(segmentId: number, message: string) {
    super(message);
    this.name = 'MergeInputError';
    this.segmentId = segmentId;
  }
}

/**
 * Runs on any thread, on any disk. When it resolves, the file and its name are durable.
 * @throws the disk's errors; a partial file may be left under the path
 * @throws {MergeInputError} when an input is damaged
 */
export function runSealJob(disk: Disk, request: SealRequest | MergeRequest): Promise<SealResult> {
  return request.kind === 'seal' ? seal(disk, request) : merge(disk, request);
}

async function seal(disk: Disk, request: SealRequest): Promise<SealResult> {
  const { head, newer } = request;
  const rows = unsealedRows(head);
  const isTraceTaken = new Uint8Array(head.counts.traces);
  for (const row of rows) isTraceTaken[head.buffers.traceRow[row]] = 1;
  const joinedRows = newer.map((other) => rowsOfTraces(other, head, isTraceTaken));
  const selections = [
    { table: tableOf(head), rows },
    ...newer.map((other, index) => ({ table: tableOf(other), rows: joinedRows[index] })),
  ];
  return { segment: await write(disk, request, orderSpans(selections)), joinedRows };
}

async function merge(disk: Disk, request: MergeRequest): Promise<SealResult> {
  const selections: { table: SpanTable }[] = [];
  for (const input of request.inputs) {
    try {
      const reader = await openSegment(damageOfDisk(disk), input.path);
      try {
        selections.push({ table: await readSegmentTable(reader) });
      } finally {
        await reader.close();
      }
    } catch (error) {
      throw codeOf(error) === 'STORE_CORRUPT' ? new MergeInputError(input.id, (error as Error).message) : error;
    }
  }
  return { segment: await write(disk, request, orderSpans(selections)), joinedRows: [] };
}

async function write(
  disk: Disk,
  { path, tenant, origin }: SealRequest | MergeRequest,
  ordered: OrderedSpans,
): Promise<SegmentEntry | undefined> {
  if (ordered.rowCount === 0) return undefined;
  const { rowCount, traceCount, sizeBytes, startMin, endMax } = await writeSegment(disk, path, ordered, {
    origin,
    tenant,
  });
  return { ...origin, rowCount, traceCount, sizeBytes, startMinNano: String(startMin), endMaxNano: String(endMax) };
}

function tableOf({ buffers, counts }: SealedHead): SpanTable {
  return { ...buffers, counts };
}

function unsealedRows({ buffers, counts }: SealedHead): Uint32Array {
  const rows = new Uint32Array(counts.spans);
  let count = 0;
  for (let row = 0; row < counts.spans; row++) if (buffers.sealedVersion[row] === 0) rows[count++] = row;
  return rows.subarray(0, count);
}

/**
 * Unsealed rows of `other` whose trace is one of the taken ones of `head`. A scan, not a walk along the trace's chain
 * of rows: the chain begins at rows past the durable mark, which the writing thread may be taking back right now.
 */
function rowsOfTraces(other: SealedHead, head: SealedHead, isTraceTaken: Uint8Array): Uint32Array {
  const { buffers, counts } = other;
  const isTaken = new Uint8Array(counts.traces);
  for (let trace = 0; trace < counts.traces; trace++) {
    const found = findTraceRow(head.buffers, head.counts.traces, buffers.traceId.subarray(4 * trace, 4 * trace + 4));
    if (found >= 0) isTaken[trace] = isTraceTaken[found];
  }
  const rows = new Uint32Array(counts.spans);
  let count = 0;
  for (let row = 0; row < counts.spans; row++) {
    if (isTaken[buffers.traceRow[row]] === 1 && buffers.sealedVersion[row] === 0) rows[count++] = row;
  }
  return rows.slice(0, count);
}
