import type { TraceSkeleton } from '@spoor/wire';

/** The spans that the length of the trace hangs on. Segment i is row `rows[i]` from `fromNano[i]` to `toNano[i]`; they do not overlap. */
export interface CriticalPath {
  readonly rows: Uint32Array;
  readonly fromNano: Float64Array;
  readonly toNano: Float64Array;
  /** row → first segment and one past its last, in a list sorted by row */
  readonly firstSegment: Uint32Array;
  /** nanoseconds of the path in each row itself */
  readonly selfNano: Float64Array;
}

/**
 * Walks back from the end of the first tree's root: what ended last before the moment looked at was what was waited for;
 * between its end and that moment the parent itself worked. A child that runs on past its parent's end is cut there;
 * one that was still running at the moment looked at was not waited for. Each span is looked at once, so the time is
 * that of sorting siblings by their end.
 * Source: Zhang et al., "CRISP: Critical Path Analysis of Large-Scale Microservice Architectures", USENIX ATC 2022.
 */
export function criticalPath(skeleton: TraceSkeleton, subtreeSize: Uint32Array): CriticalPath {
  const { startNano, durationNano, spanCount } = skeleton;
  const rows: number[] = [];
  const from: number[] = [];
  const to: number[] = [];
  const pending: (readonly [row: number, floorNano: number, endNano: number])[] = [];
  if (spanCount > 0) pending.push([0, startNano[0], startNano[0] + durationNano[0]]);
  const add = (row: number, fromNano: number, toNano: number): void => {
    if (toNano <= fromNano) return;
    rows.push(row);
    from.push(fromNano);
    to.push(toNano);
  };
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [row, floor, end] = next;
    let cursor = end;
    for (const child of childrenByEnd(skeleton, subtreeSize, row, end)) {
      const childEnd = Math.min(end, startNano[child] + durationNano[child]);
      // A clock that runs ahead may put a child before its parent.
      const childStart = Math.max(floor, startNano[child]);
      if (childEnd > cursor || childStart >= childEnd) continue;
      add(row, childEnd, cursor);
      pending.push([child, childStart, childEnd]);
      cursor = childStart;
    }
    add(row, floor, cursor);
  }
  return sortedByRow(rows, from, to, spanCount);
}

/** Children that began before `end`, the last to end first; an end past the parent's counts as the parent's. */
function childrenByEnd(skeleton: TraceSkeleton, subtreeSize: Uint32Array, row: number, end: number): number[] {
  const { startNano, durationNano } = skeleton;
  const children: number[] = [];
  const last = row + subtreeSize[row];
  for (let child = row + 1; child < last; child += subtreeSize[child]) if (startNano[child] < end) children.push(child);
  const endOf = (child: number): number => Math.min(end, startNano[child] + durationNano[child]);
  // Of children with one end, the later start first: the earlier one may have been waited for before it.
  return children.sort((a, b) => endOf(b) - endOf(a) || startNano[b] - startNano[a]);
}

function sortedByRow(rows: number[], from: number[], to: number[], spanCount: number): CriticalPath {
  const order = rows.map((_, index) => index).sort((a, b) => rows[a] - rows[b] || from[a] - from[b]);
  const selfNano = new Float64Array(spanCount);
  const firstSegment = new Uint32Array(spanCount + 1);
  for (const index of order) {
    selfNano[rows[index]] += to[index] - from[index];
    firstSegment[rows[index] + 1]++;
  }
  for (let row = 0; row < spanCount; row++) firstSegment[row + 1] += firstSegment[row];
  return {
    rows: Uint32Array.from(order, (index) => rows[index]),
    fromNano: Float64Array.from(order, (index) => from[index]),
    toNano: Float64Array.from(order, (index) => to[index]),
    firstSegment,
    selfNano,
  };
}
