import type {
  Attribute,
  AttributeValue,
  Resource,
  Scope,
  Span,
  SpanEvent,
  SpanId,
  SpanLink,
  TraceId,
  UnixNano,
} from '@spoor/model';

/** Values that columns, codecs and comparisons get wrong first. */
const ODD_VALUES: readonly AttributeValue[] = [
  { type: 'empty' },
  { type: 'string', value: '' },
  { type: 'string', value: '\uFEFFbom, \u0000 and 跡 🧭' },
  { type: 'string', value: 'long '.repeat(50) },
  { type: 'bool', value: true },
  { type: 'bool', value: false },
  { type: 'int', value: 0 },
  { type: 'int', value: -1 },
  { type: 'int', value: Number.MAX_SAFE_INTEGER },
  { type: 'int', value: Number.MIN_SAFE_INTEGER },
  { type: 'int', value: 2n ** 53n },
  { type: 'int', value: -(2n ** 63n) },
  { type: 'int', value: 2n ** 63n - 1n },
  { type: 'double', value: 0 },
  { type: 'double', value: -0 },
  { type: 'double', value: Number.NaN },
  { type: 'double', value: -Infinity },
  { type: 'double', value: 5e-324 },
  { type: 'double', value: 200 },
  { type: 'bytes', value: new Uint8Array(0) },
  { type: 'bytes', value: Uint8Array.of(0, 255, 128) },
  { type: 'array', value: [] },
  {
    type: 'array',
    value: [
      { type: 'int', value: 1 },
      { type: 'string', value: 'a' },
      { type: 'array', value: [{ type: 'empty' }] },
    ],
  },
  { type: 'kvlist', value: [] },
  {
    type: 'kvlist',
    value: [{ key: 'k', value: { type: 'kvlist', value: [{ key: '', value: { type: 'double', value: -0 } }] } }],
  },
];

/** What clients write as trace state, and the adjusted count it means. */
const TRACE_STATES: readonly (readonly [string, number])[] = [
  ['', 1],
  ['', 1],
  ['', 1],
  ['vendor=x', 1],
  ['ot=th:8', 2],
  ['a=b,ot=rv:1;th:c', 4],
];

export interface RandomSpansOptions {
  readonly traceCount: number;
  readonly spansPerTraceMax: number;
  /** chance that a span is sent twice, has another's id, is its own ancestor, or lost its parent */
  readonly oddity?: number;
}

/**
 * Spans as they may arrive: traces interleaved, parents after children, repeated keys, every value type, shared and
 * equal resources, times at both ends of the range; and by chance repeats, shared ids, cycles and orphans.
 * The same spans for the same `random`. `adjustedCount` is what the sink has to derive.
 */
export function randomSpans(
  random: () => number,
  { traceCount, spansPerTraceMax, oddity = 0.1 }: RandomSpansOptions,
): Span[] {
  const maker = new SpanMaker(random);
  const spans: Span[] = [];
  for (let trace = 0; trace < traceCount; trace++)
    spans.push(...maker.trace(1 + maker.below(spansPerTraceMax), oddity));
  // Neighbours are swapped over some distance, so that traces interleave and children come before their parents.
  for (let i = spans.length - 1; i > 0; i--) {
    const j = Math.max(0, i - maker.below(20));
    [spans[i], spans[j]] = [spans[j], spans[i]];
  }
  return spans;
}

class SpanMaker {
  readonly #random: () => number;
  readonly #resources: Resource[];
  readonly #scopes: Scope[];

  constructor(random: () => number) {
    this.#random = random;
    const times = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, i) => make(i));
    // The second half is equal to the first, as other objects.
    const resources = times(3, (i) => this.#resource(i));
    const scopes = times(3, (i) => this.#scope(i));
    this.#resources = [...resources, ...structuredClone(resources)];
    this.#scopes = [...scopes, ...structuredClone(scopes)];
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  trace(spanCount: number, oddity: number): Span[] {
    const traceId = this.#hex(32) as TraceId;
    const start = this.#chance(0.05)
      ? this.#pick([0n, 1n, 2n ** 64n - 2n, 2n ** 32n - 1n])
      : 1_790_000_000_000_000_000n + BigInt(this.below(1e9));
    const ids = Array.from({ length: spanCount }, () => this.#hex(16) as SpanId);
    const spans: Span[] = [];
    for (let i = 0; i < spanCount; i++) {
      if (spans.length > 0 && this.#chance(oddity))
        spans.push(this.#chance(0.5) ? this.#pick(spans) : structuredClone(this.#pick(spans)));
      const spanId = this.#chance(oddity) ? this.#pick(ids) : ids[i];
      let parentSpanId: Span['parentSpanId'] = i === 0 ? '' : ids[this.below(i)];
      if (this.#chance(oddity)) parentSpanId = this.#pick([this.#pick(ids), spanId, this.#hex(16) as SpanId, '']);
      spans.push(this.#span(traceId, spanId, parentSpanId, start));
    }
    return spans;
  }

  #span(traceId: TraceId, spanId: SpanId, parentSpanId: Span['parentSpanId'], traceStart: bigint): Span {
    const startTime = BigInt.asUintN(64, traceStart + BigInt(this.below(this.#chance(0.3) ? 2 : 5000)));
    const length = this.#chance(0.05) ? -3n : BigInt(this.below(2 ** 40));
    const [traceState, adjustedCount] = this.#pick(TRACE_STATES);
    const attributes = this.#attributes(8);
    const isSampled = adjustedCount === 1 && this.#chance(0.1);
    if (isSampled)
      attributes.push(
        { key: 'sampler.type', value: { type: 'string', value: 'probabilistic' } },
        { key: 'sampler.param', value: { type: 'double', value: 0.125 } },
      );
    return {
      traceId,
      spanId,
      parentSpanId,
      traceState,
      flags: this.#pick([0, 1, 0x101, 0xffff_ffff]),
      name: this.#pick(['', 'GET /', 'POST /cart', 'query', '跡']),
      kind: this.#pick([0, 1, 2, 3, 4, 5, 99, -2]),
      startTimeUnixNano: startTime as UnixNano,
      endTimeUnixNano: BigInt.asUintN(64, startTime + length) as UnixNano,
      attributes,
      droppedAttributesCount: this.#pick([0, 0, 7]),
      events: Array.from({ length: this.#chance(0.3) ? this.below(4) : 0 }, () => this.#event(startTime)),
      droppedEventsCount: this.#pick([0, 0, 1]),
      links: Array.from({ length: this.#chance(0.2) ? this.below(3) : 0 }, () => this.#link()),
      droppedLinksCount: this.#pick([0, 0, 2]),
      statusCode: this.#pick([0, 0, 0, 1, 2, 2, -1]),
      statusMessage: this.#pick(['', '', 'timeout']),
      resource: this.#pick(this.#resources),
      scope: this.#pick(this.#scopes),
      adjustedCount: isSampled ? 8 : adjustedCount,
    };
  }

  #event(time: bigint): SpanEvent {
    return {
      timeUnixNano: this.#pick([0n, time, 2n ** 64n - 1n]) as UnixNano,
      name: this.#pick(['', 'exception', 'retry']),
      attributes: this.#attributes(3),
      droppedAttributesCount: this.#pick([0, 3]),
    };
  }

  #link(): SpanLink {
    return {
      traceId: this.#pick(['', this.#hex(32), this.#hex(6)]),
      spanId: this.#pick(['', this.#hex(16)]),
      traceState: this.#pick(['', 'ot=th:8']),
      flags: this.#pick([0, 1]),
      attributes: this.#attributes(2),
      droppedAttributesCount: this.#pick([0, 4]),
    };
  }

  #resource(index: number): Resource {
    return {
      attributes: [
        { key: 'service.name', value: { type: 'string', value: `service-${index}` } },
        ...this.#attributes(3),
      ],
      droppedAttributesCount: index,
      schemaUrl: this.#pick(['', 'https://opentelemetry.io/schemas/1.37.0']),
      entityRefs: Array.from({ length: this.below(3) }, () =>
        Uint8Array.from({ length: this.below(200) }, () => this.below(256)),
      ),
    };
  }

  #scope(index: number): Scope {
    return {
      name: this.#pick(['', '@opentelemetry/instrumentation-http']),
      version: this.#pick(['', '0.1.0']),
      attributes: this.#attributes(2),
      droppedAttributesCount: index,
      schemaUrl: this.#pick(['', 'https://example.com/schema']),
    };
  }

  /** Few keys, so that a key often stands twice in a set and has values of several types. */
  #attributes(most: number): Attribute[] {
    return Array.from({ length: this.below(most + 1) }, () => ({
      key: this.#pick(['a', 'b', 'http.request.method', 'http.response.status_code', '', 'ключ']),
      value: this.#chance(0.5)
        ? this.#pick(ODD_VALUES)
        : ({ type: 'string', value: `value-${this.below(50)}` } as const),
    }));
  }

  #hex(digits: number): string {
    const text = Array.from({ length: digits }, () => this.below(16).toString(16)).join('');
    return /^0+$/.test(text) ? '1'.padStart(digits, '0') : text;
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)];
  }
}
