/**
 * The page's view of a whole trace: structure, times and operations of all spans as columns, no attributes. Measured in
 * bytes a span, not kilobytes, so that a trace of 100,000 spans is one small answer. Rows are in pre-order, siblings by
 * start, roots first, then the trees that hang on a missing parent, so that depth alone gives the tree.
 *
 *    bytes 0–3    "SPSK"
 *    bytes 4–7    length of the header, bytes, little-endian
 *    header       UTF-8 JSON, {@link SkeletonHeader}
 *    columns      in the order depth, operation, start, duration, flags; each as `planes[column]` byte planes of
 *                 `spanCount` bytes: plane k holds bits 8k…8k+7 of every value
 *
 * `start` is the zig-zag distance from the parent's start (from the trace's for a tree's first span); `start` and
 * `duration` count `unitNano`. Planes rather than words, because the upper ones are nearly constant and gzip to nothing.
 */
export interface SkeletonHeader {
  readonly version: 1;
  readonly traceId: string;
  /** decimal; the earliest start */
  readonly startUnixNano: string;
  readonly spanCount: number;
  /** 1000 when every time is a whole microsecond, else 1: never lossy */
  readonly unitNano: 1 | 1000;
  readonly services: readonly string[];
  /** index into `services`, span name, `SpanKind` */
  readonly operations: readonly (readonly [service: number, name: string, kind: number])[];
  readonly planes: Readonly<Record<SkeletonColumn, number>>;
  /** row and parent id of spans whose parent is not in the trace; at most {@link missingParentsMax} */
  readonly missingParents: readonly (readonly [row: number, parentSpanId: string])[];
}

export const skeletonColumns = ['depth', 'operation', 'start', 'duration', 'flags'] as const;
export type SkeletonColumn = (typeof skeletonColumns)[number];

export const skeletonMagic = 'SPSK';
export const skeletonContentType = 'application/vnd.spoor.trace-skeleton';
export const missingParentsMax = 1000;

/** Bits of the `flags` column; the lowest two are the `StatusCode`, 3 standing for one that OTLP does not know. */
export const SpanFlag = Object.freeze({
  statusMask: 3,
  /** has a parent id that is not in the trace */
  missingParent: 4,
  /** its parents form a circle, which was cut here */
  cutCycle: 8,
  hasEvents: 16,
  hasLinks: 32,
  /** the end lies before the start; shown with duration 0 */
  endsBeforeStart: 64,
});
