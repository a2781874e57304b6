import type { TraceId } from '@spoor/model';
import { type QuerySources, traceSpanColumns, type TraceSpanColumns } from '@spoor/query';
import { encodeSkeleton, encodeTracesJson, traceTree } from '@spoor/wire';

/** What the page wants of one trace: its skeleton, or one span by row or by id. */
export interface PageTraceRequest {
  readonly id: TraceId;
  readonly part:
    | { readonly kind: 'skeleton' }
    /** `spanCount` says which skeleton the row is of: once more spans have arrived, rows have moved */
    | { readonly kind: 'row'; readonly row: number; readonly spanCount: number }
    | { readonly kind: 'span'; readonly spanId: string };
}

export interface PageTraceAnswer {
  /** false when no span of the trace is stored */
  readonly isFound: boolean;
  /** empty when the trace has not, or no longer, such a span */
  readonly body: Uint8Array;
}

/** Runs where the sources are. Only one span is ever read whole, however long the trace. */
export async function pageTrace(
  sources: QuerySources,
  { id, part }: PageTraceRequest,
  signal?: AbortSignal,
): Promise<PageTraceAnswer> {
  const columns = await traceSpanColumns(sources, id, signal);
  if (columns === undefined) return { isFound: false, body: new Uint8Array(0) };
  if (part.kind === 'skeleton') return { isFound: true, body: encodeSkeleton(id, columns) };
  const { order } = traceTree(columns);
  const row = part.kind === 'span' ? order.indexOf(indexOfSpan(columns, part.spanId)) : part.row;
  const isMoved = part.kind === 'row' && part.spanCount !== columns.spanCount;
  if (isMoved || !(row >= 0 && row < columns.spanCount)) return { isFound: true, body: new Uint8Array(0) };
  return { isFound: true, body: await detailsJson(id, columns, row, order[row]) };
}

function indexOfSpan({ spanIdHigh, spanIdLow, spanCount }: TraceSpanColumns, spanId: string): number {
  const high = Number.parseInt(spanId.slice(0, 8), 16);
  const low = Number.parseInt(spanId.slice(8), 16);
  for (let i = 0; i < spanCount; i++) if (spanIdLow[i] === low && spanIdHigh[i] === high) return i;
  return -1;
}

/** OTLP JSON of one span with two fields more. */
async function detailsJson(id: TraceId, columns: TraceSpanColumns, row: number, index: number): Promise<Uint8Array> {
  const otlp = encodeTracesJson([{ traceId: id, spans: [await columns.span(index)] }]);
  const start = new TextEncoder().encode(`{"row":${row},"spanCount":${columns.spanCount},`);
  const body = new Uint8Array(start.length + otlp.length - 1);
  body.set(start);
  body.set(otlp.subarray(1), start.length);
  return body;
}
