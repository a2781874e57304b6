import type { TraceModel } from './trace-model.ts';

/** What the reader has closed and opened. Values, not state: every change makes a new one. */
export interface Folding {
  readonly collapsed: ReadonlySet<number>;
  /** first rows of folds of identical siblings that were opened */
  readonly unfolded: ReadonlySet<number>;
}

export const nothingFolded: Folding = Object.freeze({ collapsed: new Set<number>(), unfolded: new Set<number>() });

/**
 * Rows in view, in order. With `matches`, only those and the way to them from their roots, whatever is collapsed.
 * A collapsed subtree is one step, so the cost is that of the rows shown.
 */
export function visibleRows(model: TraceModel, folding: Folding, matches?: Uint8Array): Uint32Array {
  if (matches !== undefined) return matchingRows(model, matches);
  const rows = new Uint32Array(model.spanCount);
  let count = 0;
  for (let row = 0; row < model.spanCount;) {
    const head = model.foldOf[row];
    if (head < 0 || head === row || folding.unfolded.has(head)) rows[count++] = row;
    row += folding.collapsed.has(row) ? model.subtreeSize[row] : 1;
  }
  return rows.subarray(0, count);
}

function matchingRows(model: TraceModel, matches: Uint8Array): Uint32Array {
  const isShown = Uint8Array.from(matches);
  // Children come after their parents, so going backwards carries a match up to the root.
  for (let row = model.spanCount - 1; row >= 0; row--) {
    const parent = model.skeleton.parentRow[row];
    if (isShown[row] === 1 && parent >= 0) isShown[parent] = 1;
  }
  const rows = new Uint32Array(model.spanCount);
  let count = 0;
  for (let row = 0; row < model.spanCount; row++) if (isShown[row] === 1) rows[count++] = row;
  return rows.subarray(0, count);
}

/** Opens whatever hides `row`. The same value when nothing does. */
export function revealed(model: TraceModel, folding: Folding, row: number): Folding {
  const hiding: number[] = [];
  for (let at = model.skeleton.parentRow[row]; at >= 0; at = model.skeleton.parentRow[at]!) {
    if (folding.collapsed.has(at)) hiding.push(at);
  }
  const head = model.foldOf[row];
  const isFolded = head >= 0 && head !== row && !folding.unfolded.has(head);
  if (hiding.length === 0 && !isFolded) return folding;
  const collapsed = new Set(folding.collapsed);
  for (const at of hiding) collapsed.delete(at);
  return { collapsed, unfolded: isFolded ? new Set([...folding.unfolded, head]) : folding.unfolded };
}

/** Collapses every span that has children, except the roots, or opens all. */
export function allCollapsed(model: TraceModel): Folding {
  const collapsed = new Set<number>();
  for (let row = 0; row < model.spanCount; row++) {
    if (model.subtreeSize[row] > 1 && model.skeleton.depth[row] > 0) collapsed.add(row);
  }
  return { collapsed, unfolded: new Set() };
}

/** Position of the last visible row that is not after `row`. Binary search. */
export function positionOfRow(rows: Uint32Array, row: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (rows[middle] <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}
