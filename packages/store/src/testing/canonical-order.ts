import { inspect } from 'node:util';
import { type Span, SpanKind, pushSpans } from '@spoor/model';
import { allocateHeadBuffers, headCapacity } from '../head-buffers.ts';
import { Head } from '../head.ts';
import { compareSpans } from '../span-comparison.ts';

/** A span with what the canonical order derives for it. `parentRow` is −1 where there is none. */
export interface CanonicalRow {
  readonly span: Span;
  parentRow: number;
  depth: number;
  subtreeSize: number;
  isConnected: boolean;
  childCount: number;
}

/** The slow twin of `orderSpans`: plain objects, quadratic where that is plainer. */
export function canonicalOrder(spans: readonly Span[]): CanonicalRow[][] {
  const traces = Map.groupBy(withoutRepeats(spans), (span) => span.traceId);
  const sorted = [...traces.values()].map((trace) => trace.toSorted(bySpan));
  sorted.sort((a, b) => compare(a[0].startTimeUnixNano, b[0].startTimeUnixNano) || compare(a[0].traceId, b[0].traceId));
  let firstRow = 0;
  return sorted.map((trace) => {
    const rows = orderTrace(trace, firstRow);
    firstRow += rows.length;
    return rows;
  });
}

/** A text that is equal for spans equal in every field, and only for these; −0 is not 0. */
export function contentOf(span: Span): string {
  // The adjusted count is derived from the others.
  return inspect(
    { ...span, adjustedCount: 0 },
    { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity },
  );
}

function withoutRepeats(spans: readonly Span[]): Span[] {
  const seen = new Set<string>();
  return spans.filter((span) => {
    const content = contentOf(span);
    return !seen.has(content) && seen.add(content);
  });
}

function orderTrace(trace: readonly Span[], firstRow: number): CanonicalRow[] {
  const parents = trace.map((span) => {
    const first = span.parentSpanId === '' ? -1 : trace.findIndex((other) => other.spanId === span.parentSpanId);
    if (first < 0 || trace[first].kind !== SpanKind.client) return first;
    const server = trace.findIndex((other) => other.spanId === span.parentSpanId && other.kind === SpanKind.server);
    return server < 0 || trace[server] === span ? first : server;
  });
  for (const cycle of findCycles(parents)) parents[Math.min(...cycle)] = -1;
  const rows: CanonicalRow[] = [];
  const write = (place: number, parentRow: number, depth: number, isConnected: boolean): CanonicalRow => {
    const row: CanonicalRow = { span: trace[place], parentRow, depth, subtreeSize: 1, isConnected, childCount: 0 };
    const own = firstRow + rows.push(row) - 1;
    for (const [child, parent] of parents.entries()) {
      if (parent !== place) continue;
      row.childCount++;
      row.subtreeSize += write(child, own, depth + 1, isConnected).subtreeSize;
    }
    return row;
  };
  for (const isRoot of [true, false]) {
    for (const [place, span] of trace.entries()) {
      if (parents[place] === -1 && (span.parentSpanId === '') === isRoot) write(place, -1, 0, isRoot);
    }
  }
  return rows;
}

function findCycles(parents: readonly number[]): number[][] {
  const cycles = new Map<number, number[]>();
  for (const start of parents.keys()) {
    const path = [start];
    let at = parents[start];
    while (at !== -1 && at !== start && path.length <= parents.length) {
      path.push(at);
      at = parents[at]!;
    }
    if (at === start) cycles.set(Math.min(...path), path);
  }
  return [...cycles.values()];
}

function bySpan(a: Span, b: Span): number {
  return compare(a.startTimeUnixNano, b.startTimeUnixNano) || compare(a.spanId, b.spanId) || byContent(a, b);
}

/** Which of two different spans comes first is arbitrary, so the twin asks; that it is always the same one, a test of its own sees to. */
function byContent(a: Span, b: Span): number {
  const head = new Head(allocateHeadBuffers(headCapacity(64)));
  pushSpans(head, [a, b]);
  return compareSpans(head.table, 0, head.table, 1);
}

function compare<T extends bigint | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
