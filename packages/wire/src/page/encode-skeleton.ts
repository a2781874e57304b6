import { serviceName, type Resource, type Span, type Trace } from '@spoor/model';
import {
  missingParentsMax,
  skeletonColumns,
  skeletonMagic,
  SpanFlag,
  type SkeletonColumn,
  type SkeletonHeader,
} from './skeleton-format.ts';
import { treeOfSpans, type TraceTree } from './trace-tree.ts';

/** One trace in the layout of `skeleton-format.ts`. Spans are expected by start, then id, as {@link Trace} has them. */
export function encodeSkeleton(trace: Trace): Uint8Array<ArrayBuffer> {
  const { spans } = trace;
  const tree = treeOfSpans(spans);
  const times = timeColumns(spans, tree);
  const operations = operationColumn(spans, tree);
  const columns: Record<SkeletonColumn, ArrayLike<number>> = {
    depth: tree.depth,
    operation: operations.codes,
    start: times.start,
    duration: times.duration,
    flags: flagColumn(spans, tree),
  };
  const header: SkeletonHeader = {
    version: 1,
    traceId: trace.traceId,
    startUnixNano: times.startUnixNano.toString(),
    spanCount: spans.length,
    unitNano: times.unitNano,
    services: operations.services,
    operations: operations.operations,
    planes: planesOf(columns),
    missingParents: missingParents(spans, tree),
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
      writePlane(bytes, position, columns[column], 256 ** plane);
      position += header.spanCount;
    }
  }
  return bytes;
}

/** Values reach past 2^32, so bytes are taken by division; bit operations would cut them. */
function writePlane(bytes: Uint8Array, position: number, values: ArrayLike<number>, divisor: number): void {
  for (let row = 0; row < values.length; row++) bytes[position + row] = Math.floor(values[row]! / divisor) % 256;
}

function planesOf(columns: Record<SkeletonColumn, ArrayLike<number>>): Record<SkeletonColumn, number> {
  const planes: Record<string, number> = {};
  for (const column of skeletonColumns) {
    let max = 0;
    const values = columns[column];
    for (let row = 0; row < values.length; row++) if (values[row]! > max) max = values[row]!;
    let count = 0;
    for (let rest = max; rest >= 1; rest = Math.floor(rest / 256)) count++;
    planes[column] = count;
  }
  return planes as Record<SkeletonColumn, number>;
}

function timeColumns(spans: readonly Span[], tree: TraceTree) {
  let startUnixNano = spans.length === 0 ? 0n : spans[0]!.startTimeUnixNano;
  for (const span of spans) if (span.startTimeUnixNano < startUnixNano) startUnixNano = span.startTimeUnixNano as typeof startUnixNano;
  const offset = new Float64Array(spans.length);
  const duration = new Float64Array(spans.length);
  let unitNano: 1 | 1000 = 1000;
  for (let row = 0; row < spans.length; row++) {
    const span = spans[tree.order[row]!]!;
    // Exact up to 2^53 ns, 104 days after the trace began.
    offset[row] = Number(span.startTimeUnixNano - startUnixNano);
    duration[row] = Math.max(0, Number(span.endTimeUnixNano - span.startTimeUnixNano));
    if (offset[row]! % 1000 !== 0 || duration[row]! % 1000 !== 0) unitNano = 1;
  }
  const start = new Float64Array(spans.length);
  for (let row = 0; row < spans.length; row++) {
    const parent = tree.parentRow[row]!;
    const distance = (offset[row]! - (parent < 0 ? 0 : offset[parent]!)) / unitNano;
    start[row] = distance >= 0 ? 2 * distance : -2 * distance - 1;
    duration[row]! /= unitNano;
  }
  return { startUnixNano, unitNano, start, duration };
}

function operationColumn(spans: readonly Span[], tree: TraceTree) {
  const serviceCodes = new Map<string, number>();
  const serviceOfResource = new Map<Resource, number>();
  const operationCodes = new Map<string, number>();
  const operations: [number, string, number][] = [];
  const codes = new Uint32Array(spans.length);
  for (let row = 0; row < spans.length; row++) {
    const { resource, name, kind } = spans[tree.order[row]!]!;
    let service = serviceOfResource.get(resource);
    if (service === undefined) {
      service = codeOf(serviceCodes, serviceName(resource));
      serviceOfResource.set(resource, service);
    }
    const code = codeOf(operationCodes, `${service} ${kind} ${name}`);
    if (code === operations.length) operations.push([service, name, kind]);
    codes[row] = code;
  }
  return { codes, operations, services: [...serviceCodes.keys()] };
}

function codeOf(codes: Map<string, number>, key: string): number {
  let code = codes.get(key);
  if (code === undefined) {
    code = codes.size;
    codes.set(key, code);
  }
  return code;
}

function flagColumn(spans: readonly Span[], tree: TraceTree): Uint8Array {
  const flags = new Uint8Array(spans.length);
  for (let row = 0; row < spans.length; row++) {
    const span = spans[tree.order[row]!]!;
    let flag = span.statusCode >= 0 && span.statusCode <= 2 ? span.statusCode : SpanFlag.statusMask;
    if (tree.cut[row] === 1) flag |= SpanFlag.cutCycle;
    else if (tree.parentRow[row]! < 0 && span.parentSpanId !== '') flag |= SpanFlag.missingParent;
    if (span.events.length > 0) flag |= SpanFlag.hasEvents;
    if (span.links.length > 0) flag |= SpanFlag.hasLinks;
    if (span.events.some(({ name }) => name === 'exception')) flag |= SpanFlag.hasException;
    if (span.endTimeUnixNano < span.startTimeUnixNano) flag |= SpanFlag.endsBeforeStart;
    flags[row] = flag;
  }
  return flags;
}

function missingParents(spans: readonly Span[], tree: TraceTree): [number, string][] {
  const missing: [number, string][] = [];
  for (let row = 0; row < spans.length && missing.length < missingParentsMax; row++) {
    const { parentSpanId } = spans[tree.order[row]!]!;
    if (tree.parentRow[row]! < 0 && tree.cut[row] === 0 && parentSpanId !== '') missing.push([row, parentSpanId]);
  }
  return missing;
}
