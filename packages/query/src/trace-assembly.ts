import { isDeepStrictEqual } from 'node:util';
import type { Span, Trace, TraceId } from '@spoor/model';

/**
 * Makes one trace of all its spans, in whatever order they were found: spans equal in every field (a client's retry)
 * become one; the rest is ordered by start, then span id.
 */
export function assembleTrace(traceId: TraceId, spans: readonly Span[]): Trace {
  const sorted = [...spans].sort(compareSpans);
  return { traceId, spans: foldEqual(sorted) };
}

function compareSpans(a: Span, b: Span): number {
  if (a.startTimeUnixNano !== b.startTimeUnixNano) return a.startTimeUnixNano < b.startTimeUnixNano ? -1 : 1;
  return a.spanId < b.spanId ? -1 : a.spanId > b.spanId ? 1 : 0;
}

/** Equal spans have equal start and id, so they are in one run. */
function foldEqual(sorted: readonly Span[]): readonly Span[] {
  const kept: Span[] = [];
  let runStart = 0;
  for (const span of sorted) {
    if (kept.length > runStart && compareSpans(kept[runStart], span) !== 0) runStart = kept.length;
    let isNew = true;
    for (let i = runStart; i < kept.length && isNew; i++) isNew = !isDeepStrictEqual(kept[i], span);
    if (isNew) kept.push(span);
  }
  return kept;
}
