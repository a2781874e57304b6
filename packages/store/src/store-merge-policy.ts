import type { SegmentEntry } from './manifest-record.ts';

export interface MergeLimits {
  readonly mergeSegmentsMin: number;
  readonly mergeRowsMax: number;
}

/**
 * The segments to merge next: a run of neighbours in order of arrival (so, nearly, of time) with at most `mergeRowsMax` rows
 * together. Either at least `mergeSegmentsMin` of them are of one size tier and none is larger, or they nearly fill a segment of
 * `mergeRowsMax`, each with a quarter of it at most. The run with the fewest rows a segment comes first. A tier is a power of `mergeSegmentsMin`, so a merge lifts its rows by one tier, and a row is written again as often as the
 * segment it was sealed in is tiers below `mergeRowsMax`: twice for segments of ten thousand rows, with the defaults; rows
 * that come so fast that they are sealed by the hundred thousand, never.
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
    const qualifies = (entry: SegmentEntry) => tierOf(entry, limits) <= tier && !isPinned(entry, walFloor);
    for (const run of runsOf(ordered, qualifies, limits.mergeRowsMax)) {
      const ofTier = run.filter((entry) => tierOf(entry, limits) === tier);
      if (ofTier.length >= limits.mergeSegmentsMin) best = smaller(best, run);
    }
  }
  const isQuarter = (entry: SegmentEntry) => 4 * entry.rowCount <= limits.mergeRowsMax && !isPinned(entry, walFloor);
  for (const run of runsOf(ordered, isQuarter, limits.mergeRowsMax)) {
    if (4 * rowsOf(run) >= 3 * limits.mergeRowsMax) best = smaller(best, run);
  }
  return best;
}

/** True while rows of a WAL file are skipped at replay because this segment has them. */
export function isPinned({ joined }: SegmentEntry, walFloor: number): boolean {
  return joined.some(({ walId }) => walId >= walFloor);
}

function tierOf({ rowCount }: SegmentEntry, { mergeSegmentsMin }: MergeLimits): number {
  let tier = 0;
  for (let rows = 1; rows < rowCount; rows *= mergeSegmentsMin) tier++;
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

/** The one with the fewer rows a segment; any run is smaller than none. */
function smaller(best: readonly SegmentEntry[], run: readonly SegmentEntry[]): readonly SegmentEntry[] {
  return best.length === 0 || rowsOf(run) / run.length < rowsOf(best) / best.length ? run : best;
}

function rowsOf(run: readonly SegmentEntry[]): number {
  return run.reduce((sum, { rowCount }) => sum + rowCount, 0);
}
