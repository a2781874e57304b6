import { serviceName, StatusCode, type Span, type Trace } from '@spoor/model';
import { alignTraces, summarizeTrace, type TraceAlignment, type TraceRenderer } from '@spoor/query';
import { changesOf } from './span-change.ts';

/** The first is the default. */
export const diffFormats = Object.freeze([
  'trace-patch-v0',
  'trace-summary-v0-composed',
  'trace-summary-v0-native',
] as const);
export type DiffFormat = (typeof diffFormats)[number];

/** A composed answer has the patch beside the summary when it is no longer than this. */
const patchBytesMax = 64 * 1024;

/** Below both, spans together took as long as before. */
const sameMilli = 1;
const sameShare = 0.05;

/** Options: `base` and `compare`, trace ids, and `format`, a {@link DiffFormat}. The names of the formats are Tempo's. */
export const renderTraceDiff: TraceRenderer = (traces, options) => {
  const base = traces.find(({ traceId }) => traceId === options['base']);
  const compare = traces.find(({ traceId }) => traceId === options['compare']);
  // Whoever asked is told which is missing, and shows nothing of this.
  if (base === undefined || compare === undefined) return Buffer.from('{}');
  const alignment = alignTraces(base, compare);
  const format = options['format'] as DiffFormat;
  const answer =
    format === 'trace-patch-v0' ? patchOf(base, compare, alignment) : summaryOf(base, compare, alignment, format);
  return Buffer.from(JSON.stringify(answer));
};

function patchOf(base: Trace, compare: Trace, alignment: TraceAlignment): object {
  const starts = { base: base.spans[0].startTimeUnixNano, compare: compare.spans[0].startTimeUnixNano };
  const changes = [
    ...alignment.removed.map((span) => ({ op: 'remove', target: 'span', span: spanJson(span, starts.base) })),
    ...alignment.added.map((span) => ({ op: 'add', target: 'span', span: spanJson(span, starts.compare) })),
    ...alignment.pairs.flatMap((pair) => changesOf(pair)),
  ];
  return { version: 'trace-patch-v0', base: factsOf(base), compare: factsOf(compare), changes };
}

function spanJson(span: Span, traceStart: bigint): object {
  return {
    spanId: span.spanId,
    ...(span.parentSpanId === '' ? {} : { parentSpanId: span.parentSpanId }),
    serviceName: serviceName(span.resource),
    name: span.name,
    startOffsetMs: milli(span.startTimeUnixNano - traceStart),
    durationMs: durationMilli(span),
    isError: span.statusCode === StatusCode.error,
  };
}

interface TraceFacts {
  readonly traceId: string;
  readonly rootService: string;
  readonly rootName: string;
  readonly spanCount: number;
  readonly errorSpanCount: number;
  readonly durationMs: number;
  /** of all spans together */
  readonly spanWorkMs: number;
}

function factsOf(trace: Trace): TraceFacts {
  const { rootService, rootName, spanCount, errorCount, start, end } = summarizeTrace(trace, 0);
  return {
    traceId: trace.traceId,
    rootService,
    rootName,
    spanCount,
    errorSpanCount: errorCount,
    durationMs: milli(end - start),
    spanWorkMs: workMilli(trace.spans),
  };
}

function summaryOf(base: Trace, compare: Trace, alignment: TraceAlignment, format: DiffFormat): object {
  const [before, after] = [factsOf(base), factsOf(compare)];
  const { pairs, removed, added } = alignment;
  const modifiedSpans = pairs.filter((pair) => changesOf(pair).length > 0).length;
  const summary = {
    version: format,
    base: before,
    compare: after,
    signals: {
      traceLatency: direction(before.durationMs, after.durationMs, true),
      spanWork: direction(before.spanWorkMs, after.spanWorkMs, true),
      errors: direction(before.errorSpanCount, after.errorSpanCount, false),
      spanCount: direction(before.spanCount, after.spanCount, false),
      structure: removed.length + added.length === 0 ? 'unchanged' : 'changed',
    },
    trust: { matchedSpanRatio: (2 * pairs.length) / (before.spanCount + after.spanCount) },
    stats: {
      traceLatencyDeltaMs: rounded(after.durationMs - before.durationMs),
      spanWorkDeltaMs: rounded(after.spanWorkMs - before.spanWorkMs),
      spanCountDelta: after.spanCount - before.spanCount,
      errorSpanCountDelta: after.errorSpanCount - before.errorSpanCount,
      addedSpans: added.length,
      removedSpans: removed.length,
      modifiedSpans,
    },
    changedServices: changedServices(base, compare, alignment),
  };
  if (format === 'trace-summary-v0-native') return summary;
  const patch = patchOf(base, compare, alignment);
  const patchBytes = Buffer.byteLength(JSON.stringify(patch));
  return patchBytes <= patchBytesMax ? { ...summary, patch } : { ...summary, patchOmitted: { bytes: patchBytes } };
}

function direction(before: number, after: number, isTime: boolean): 'increased' | 'decreased' | 'unchanged' {
  const tolerance = isTime ? Math.max(sameMilli, sameShare * before) : 0;
  if (Math.abs(after - before) <= tolerance) return 'unchanged';
  return after > before ? 'increased' : 'decreased';
}

/** Services that do not do what they did, the one whose time changed most first. */
function changedServices(base: Trace, compare: Trace, { pairs, removed, added }: TraceAlignment): readonly object[] {
  const before = Map.groupBy(base.spans, serviceOf);
  const after = Map.groupBy(compare.spans, serviceOf);
  const removedOf = Map.groupBy(removed, serviceOf);
  const addedOf = Map.groupBy(added, serviceOf);
  const changed = pairs.filter((pair) => changesOf(pair).length > 0);
  const changedOf = Map.groupBy(changed, ([, span]) => serviceOf(span));
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  const rows = names.map((name) => {
    const spanWorkBeforeMs = workMilli(before.get(name) ?? []);
    const spanWorkAfterMs = workMilli(after.get(name) ?? []);
    return {
      serviceName: name,
      spanWorkDeltaMs: rounded(spanWorkAfterMs - spanWorkBeforeMs),
      spanWork: direction(spanWorkBeforeMs, spanWorkAfterMs, true),
      addedSpans: addedOf.get(name)?.length ?? 0,
      removedSpans: removedOf.get(name)?.length ?? 0,
      modifiedSpans: changedOf.get(name)?.length ?? 0,
      errorSpanCountDelta: errorCount(after.get(name) ?? []) - errorCount(before.get(name) ?? []),
    };
  });
  return rows
    .filter((row) => row.spanWork !== 'unchanged' || row.addedSpans + row.removedSpans + row.modifiedSpans > 0)
    .sort((a, b) => Math.abs(b.spanWorkDeltaMs) - Math.abs(a.spanWorkDeltaMs));
}

function serviceOf(span: Span): string {
  return serviceName(span.resource);
}

function errorCount(spans: readonly Span[]): number {
  return spans.filter(({ statusCode }) => statusCode === StatusCode.error).length;
}

function workMilli(spans: readonly Span[]): number {
  return rounded(spans.reduce((sum, span) => sum + durationMilli(span), 0));
}

function durationMilli({ startTimeUnixNano: start, endTimeUnixNano: end }: Span): number {
  return end > start ? milli(end - start) : 0;
}

/** Lossy below a microsecond. */
function milli(nano: bigint): number {
  return Number(nano / 1_000n) / 1_000;
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
