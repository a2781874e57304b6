import { type ColumnSource, NO_ROW } from '@spoor/store';
import { forEachBlockOf, rowsOfEither, type SourceRows } from './source-rows.ts';
import type { TurnTaker } from './turn-taker.ts';

/**
 * An ordered source, whose rows are in pre-order, so that a subtree is rows [row, row + subtreeSize). Of its columns those
 * that a relation needs are read, in blocks that have rows of the sides it looks at.
 */
export interface TreeSource {
  readonly source: ColumnSource;
  readonly turns: TurnTaker;
}

/** How a span of the right side stands to one of the left side. */
export type Relation = '>' | '>>' | '<' | '<<' | '~';

/** The same from the other side. */
export const inverse = Object.freeze({ '>': '<', '>>': '<<', '<': '>', '<<': '>>', '~': '~' } as const);

/**
 * The rows of `right` that stand so to some row of `left`. Linear in the rows. Spans that hang on no root take part in
 * no join, negated ones neither.
 */
export async function joinRows(
  relation: Relation,
  left: SourceRows,
  right: SourceRows,
  tree: TreeSource,
): Promise<SourceRows> {
  const found = await related(relation, left, right, tree);
  await forEachBlockOf(tree.source, found, tree.turns, async (scan) => {
    const connected = await scan.words('connected');
    for (let i = 0, row = scan.firstRow; i < scan.rowCount; i++, row++) found[row] &= connected[i];
  });
  return found;
}

/** The rows of `right` that stand so to none of `left`. */
export async function antiJoinRows(
  relation: Relation,
  left: SourceRows,
  right: SourceRows,
  tree: TreeSource,
): Promise<SourceRows> {
  const found = await related(relation, left, right, tree);
  await forEachBlockOf(tree.source, right, tree.turns, async (scan) => {
    const connected = await scan.words('connected');
    for (let i = 0, row = scan.firstRow; i < scan.rowCount; i++, row++) {
      found[row] = right[row] & connected[i] & ~found[row];
    }
  });
  return found;
}

function related(relation: Relation, left: SourceRows, right: SourceRows, tree: TreeSource): Promise<SourceRows> {
  switch (relation) {
    case '>':
      return childrenOf(left, right, tree);
    case '<':
      return parentsOf(left, right, tree);
    case '>>':
      return descendantsOf(left, right, tree);
    case '<<':
      return ancestorsOf(left, right, tree);
    case '~':
      return siblingsOf(left, right, tree);
  }
}

async function childrenOf(left: SourceRows, right: SourceRows, { source, turns }: TreeSource): Promise<SourceRows> {
  const found = new Uint8Array(right.length);
  await forEachBlockOf(source, right, turns, async (scan) => {
    const parentRow = await scan.words('parentRow');
    for (let i = 0, row = scan.firstRow; i < scan.rowCount; i++, row++) {
      if (right[row] === 1 && parentRow[i] !== NO_ROW) found[row] = left[parentRow[i]];
    }
  });
  return found;
}

async function parentsOf(left: SourceRows, right: SourceRows, { source, turns }: TreeSource): Promise<SourceRows> {
  const found = new Uint8Array(right.length);
  await forEachBlockOf(source, left, turns, async (scan) => {
    const parentRow = await scan.words('parentRow');
    for (let i = 0, row = scan.firstRow; i < scan.rowCount; i++, row++) {
      const parent = parentRow[i];
      if (left[row] === 1 && parent !== NO_ROW) found[parent] = right[parent];
    }
  });
  return found;
}

/** Subtrees contain each other or are apart, so the farthest end of those begun so far tells whether a row is in one. */
async function descendantsOf(left: SourceRows, right: SourceRows, { source, turns }: TreeSource): Promise<SourceRows> {
  const found = new Uint8Array(right.length);
  let end = 0;
  await forEachBlockOf(source, rowsOfEither(left, right), turns, async (scan) => {
    const subtreeSize = await scan.words('subtreeSize');
    for (let i = 0, row = scan.firstRow; i < scan.rowCount; i++, row++) {
      if (right[row] === 1 && row < end) found[row] = 1;
      if (left[row] === 1 && row + subtreeSize[i] > end) end = row + subtreeSize[i];
    }
  });
  return found;
}

/** From the last row back, the next row of the left side is known: it is in the subtree or beyond it. */
async function ancestorsOf(left: SourceRows, right: SourceRows, { source, turns }: TreeSource): Promise<SourceRows> {
  const found = new Uint8Array(right.length);
  let next = source.rowCount;
  const visitBack = async (scan: Parameters<Parameters<typeof forEachBlockOf>[3]>[0]): Promise<void> => {
    const subtreeSize = await scan.words('subtreeSize');
    for (let i = scan.rowCount - 1, row = scan.firstRow + i; i >= 0; i--, row--) {
      if (right[row] === 1 && next < row + subtreeSize[i]) found[row] = 1;
      if (left[row] === 1) next = row;
    }
  };
  await forEachBlockOf(source, rowsOfEither(left, right), turns, visitBack, 'backwards');
  return found;
}

/** Spans without a parent have no siblings. */
async function siblingsOf(left: SourceRows, right: SourceRows, { source, turns }: TreeSource): Promise<SourceRows> {
  const childCount = new Uint32Array(left.length);
  await forEachBlockOf(source, left, turns, async (scan) => {
    const parentRow = await scan.words('parentRow');
    for (let i = 0, row = scan.firstRow; i < scan.rowCount; i++, row++) {
      if (left[row] === 1 && parentRow[i] !== NO_ROW) childCount[parentRow[i]]++;
    }
  });
  const found = new Uint8Array(right.length);
  await forEachBlockOf(source, right, turns, async (scan) => {
    const parentRow = await scan.words('parentRow');
    for (let i = 0, row = scan.firstRow; i < scan.rowCount; i++, row++) {
      const parent = parentRow[i];
      if (right[row] === 1 && parent !== NO_ROW && childCount[parent] > left[row]) found[row] = 1;
    }
  });
  return found;
}
