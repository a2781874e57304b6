import { SpanKind } from '@spoor/model';
import type { SkeletonInput } from './skeleton-input.ts';
import { SpanIdIndex } from './span-id-index.ts';

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

/** What makes the tree: ids, of which parents are 0 for roots, and kinds. */
export type SpanIds = Pick<
  SkeletonInput,
  'spanCount' | 'spanIdHigh' | 'spanIdLow' | 'parentSpanIdHigh' | 'parentSpanIdLow' | 'operation' | 'operations'
>;

const NONE = -1;

/**
 * Builds the forest: trees of roots first, then those of spans whose parent is missing, then circles, cut at their
 * earliest span. Siblings and trees keep the order of the list. A span that names itself as its parent counts as one
 * whose parent is missing; of spans with one id, the first is the parent. Where a client and a server span share one id,
 * as Zipkin's instrumentation has it, the server span is the client span's child, and has the children of that id.
 */
export function traceTree(ids: SpanIds): TraceTree {
  const { spanCount } = ids;
  const parent = parentIndexes(ids);
  const children = childLists(parent);
  const tree = {
    order: new Uint32Array(spanCount),
    depth: new Uint32Array(spanCount),
    parentRow: new Int32Array(spanCount).fill(NONE),
    cut: new Uint8Array(spanCount),
  };
  const rowOf = new Int32Array(spanCount).fill(NONE);
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
        tree.parentRow[row] = rowOf[parent[index]]!;
        tree.depth[row] = tree.depth[tree.parentRow[row]] + 1;
      }
      for (let i = children.start[index + 1] - 1; i >= children.start[index]; i--) stack.push(children.list[i]);
    }
  };
  for (let i = 0; i < spanCount; i++) if (parent[i] === NONE && isRoot(ids, i)) place(i);
  for (let i = 0; i < spanCount; i++) if (parent[i] === NONE && rowOf[i] === NONE) place(i);
  for (let i = 0; i < spanCount; i++) {
    if (rowOf[i] !== NONE) continue;
    tree.cut[rowCount] = 1;
    place(i);
  }
  return tree;
}

/** True for a span without a parent id. */
export function isRoot(ids: SpanIds, index: number): boolean {
  return (ids.parentSpanIdHigh[index] | ids.parentSpanIdLow[index]) === 0;
}

function parentIndexes(ids: SpanIds): Int32Array {
  const index = new SpanIdIndex(ids.spanIdHigh, ids.spanIdLow, ids.spanCount);
  const parent = new Int32Array(ids.spanCount).fill(NONE);
  for (let i = 0; i < ids.spanCount; i++) {
    const [high, low] = [ids.parentSpanIdHigh[i], ids.parentSpanIdLow[i]];
    const isOwn = high === ids.spanIdHigh[i] && low === ids.spanIdLow[i];
    if (!isRoot(ids, i) && !isOwn) parent[i] = index.find(high, low);
  }
  const shared = sharedIds(ids, index);
  if (shared.size === 0) return parent;
  for (let i = 0; i < ids.spanCount; i++) parent[i] = shared.get(parent[i])?.server ?? parent[i];
  for (const { client, server } of shared.values()) {
    // The client span may name its own id as its parent, or what is below it.
    if (parent[client] === server) parent[client] = NONE;
    parent[server] = client;
  }
  return parent;
}

interface SharedId {
  readonly client: number;
  readonly server: number;
}

/** Pairs of a client and a server span with one id, by the first span with it. */
function sharedIds(ids: SpanIds, index: SpanIdIndex): ReadonlyMap<number, SharedId> {
  const found = new Map<number, { client?: number; server?: number }>();
  const note = (first: number, i: number): void => {
    const entry = found.get(first) ?? {};
    found.set(first, entry);
    const kind = ids.operations[ids.operation[i]][2];
    if (kind === SpanKind.client) entry.client ??= i;
    else if (kind === SpanKind.server) entry.server ??= i;
  };
  for (let i = 0; i < ids.spanCount; i++) {
    const first = index.find(ids.spanIdHigh[i], ids.spanIdLow[i]);
    if (first === i) continue;
    note(first, first);
    note(first, i);
  }
  const pairs = [...found].filter(([, { client, server }]) => client !== undefined && server !== undefined);
  return new Map(pairs as [number, SharedId][]);
}

/** Children of index i: `list[start[i]] … list[start[i + 1] − 1]`, in order. */
function childLists(parent: Int32Array): { start: Uint32Array; list: Uint32Array } {
  const start = new Uint32Array(parent.length + 1);
  for (const index of parent) if (index !== NONE) start[index + 1]++;
  for (let i = 0; i < parent.length; i++) start[i + 1] += start[i];
  const next = start.slice();
  const list = new Uint32Array(start[parent.length]);
  for (let i = 0; i < parent.length; i++) if (parent[i] !== NONE) list[next[parent[i]]++] = i;
  return { start, list };
}
