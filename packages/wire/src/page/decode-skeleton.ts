import { limits, WireError } from '@spoor/model';
import { skeletonColumns, skeletonMagic, type SkeletonColumn, type SkeletonHeader } from './skeleton-format.ts';

/** A decoded skeleton: one entry a span in pre-order. Times are nanoseconds after `startUnixNano`. */
export interface TraceSkeleton {
  readonly traceId: string;
  readonly startUnixNano: bigint;
  readonly spanCount: number;
  readonly services: readonly string[];
  readonly operations: readonly SkeletonOperation[];
  /** index into `operations` */
  readonly operation: Uint32Array;
  readonly depth: Uint32Array;
  /** row of the parent, −1 for the first span of a tree */
  readonly parentRow: Int32Array;
  readonly startNano: Float64Array;
  readonly durationNano: Float64Array;
  /** bits of `SpanFlag` */
  readonly flags: Uint8Array;
  readonly missingParents: ReadonlyMap<number, string>;
}

export interface SkeletonOperation {
  /** index into `services` */
  readonly service: number;
  readonly name: string;
  readonly kind: number;
}

/**
 * Reads the layout of `skeleton-format.ts`.
 * @throws {WireError} `WIRE_MALFORMED`, `WIRE_TRUNCATED`
 */
export function decodeSkeleton(bytes: Uint8Array): TraceSkeleton {
  const { header, position } = readHeader(bytes);
  const columns = readColumns(bytes, position, header);
  const { depth } = columns;
  const parentRow = parentsOfDepths(depth);
  const startNano = new Float64Array(header.spanCount);
  const durationNano = new Float64Array(header.spanCount);
  for (let row = 0; row < header.spanCount; row++) {
    const zigzag = columns.start[row];
    const distance = zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    const parent = parentRow[row];
    startNano[row] = (parent < 0 ? 0 : startNano[parent]) + distance * header.unitNano;
    durationNano[row] = columns.duration[row] * header.unitNano;
  }
  return {
    traceId: header.traceId,
    startUnixNano: BigInt(header.startUnixNano),
    spanCount: header.spanCount,
    services: header.services,
    operations: header.operations.map(([service, name, kind]) => ({ service, name, kind })),
    operation: new Uint32Array(columns.operation),
    depth: new Uint32Array(depth),
    parentRow,
    startNano,
    durationNano,
    flags: new Uint8Array(columns.flags),
    missingParents: new Map(header.missingParents),
  };
}

function readHeader(bytes: Uint8Array): { header: SkeletonHeader; position: number } {
  if (bytes.length < 8) throw new WireError('WIRE_TRUNCATED', 'a skeleton begins with eight bytes', bytes.length);
  for (let i = 0; i < 4; i++) {
    if (bytes[i] !== skeletonMagic.charCodeAt(i)) throw new WireError('WIRE_MALFORMED', 'not a trace skeleton', i);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  const position = 8 + length;
  if (position > bytes.length) throw new WireError('WIRE_TRUNCATED', 'the header ends past the end', 4);
  let header: SkeletonHeader;
  try {
    header = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, position)),
    ) as SkeletonHeader;
  } catch (error) {
    throw new WireError('WIRE_MALFORMED', 'the header is not JSON', 8, { cause: error });
  }
  if (header?.version !== 1) throw new WireError('WIRE_MALFORMED', 'a skeleton of another version', 8);
  if (!isSound(header)) throw new WireError('WIRE_MALFORMED', 'the header is not that of a skeleton', 8);
  return { header, position };
}

/** Whether what the decoding relies on is there, so that damage is an error and not a surprise later. */
function isSound(header: Partial<SkeletonHeader>): boolean {
  const { spanCount = -1, planes, operations, services, missingParents } = header;
  const areLists = [operations, services, missingParents].every(Array.isArray);
  return (
    areLists &&
    Number.isInteger(spanCount) &&
    spanCount >= 0 &&
    spanCount <= limits.spansPerTraceMax &&
    /^\d{1,20}$/.test(String(header.startUnixNano)) &&
    (header.unitNano === 1 || header.unitNano === 1000) &&
    skeletonColumns.every((column) => [0, 1, 2, 3, 4, 5, 6, 7, 8].includes(planes?.[column] ?? -1)) &&
    operations!.every((operation) => Array.isArray(operation) && services![operation[0]] !== undefined) &&
    missingParents!.every((entry) => Array.isArray(entry))
  );
}

function readColumns(bytes: Uint8Array, from: number, header: SkeletonHeader): Record<SkeletonColumn, Float64Array> {
  const columns: Partial<Record<SkeletonColumn, Float64Array>> = {};
  const planeCount = skeletonColumns.reduce((sum, column) => sum + header.planes[column], 0);
  if (from + planeCount * header.spanCount !== bytes.length) {
    throw new WireError('WIRE_TRUNCATED', 'the columns do not fill the rest', from);
  }
  let position = from;
  for (const column of skeletonColumns) {
    const values = new Float64Array(header.spanCount);
    for (let plane = 0, factor = 1; plane < header.planes[column]; plane++, factor *= 256) {
      for (let row = 0; row < values.length; row++) values[row] += bytes[position + row] * factor;
      position += header.spanCount;
    }
    columns[column] = values;
  }
  const operationCount = header.operations.length;
  if (columns.operation?.some((code) => code >= operationCount)) {
    throw new WireError('WIRE_MALFORMED', 'a span names an operation that is not listed', from);
  }
  return columns as Record<SkeletonColumn, Float64Array>;
}

/** In pre-order, the parent is the last row before that is one level up. */
function parentsOfDepths(depth: Float64Array): Int32Array {
  const parentRow = new Int32Array(depth.length);
  const lastAtDepth: number[] = [];
  for (let row = 0; row < depth.length; row++) {
    const level = depth[row];
    if (level > 0 && (row === 0 || level > depth[row - 1] + 1)) {
      throw new WireError('WIRE_MALFORMED', `row ${row} skips a level`);
    }
    parentRow[row] = level === 0 ? -1 : lastAtDepth[level - 1];
    lastAtDepth[level] = row;
  }
  return parentRow;
}
