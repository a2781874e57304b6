import { WireTime } from '../wire-time.ts';
import { ZipkinSpan, type ZipkinSpanSource } from './zipkin-span.ts';

/** Traces of one body whose starts are remembered; those after them begin when the body arrived. */
const tracesMax = 65_536;

/**
 * When a Zipkin span that says no start began, as well as one can tell: at its first annotation, else when the earliest span
 * of its trace in the same body did, else when the body arrived. A start of 0 would draw its trace over half a century.
 */
export class AbsentStart {
  readonly #received = new WireTime();
  readonly #again: (() => ZipkinSpanSource) | undefined;
  #starts: Map<string, WireTime> | undefined;

  /** @param again  the body's spans once more; called at most once, by the first span that needs it */
  constructor(receivedMilli: number, again: (() => ZipkinSpanSource) | undefined) {
    const nano = BigInt(Math.trunc(receivedMilli)) * 1_000_000n;
    this.#received.low = Number(nano & 0xffff_ffffn);
    this.#received.high = Number(nano >> 32n);
    this.#again = again;
  }

  of(span: ZipkinSpan): WireTime {
    const own = firstAnnotation(span);
    if (own !== undefined) return own;
    this.#starts ??= this.#again === undefined ? new Map() : earliestStarts(this.#again());
    return this.#starts.get(traceKey(span)) ?? this.#received;
  }
}

function earliestStarts(source: ZipkinSpanSource): Map<string, WireTime> {
  const starts = new Map<string, WireTime>();
  const span = new ZipkinSpan();
  while (source.next(span)) {
    if (span.start.low === 0 && span.start.high === 0) continue;
    const key = traceKey(span);
    const known = starts.get(key);
    if (known === undefined && starts.size >= tracesMax) continue;
    if (known === undefined || isBefore(span.start.low, span.start.high, known)) {
      const start = new WireTime();
      start.low = span.start.low;
      start.high = span.start.high;
      starts.set(key, start);
    }
  }
  return starts;
}

function firstAnnotation(span: ZipkinSpan): WireTime | undefined {
  let first: WireTime | undefined;
  for (let i = 0; i < span.annotationCount; i++) {
    const low = span.annotationTimeLow(i);
    const high = span.annotationTimeHigh(i);
    if ((low === 0 && high === 0) || (first !== undefined && !isBefore(low, high, first))) continue;
    first ??= new WireTime();
    first.low = low;
    first.high = high;
  }
  return first;
}

function isBefore(low: number, high: number, other: WireTime): boolean {
  return high < other.high || (high === other.high && low < other.low);
}

function traceKey({ traceId0, traceId1, traceId2, traceId3 }: ZipkinSpan): string {
  return `${traceId0} ${traceId1} ${traceId2} ${traceId3}`;
}
