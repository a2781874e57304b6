import type { ByteReader, ByteWriter } from './column-bytes.ts';
import { NO_ROW } from './column-source.ts';
import { decodeWords, encodeWords } from './column-words.ts';
import type { OrderedSpans } from './ordered-spans.ts';
import { DepthCode } from './segment-layout.ts';

/*
 * Rows are in pre-order, so depth alone tells the tree: a row's parent is the last row before it that is one level
 * higher. Where a block begins inside a tree, the ancestors of its first row are stored with it; where it ends inside
 * one, so are the subtree size and child count of the rows whose subtree goes on.
 *
 *     ancestors:varint  isConnected:u8  row gaps:words  spanIdHigh:words  spanIdLow:words       of the first row, from the top
 *     open:varint  row in block:words  subtreeSize:words  childCount:words                      ascending
 */

/** @returns false, with nothing appended, when the block begins and ends between trees, as nearly all do but for one trace */
export function encodeTree(
  out: ByteWriter,
  ordered: OrderedSpans,
  spanIdHigh: Uint32Array,
  spanIdLow: Uint32Array,
  first: number,
  last: number,
): boolean {
  const ancestors = ancestorsOf(ordered, first);
  const open = ancestorsOf(ordered, last).filter((row) => row >= first);
  if (ancestors.length === 0 && open.length === 0) return false;
  const pick = (rows: number[], column: Uint32Array): Uint32Array => Uint32Array.from(rows, (row) => column[row]);
  out.varint(ancestors.length);
  out.u8(first < ordered.rowCount ? ordered.connected[first] : 0);
  encodeWords(
    out,
    Uint32Array.from(ancestors, (row, i) => (i === 0 ? row : row - ancestors[i - 1])),
  );
  encodeWords(out, pick(ancestors, spanIdHigh));
  encodeWords(out, pick(ancestors, spanIdLow));
  out.varint(open.length);
  encodeWords(
    out,
    Uint32Array.from(open, (row) => row - first),
  );
  encodeWords(out, pick(open, ordered.subtreeSize));
  encodeWords(out, pick(open, ordered.childCount));
  return true;
}

/** What crosses the edges of a block. */
export interface TreeEdges {
  readonly isConnected: number;
  readonly ancestorRow: Uint32Array;
  readonly ancestorIdHigh: Uint32Array;
  readonly ancestorIdLow: Uint32Array;
  readonly openRow: Uint32Array;
  readonly openSubtreeSize: Uint32Array;
  readonly openChildCount: Uint32Array;
}

const NONE = new Uint32Array(0);
export const NO_EDGES: TreeEdges = Object.freeze({
  isConnected: 0,
  ancestorRow: NONE,
  ancestorIdHigh: NONE,
  ancestorIdLow: NONE,
  openRow: NONE,
  openSubtreeSize: NONE,
  openChildCount: NONE,
});

/** @param first first row of the block */
export function decodeTree(input: ByteReader, first: number, rowCount: number): TreeEdges {
  const ancestorCount = input.count(first);
  const isConnected = input.u8();
  const ancestorRow = decodeWords(input, ancestorCount);
  for (let i = 1; i < ancestorCount; i++) ancestorRow[i] += ancestorRow[i - 1];
  const [ancestorIdHigh, ancestorIdLow] = [decodeWords(input, ancestorCount), decodeWords(input, ancestorCount)];
  const openCount = input.count(rowCount);
  const openRow = decodeWords(input, openCount);
  if (openRow.some((row) => row >= rowCount)) input.fail('a subtree begins outside its block');
  return {
    isConnected,
    ancestorRow,
    ancestorIdHigh,
    ancestorIdLow,
    openRow,
    openSubtreeSize: decodeWords(input, openCount),
    openChildCount: decodeWords(input, openCount),
  };
}

/** The edges of some whole traces of a block, rows [from, to): only a block's first trace has ancestors before it. */
export function partOfTree(edges: TreeEdges, [from, to]: readonly [number, number]): TreeEdges {
  const open = edges.openRow.findIndex((row) => row >= from);
  const kept = open >= 0 && edges.openRow[open] < to ? edges.openRow.subarray(open) : NONE;
  return {
    ...(from === 0 ? edges : NO_EDGES),
    openRow: kept.map((row) => row - from),
    openSubtreeSize: edges.openSubtreeSize.subarray(edges.openRow.length - kept.length),
    openChildCount: edges.openChildCount.subarray(edges.openRow.length - kept.length),
  };
}

/** The derived columns of one block. */
export interface TreeColumns {
  readonly parentRow: Uint32Array;
  readonly depth: Uint32Array;
  readonly subtreeSize: Uint32Array;
  readonly connected: Uint32Array;
  readonly childCount: Uint32Array;
}

/** @throws what `fail` throws, when a row is deeper than a child of the row before it */
export function treeColumns(
  depthCode: Uint32Array,
  edges: TreeEdges,
  first: number,
  fail: (message: string) => never,
): TreeColumns {
  const rowCount = depthCode.length;
  const parentRow = new Uint32Array(rowCount).fill(NO_ROW);
  const depth = new Uint32Array(rowCount);
  const subtreeSize = new Uint32Array(rowCount);
  const connected = new Uint32Array(rowCount);
  const childCount = new Uint32Array(rowCount);
  /** rows on the way down to the current one, in the segment's numbering */
  const path = new Uint32Array(edges.ancestorRow.length + rowCount + 1);
  path.set(edges.ancestorRow);
  let length = edges.ancestorRow.length;
  let isConnected = edges.isConnected;
  const close = (from: number, end: number): void => {
    for (let d = from; d < length; d++) if (path[d] >= first) subtreeSize[path[d] - first] = end - path[d];
  };
  for (let i = 0; i < rowCount; i++) {
    const code = depthCode[i];
    const level = code <= DepthCode.orphan ? 0 : code - 1;
    if (level > length) fail(`row ${first + i} is at depth ${level} below a row at ${length - 1}`);
    close(level, first + i);
    if (level === 0) isConnected = code === DepthCode.root ? 1 : 0;
    else {
      const parent = path[level - 1];
      parentRow[i] = parent;
      if (parent >= first) childCount[parent - first]++;
    }
    path[level] = first + i;
    length = level + 1;
    depth[i] = level;
    connected[i] = isConnected;
  }
  close(0, first + rowCount);
  for (const [k, row] of edges.openRow.entries()) {
    subtreeSize[row] = edges.openSubtreeSize[k]!;
    childCount[row] = edges.openChildCount[k]!;
  }
  return { parentRow, depth, subtreeSize, connected, childCount };
}

/** The one derived column that needs no look at where subtrees end. */
export function childCounts(depthCode: Uint32Array, edges: TreeEdges, first: number): Uint32Array {
  const counts = new Uint32Array(depthCode.length);
  /** rows on the way down to the current one, in the block's numbering: below 0 before it */
  const path = new Int32Array(edges.ancestorRow.length + depthCode.length + 1);
  for (const [level, row] of edges.ancestorRow.entries()) path[level] = row - first;
  for (let row = 0; row < depthCode.length; row++) {
    const level = depthCode[row] <= DepthCode.orphan ? 0 : depthCode[row] - 1;
    if (level > 0 && path[level - 1] >= 0) counts[path[level - 1]]++;
    path[level] = row;
  }
  for (const [k, row] of edges.openRow.entries()) counts[row] = edges.openChildCount[k]!;
  return counts;
}

/** From the top; empty past the last row. */
function ancestorsOf({ parentRow, rowCount }: OrderedSpans, row: number): number[] {
  const ancestors: number[] = [];
  if (row >= rowCount) return ancestors;
  for (let at = parentRow[row]; at !== NO_ROW; at = parentRow[at]!) ancestors.push(at);
  return ancestors.reverse();
}
