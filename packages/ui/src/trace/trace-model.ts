import { SpanFlag, type TraceSkeleton } from '@spoor/wire';

/** A skeleton and what follows from it, computed once. Rows are in pre-order; times are nanoseconds after the trace's start. */
export interface TraceModel {
  readonly skeleton: TraceSkeleton;
  readonly spanCount: number;
  /** spans of the subtree, the span itself included: rows [row, row + subtreeSize) */
  readonly subtreeSize: Uint32Array;
  /** duration less the time in which any child ran */
  readonly selfNano: Float64Array;
  readonly isError: Uint8Array;
  /** rows with status error, ascending */
  readonly errorRows: Uint32Array;
  readonly traceDurationNano: number;
  /** row of a fold's first member → all its members; {@link foldMembersMin} or more identical leaves below one span */
  readonly folds: ReadonlyMap<number, Uint32Array>;
  /** row → first member of the fold it is in, −1 for none */
  readonly foldOf: Int32Array;
}

/** Fewer identical siblings are easier to read one by one. */
export const foldMembersMin = 5;

export function traceModel(skeleton: TraceSkeleton): TraceModel {
  const { spanCount, startNano, durationNano, flags } = skeleton;
  const subtreeSize = new Uint32Array(spanCount).fill(1);
  for (let row = spanCount - 1; row > 0; row--) {
    const parent = skeleton.parentRow[row];
    if (parent >= 0) subtreeSize[parent] += subtreeSize[row];
  }
  const isError = new Uint8Array(spanCount);
  let traceDurationNano = 0;
  let errorCount = 0;
  for (let row = 0; row < spanCount; row++) {
    isError[row] = (flags[row] & SpanFlag.statusMask) === 2 ? 1 : 0;
    errorCount += isError[row];
    traceDurationNano = Math.max(traceDurationNano, startNano[row] + durationNano[row]);
  }
  const errorRows = new Uint32Array(errorCount);
  for (let row = 0, at = 0; row < spanCount; row++) if (isError[row] === 1) errorRows[at++] = row;
  return {
    skeleton,
    spanCount,
    subtreeSize,
    selfNano: selfTimes(skeleton),
    isError,
    errorRows,
    traceDurationNano: Math.max(1, traceDurationNano),
    ...foldsOf(skeleton, subtreeSize, isError),
  };
}

/**
 * Duration less the union of the children's intervals, each cut to the span's own. One pass: siblings come by
 * start, so what a child adds to the union is what lies past the end of those before.
 */
export function selfTimes(skeleton: TraceSkeleton): Float64Array {
  const { spanCount, parentRow, startNano, durationNano } = skeleton;
  const self = Float64Array.from(durationNano);
  const coveredTo = Float64Array.from(startNano);
  for (let row = 1; row < spanCount; row++) {
    const parent = parentRow[row];
    if (parent < 0) continue;
    const parentEnd = startNano[parent] + durationNano[parent];
    const from = Math.max(startNano[row], coveredTo[parent]);
    const to = Math.min(startNano[row] + durationNano[row], parentEnd);
    if (to <= from) continue;
    self[parent] -= to - from;
    coveredTo[parent] = to;
  }
  return self;
}

/** Groups the leaves below each span by operation. Only spans with enough leaves are looked at, which most have not. */
function foldsOf(
  skeleton: TraceSkeleton,
  subtreeSize: Uint32Array,
  isError: Uint8Array,
): Pick<TraceModel, 'folds' | 'foldOf'> {
  const { spanCount, parentRow, operation } = skeleton;
  const isFoldable = (row: number): boolean => subtreeSize[row] === 1 && isError[row] === 0;
  const leafCount = new Uint32Array(spanCount);
  for (let row = 1; row < spanCount; row++) if (parentRow[row] >= 0 && isFoldable(row)) leafCount[parentRow[row]]++;
  const folds = new Map<number, Uint32Array>();
  const foldOf = new Int32Array(spanCount).fill(-1);
  for (let parent = 0; parent < spanCount; parent++) {
    if (leafCount[parent] < foldMembersMin) continue;
    const byOperation = new Map<number, number[]>();
    const end = parent + subtreeSize[parent];
    for (let row = parent + 1; row < end; row += subtreeSize[row]) {
      if (!isFoldable(row)) continue;
      const members = byOperation.get(operation[row]);
      if (members === undefined) byOperation.set(operation[row], [row]);
      else members.push(row);
    }
    for (const members of byOperation.values()) {
      if (members.length < foldMembersMin) continue;
      for (const member of members) foldOf[member] = members[0]!;
      folds.set(members[0], Uint32Array.from(members));
    }
  }
  return { folds, foldOf };
}

export function serviceOf(model: TraceModel, row: number): string {
  const { skeleton } = model;
  return skeleton.services[skeleton.operations[skeleton.operation[row]].service];
}

export function nameOf(model: TraceModel, row: number): string {
  return model.skeleton.operations[model.skeleton.operation[row]].name;
}

export function kindOf(model: TraceModel, row: number): number {
  return model.skeleton.operations[model.skeleton.operation[row]].kind;
}
