import type { SegmentEntry } from './manifest-record.ts';

export interface MergeLimits {
  readonly mergeSegmentsMin: number;
  readonly mergeRowsMax: number;
}

/** Segments below this size are all alike: opening one costs more than its rows do. */
const tierRows = 4096;

/**
 * The segments to merge next: a run of at least `mergeSegmentsMin` neighbours in order of publication (so, nearly, of
 * time) of the same size tier or smaller, with at most `mergeRowsMax` rows together; the run with the fewest rows a segment
 * first. A tier is a power of `mergeSegmentsMin`, so a merge lifts its rows by one tier, and a row is written again
 * log(mergeRowsMax / tierRows) / log(mergeSegmentsMin) times in its life, 2.6 with the defaults; rows that come so fast that
 * they are sealed in large segments, never.
 *
 * Segments that have joined rows from a WAL file that still exists stay as they are: replay asks which traces they
 * hold, and a merged one would answer for traces of the others as well.
 */
export function chooseMerge(
  entries: readonly SegmentEntry[],
  walFloor: number,
  limits: MergeLimits,
): readonly SegmentEntry[] {
  let best: readonly SegmentEntry[] = [];
  const ordered = [...entries].sort((a, b) => a.receivedMaxMilli - b.receivedMaxMilli || a.id - b.id);
  for (const tier of new Set(ordered.map((entry) => tierOf(entry, limits)))) {
    for (const run of runsOf(
      ordered,
      (entry) => tierOf(entry, limits) <= tier && !isPinned(entry, walFloor),
      limits.mergeRowsMax,
    )) {
      if (run.length >= limits.mergeSegmentsMin && (best.length === 0 || meanRows(run) < meanRows(best))) best = run;
    }
  }
  return best;
}

/** True while rows of a WAL file are skipped at replay because this segment has them. */
export function isPinned({ joined }: SegmentEntry, walFloor: number): boolean {
  return joined.some(({ walId }) => walId >= walFloor);
}

function tierOf({ rowCount }: SegmentEntry, { mergeSegmentsMin }: MergeLimits): number {
  let tier = 0;
  for (let rows = tierRows; rows < rowCount; rows *= mergeSegmentsMin) tier++;
  return tier;
}

/** Cuts the list into stretches of entries that qualify, each within the limit of rows. */
function runsOf(
  entries: readonly SegmentEntry[],
  qualifies: (entry: SegmentEntry) => boolean,
  rowsMax: number,
): SegmentEntry[][] {
  const runs: SegmentEntry[][] = [[]];
  let rows = 0;
  for (const entry of entries) {
    const fits = qualifies(entry) && rows + entry.rowCount <= rowsMax;
    if (!fits) {
      runs.push([]);
      rows = 0;
    }
    if (!qualifies(entry)) continue;
    runs.at(-1)!.push(entry);
    rows += entry.rowCount;
  }
  return runs;
}

function meanRows(run: readonly SegmentEntry[]): number {
  return run.reduce((sum, { rowCount }) => sum + rowCount, 0) / run.length;
}
