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
    const parent = skeleton.parentRow[row]!;
    if (parent >= 0) subtreeSize[parent]! += subtreeSize[row]!;
  }
  const isError = new Uint8Array(spanCount);
  let traceDurationNano = 0;
  let errorCount = 0;
  for (let row = 0; row < spanCount; row++) {
    isError[row] = (flags[row]! & SpanFlag.statusMask) === 2 ? 1 : 0;
    errorCount += isError[row]!;
    traceDurationNano = Math.max(traceDurationNano, startNano[row]! + durationNano[row]!);
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
    const parent = parentRow[row]!;
    if (parent < 0) continue;
    const parentEnd = startNano[parent]! + durationNano[parent]!;
    const from = Math.max(startNano[row]!, coveredTo[parent]!);
    const to = Math.min(startNano[row]! + durationNano[row]!, parentEnd);
    if (to <= from) continue;
    self[parent]! -= to - from;
    coveredTo[parent] = to;
  }
  return self;
}

function foldsOf(skeleton: TraceSkeleton, subtreeSize: Uint32Array, isError: Uint8Array): Pick<TraceModel, 'folds' | 'foldOf'> {
  const groups = new Map<number, number[]>();
  const operationCount = skeleton.operations.length + 1;
  for (let row = 1; row < skeleton.spanCount; row++) {
    if (subtreeSize[row] !== 1 || isError[row] === 1 || skeleton.parentRow[row]! < 0) continue;
    const key = skeleton.parentRow[row]! * operationCount + skeleton.operation[row]!;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  const folds = new Map<number, Uint32Array>();
  const foldOf = new Int32Array(skeleton.spanCount).fill(-1);
  for (const group of groups.values()) {
    if (group.length < foldMembersMin) continue;
    folds.set(group[0]!, Uint32Array.from(group));
    for (const row of group) foldOf[row] = group[0]!;
  }
  return { folds, foldOf };
}

export function serviceOf(model: TraceModel, row: number): string {
  const { skeleton } = model;
  return skeleton.services[skeleton.operations[skeleton.operation[row]!]!.service]!;
}

export function nameOf(model: TraceModel, row: number): string {
  return model.skeleton.operations[model.skeleton.operation[row]!]!.name;
}

export function kindOf(model: TraceModel, row: number): number {
  return model.skeleton.operations[model.skeleton.operation[row]!]!.kind;
}
