import {
  missingParentsMax,
  skeletonColumns,
  skeletonMagic,
  SpanFlag,
  type SkeletonColumn,
  type SkeletonHeader,
} from './skeleton-format.ts';
import type { SkeletonInput } from './skeleton-input.ts';
import { isRoot, traceTree, type TraceTree } from './trace-tree.ts';

/** One trace in the layout of `skeleton-format.ts`. */
export function encodeSkeleton(traceId: string, input: SkeletonInput): Uint8Array<ArrayBuffer> {
  const tree = traceTree(input);
  const times = timeColumns(input, tree);
  const columns: Record<SkeletonColumn, ArrayLike<number>> = {
    depth: tree.depth,
    operation: operationColumn(input, tree),
    start: times.start,
    duration: times.duration,
    flags: flagColumn(input, tree),
  };
  const header: SkeletonHeader = {
    version: 1,
    traceId,
    startUnixNano: input.startUnixNano.toString(),
    spanCount: input.spanCount,
    unitNano: times.unitNano,
    services: input.services,
    operations: input.operations,
    planes: planesOf(columns),
    missingParents: missingParents(input, tree),
  };
  return assemble(header, columns);
}

function assemble(header: SkeletonHeader, columns: Record<SkeletonColumn, ArrayLike<number>>): Uint8Array<ArrayBuffer> {
  const headerBytes = new TextEncoder().encode(JSON.stringify(header));
  const planeCount = skeletonColumns.reduce((sum, column) => sum + header.planes[column], 0);
  const bytes = new Uint8Array(8 + headerBytes.length + planeCount * header.spanCount);
  for (let i = 0; i < 4; i++) bytes[i] = skeletonMagic.charCodeAt(i);
  new DataView(bytes.buffer).setUint32(4, headerBytes.length, true);
  bytes.set(headerBytes, 8);
  let position = 8 + headerBytes.length;
  for (const column of skeletonColumns) {
    for (let plane = 0; plane < header.planes[column]; plane++) {
      writePlane(bytes, position, columns[column], plane);
      position += header.spanCount;
    }
  }
  return bytes;
}

/** Bit operations see a value modulo 2^32, so the upper planes are taken from the value divided by that. */
function writePlane(bytes: Uint8Array, position: number, values: ArrayLike<number>, plane: number): void {
  const divisor = plane < 4 ? 1 : 2 ** 32;
  const shift = 8 * (plane % 4);
  for (let row = 0; row < values.length; row++) bytes[position + row] = (values[row] / divisor) >>> shift;
}

function planesOf(columns: Record<SkeletonColumn, ArrayLike<number>>): Record<SkeletonColumn, number> {
  const planes: Record<string, number> = {};
  for (const column of skeletonColumns) {
    let max = 0;
    const values = columns[column];
    for (let row = 0; row < values.length; row++) if (values[row] > max) max = values[row]!;
    let count = 0;
    for (let rest = max; rest >= 1; rest = Math.floor(rest / 256)) count++;
    planes[column] = count;
  }
  return planes;
}

function timeColumns({ offsetNano, durationNano, spanCount }: SkeletonInput, tree: TraceTree) {
  let unitNano: 1 | 1000 = 1000;
  for (let i = 0; i < spanCount && unitNano === 1000; i++) {
    if (offsetNano[i] % 1000 !== 0 || durationNano[i] % 1000 !== 0) unitNano = 1;
  }
  const start = new Float64Array(spanCount);
  const duration = new Float64Array(spanCount);
  for (let row = 0; row < spanCount; row++) {
    const index = tree.order[row];
    const parent = tree.parentRow[row];
    const from = parent < 0 ? 0 : offsetNano[tree.order[parent]];
    const distance = (offsetNano[index] - from) / unitNano;
    start[row] = distance >= 0 ? 2 * distance : -2 * distance - 1;
    duration[row] = durationNano[index] / unitNano;
  }
  return { unitNano, start, duration };
}

function operationColumn({ operation, spanCount }: SkeletonInput, { order }: TraceTree): Uint32Array {
  const codes = new Uint32Array(spanCount);
  for (let row = 0; row < spanCount; row++) codes[row] = operation[order[row]]!;
  return codes;
}

function flagColumn(input: SkeletonInput, tree: TraceTree): Uint8Array {
  const flags = new Uint8Array(input.spanCount);
  for (let row = 0; row < flags.length; row++) {
    const index = tree.order[row];
    const status = input.statusCode[index];
    let flag: number = status >= 0 && status <= 2 ? status : SpanFlag.statusMask;
    if (tree.cut[row] === 1) flag |= SpanFlag.cutCycle;
    else if (tree.parentRow[row] < 0 && !isRoot(input, index)) flag |= SpanFlag.missingParent;
    if (input.hasEvents[index] === 1) flag |= SpanFlag.hasEvents;
    if (input.hasLinks[index] === 1) flag |= SpanFlag.hasLinks;
    if (input.endsBeforeStart[index] === 1) flag |= SpanFlag.endsBeforeStart;
    flags[row] = flag;
  }
  return flags;
}

function missingParents(input: SkeletonInput, tree: TraceTree): [number, string][] {
  const missing: [number, string][] = [];
  for (let row = 0; row < input.spanCount && missing.length < missingParentsMax; row++) {
    const index = tree.order[row];
    if (tree.parentRow[row] >= 0 || tree.cut[row] === 1 || isRoot(input, index)) continue;
    missing.push([row, hexWord(input.parentSpanIdHigh[index]) + hexWord(input.parentSpanIdLow[index])]);
  }
  return missing;
}

function hexWord(word: number): string {
  return word.toString(16).padStart(8, '0');
}
