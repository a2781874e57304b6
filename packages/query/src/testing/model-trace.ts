import { isDeepStrictEqual } from 'node:util';
import { SpanKind, type Span, type TraceId } from '@spoor/model';

/**
 * A whole trace as plain spans, with its tree: of spans with one id the earliest has the children, or the server span when
 * the earliest is a client's; a cycle is cut at its earliest span; equal spans are one.
 */
export class ModelTrace {
  readonly traceId: TraceId;
  /** by start, then span id */
  readonly spans: readonly Span[];
  readonly root: Span | undefined;
  readonly start: bigint;
  readonly end: bigint;
  /** nested-set numbers of the spans that hang on a root */
  readonly left = new Map<Span, number>();
  readonly right = new Map<Span, number>();
  readonly #parent = new Map<Span, Span>();

  constructor(stored: readonly Span[]) {
    const distinct = stored.filter((span, i) => !stored.slice(0, i).some((other) => isDeepStrictEqual(other, span)));
    this.spans = distinct.sort(
      (a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano) || (a.spanId < b.spanId ? -1 : 1),
    );
    this.traceId = this.spans[0].traceId;
    this.root = this.spans.find((span) => span.parentSpanId === '');
    this.start = this.spans[0].startTimeUnixNano;
    this.end = this.spans.reduce(
      (end, span) => [end, span.startTimeUnixNano, span.endTimeUnixNano].reduce((a, b) => (a > b ? a : b)),
      0n,
    );
    for (const span of this.spans) {
      const parent = this.#parentById(span);
      if (parent !== undefined) this.#parent.set(span, parent);
    }
    this.#cutCycles();
    this.#number();
  }

  #parentById(span: Span): Span | undefined {
    if (span.parentSpanId === '') return undefined;
    const named = this.spans.filter((other) => other.spanId === span.parentSpanId);
    const server = named.find(({ kind }) => kind === SpanKind.server);
    return named[0]?.kind === SpanKind.client && server !== undefined && server !== span ? server : named[0];
  }

  parentOf(span: Span): Span | undefined {
    return this.#parent.get(span);
  }

  childrenOf(parent: Span): readonly Span[] {
    return this.spans.filter((span) => this.#parent.get(span) === parent);
  }

  #cutCycles(): void {
    for (const span of this.spans) {
      // Spans are visited from the earliest on, so the first one found on its own way up is its cycle's earliest.
      const seen = new Set<Span>();
      for (let at = this.#parent.get(span); at !== undefined && !seen.has(at); at = this.#parent.get(at)) {
        seen.add(at);
        if (at === span) {
          this.#parent.delete(span);
          break;
        }
      }
    }
  }

  #number(): void {
    let next = 1;
    const visit = (span: Span): void => {
      this.left.set(span, next++);
      for (const child of this.childrenOf(span)) visit(child);
      this.right.set(span, next++);
    };
    for (const span of this.spans) if (span.parentSpanId === '') visit(span);
  }
}
