import { NO_ROW } from '@spoor/store';
import type { SourceRows } from './source-rows.ts';

/**
 * The trees of an ordered source: rows in pre-order, so that a subtree is rows [row, row + subtreeSize). Entries count
 * for rows of either side of the join only.
 */
export interface TreeColumns {
  readonly parentRow: Uint32Array;
  readonly subtreeSize: Uint32Array;
  /** 1 for what hangs on a root; spans that do not take part in no join, negated ones neither */
  readonly connected: Uint32Array;
}

/** How a span of the right side stands to one of the left side. */
export type Relation = '>' | '>>' | '<' | '<<' | '~';

/** The same from the other side. */
export const inverse = Object.freeze({ '>': '<', '>>': '<<', '<': '>', '<<': '>>', '~': '~' } as const);

/** The connected rows of `right` that stand so to some connected row of `left`. Linear in the rows. */
export function joinRows(relation: Relation, left: SourceRows, right: SourceRows, tree: TreeColumns): SourceRows {
  const found = related(relation, left, right, tree);
  for (let row = 0; row < found.length; row++) found[row] &= tree.connected[row];
  return found;
}

/** The connected rows of `right` that stand so to none of `left`. */
export function antiJoinRows(relation: Relation, left: SourceRows, right: SourceRows, tree: TreeColumns): SourceRows {
  const found = related(relation, left, right, tree);
  for (let row = 0; row < found.length; row++) found[row] = right[row] & tree.connected[row] & ~found[row];
  return found;
}

function related(relation: Relation, left: SourceRows, right: SourceRows, tree: TreeColumns): SourceRows {
  switch (relation) {
    case '>':
      return childrenOf(left, right, tree.parentRow);
    case '<':
      return parentsOf(left, right, tree.parentRow);
    case '>>':
      return descendantsOf(left, right, tree.subtreeSize);
    case '<<':
      return ancestorsOf(left, right, tree.subtreeSize);
    case '~':
      return siblingsOf(left, right, tree.parentRow);
  }
}

function childrenOf(left: SourceRows, right: SourceRows, parentRow: Uint32Array): SourceRows {
  return right.map((isIn, row) => (isIn === 1 && parentRow[row] !== NO_ROW ? left[parentRow[row]] : 0));
}

function parentsOf(left: SourceRows, right: SourceRows, parentRow: Uint32Array): SourceRows {
  const found = new Uint8Array(right.length);
  for (let row = 0; row < left.length; row++) {
    const parent = parentRow[row];
    if (left[row] === 1 && parent !== NO_ROW) found[parent] = right[parent];
  }
  return found;
}

/** Subtrees contain each other or are apart, so the farthest end of those begun so far tells whether a row is in one. */
function descendantsOf(left: SourceRows, right: SourceRows, subtreeSize: Uint32Array): SourceRows {
  const found = new Uint8Array(right.length);
  let end = 0;
  for (let row = 0; row < right.length; row++) {
    if (right[row] === 1 && row < end) found[row] = 1;
    if (left[row] === 1) end = Math.max(end, row + subtreeSize[row]);
  }
  return found;
}

/** From the last row back, the next row of the left side is known: it is in the subtree or beyond it. */
function ancestorsOf(left: SourceRows, right: SourceRows, subtreeSize: Uint32Array): SourceRows {
  const found = new Uint8Array(right.length);
  let next = Number.POSITIVE_INFINITY;
  for (let row = right.length - 1; row >= 0; row--) {
    if (right[row] === 1 && next < row + subtreeSize[row]) found[row] = 1;
    if (left[row] === 1) next = row;
  }
  return found;
}

/** Spans without a parent have no siblings. */
function siblingsOf(left: SourceRows, right: SourceRows, parentRow: Uint32Array): SourceRows {
  const children = new Map<number, number>();
  for (let row = 0; row < left.length; row++) {
    const parent = parentRow[row];
    if (left[row] === 1 && parent !== NO_ROW) children.set(parent, (children.get(parent) ?? 0) + 1);
  }
  return right.map((isIn, row) => {
    if (isIn === 0 || parentRow[row] === NO_ROW) return 0;
    return (children.get(parentRow[row]) ?? 0) - left[row] > 0 ? 1 : 0;
  });
}
