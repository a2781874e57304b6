import type { Span } from '@spoor/model';

/** The spans of one trace as a forest in pre-order. Row numbers count from 0 in that order. */
export interface TraceTree {
  /** row → index in the list of spans */
  readonly order: Uint32Array;
  /** 0 for the first span of a tree */
  readonly depth: Uint32Array;
  /** row of the parent, −1 for the first span of a tree */
  readonly parentRow: Int32Array;
  /** 1 where the parents form a circle that was cut at this row */
  readonly cut: Uint8Array;
}

const NONE = -1;

/**
 * Builds the forest: trees of roots first, then those of spans whose parent is missing, then circles, cut at their
 * earliest span. Siblings and trees keep the order of `spans`. A span that names itself as its parent counts as one
 * whose parent is missing; of spans with one id, the first is the parent.
 */
export function treeOfSpans(spans: readonly Span[]): TraceTree {
  const parent = parentIndexes(spans);
  const children = childLists(parent);
  const tree = {
    order: new Uint32Array(spans.length),
    depth: new Uint32Array(spans.length),
    parentRow: new Int32Array(spans.length).fill(NONE),
    cut: new Uint8Array(spans.length),
  };
  const rowOf = new Int32Array(spans.length).fill(NONE);
  let rowCount = 0;
  const stack: number[] = [];
  const place = (first: number): void => {
    stack.push(first);
    for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
      if (rowOf[index] !== NONE) continue;
      const row = rowCount++;
      rowOf[index] = row;
      tree.order[row] = index;
      if (index !== first) {
        tree.parentRow[row] = rowOf[parent[index]!]!;
        tree.depth[row] = tree.depth[tree.parentRow[row]!]! + 1;
      }
      for (let i = children.start[index + 1]! - 1; i >= children.start[index]!; i--) stack.push(children.list[i]!);
    }
  };
  for (let i = 0; i < spans.length; i++) if (spans[i]!.parentSpanId === '') place(i);
  for (let i = 0; i < spans.length; i++) if (parent[i] === NONE && rowOf[i] === NONE) place(i);
  for (let i = 0; i < spans.length; i++) {
    if (rowOf[i] !== NONE) continue;
    tree.cut[rowCount] = 1;
    place(i);
  }
  return tree;
}

function parentIndexes(spans: readonly Span[]): Int32Array {
  const indexOfId = new Map<string, number>();
  for (let i = spans.length - 1; i >= 0; i--) indexOfId.set(spans[i]!.spanId, i);
  const parent = new Int32Array(spans.length).fill(NONE);
  for (let i = 0; i < spans.length; i++) {
    const { spanId, parentSpanId } = spans[i]!;
    if (parentSpanId !== '' && parentSpanId !== spanId) parent[i] = indexOfId.get(parentSpanId) ?? NONE;
  }
  return parent;
}

/** Children of index i: `list[start[i]] … list[start[i + 1] − 1]`, in order. */
function childLists(parent: Int32Array): { start: Uint32Array; list: Uint32Array } {
  const start = new Uint32Array(parent.length + 1);
  for (const index of parent) if (index !== NONE) start[index + 1]!++;
  for (let i = 0; i < parent.length; i++) start[i + 1]! += start[i]!;
  const next = start.slice();
  const list = new Uint32Array(start[parent.length]!);
  for (let i = 0; i < parent.length; i++) if (parent[i] !== NONE) list[next[parent[i]!]!++] = i;
  return { start, list };
}
