import {
  unixNano,
  type Attribute,
  type Resource,
  type Scope,
  type Span,
  type SpanId,
  type Trace,
  type TraceId,
} from '@spoor/model';

/** What {@link randomTrace} is to look like. */
export interface RandomTraceShape {
  readonly seed: number;
  readonly spanCount: number;
  readonly startUnixNano?: bigint;
  /** share of spans whose parent was never received */
  readonly orphanShare?: number;
  /** share of spans with status error */
  readonly errorShare?: number;
  /** whole microseconds, as JavaScript and Java clocks give them */
  readonly isMicrosecond?: boolean;
}

const services = [
  'frontend',
  'api-gateway',
  'auth-service',
  'user-service',
  'cart',
  'catalog',
  'payment',
  'shipping',
  'email',
  'database',
];
const verbs = ['GET', 'POST', 'SELECT', 'Charge', 'Lookup', 'Validate', 'Publish', 'Render'];
const nouns = ['/checkout', '/users/{id}', 'orders', 'session', 'cart', 'invoice', 'template', 'inventory', 'price'];

/** A plausible trace of nested calls, the same for the same shape. For tests and benchmarks. */
export function randomTrace(shape: RandomTraceShape): Trace {
  const random = mulberry32(shape.seed);
  const start = shape.startUnixNano ?? 1_790_000_000_000_000_000n;
  const unit = shape.isMicrosecond === true ? 1000 : 1;
  const traceId = hex(random, 32) as TraceId;
  const resources = services.map(resourceOf);
  const scope: Scope = {
    name: 'spoor-test',
    version: '1.0.0',
    attributes: [],
    droppedAttributesCount: 0,
    schemaUrl: '',
  };
  const drafts: { id: SpanId; startNano: number; endNano: number; depth: number }[] = [];
  const spans: Span[] = [];
  for (let i = 0; i < shape.spanCount; i++) {
    // Mostly below one of the latest spans, so that trees are deep as well as broad.
    const parent =
      i === 0 ? undefined : drafts[Math.floor(i * (random() < 0.7 ? 1 - random() ** 3 * 0.2 : random() * 0.999))];
    const usable = parent === undefined || parent.depth > 14 ? drafts[0] : parent;
    const [startNano, endNano] = interval(random, usable, shape.spanCount, unit);
    const id = hex(random, 16) as SpanId;
    const isOrphan = i > 0 && random() < (shape.orphanShare ?? 0);
    drafts.push({ id, startNano, endNano, depth: (usable?.depth ?? -1) + 1 });
    spans.push({
      ...emptySpan,
      traceId,
      spanId: id,
      parentSpanId: usable === undefined ? '' : isOrphan ? (hex(random, 16) as SpanId) : usable.id,
      name: `${verbs[Math.floor(random() * verbs.length)]} ${nouns[Math.floor(random() * nouns.length)]}`,
      kind: 1 + Math.floor(random() * 5),
      startTimeUnixNano: unixNano(start + BigInt(startNano)),
      endTimeUnixNano: unixNano(start + BigInt(endNano)),
      statusCode: random() < (shape.errorShare ?? 0.01) ? 2 : 0,
      attributes: attributesOf(random),
      events:
        random() < 0.05
          ? [
              {
                timeUnixNano: unixNano(start + BigInt(endNano)),
                name: 'exception',
                attributes: [],
                droppedAttributesCount: 0,
              },
            ]
          : [],
      resource: resources[usable === undefined ? 0 : Math.floor(random() * resources.length)],
      scope,
    });
  }
  spans.sort((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano) || (a.spanId < b.spanId ? -1 : 1));
  return { traceId, spans };
}

function interval(
  random: () => number,
  parent: { startNano: number; endNano: number } | undefined,
  spanCount: number,
  unit: number,
): [number, number] {
  if (parent === undefined)
    return [0, Math.max(20_000_000 + Math.floor(random() ** 4 * 900_000) * 1000, spanCount * 40_000)];
  const length = parent.endNano - parent.startNano;
  const from = parent.startNano + Math.floor((random() * 0.7 * length) / unit) * unit;
  const to = Math.min(parent.endNano, from + Math.floor(((0.1 + random() * 0.8) * length) / unit) * unit);
  return [from, Math.max(from, to)];
}

const emptySpan = {
  traceState: '',
  flags: 1,
  droppedAttributesCount: 0,
  droppedEventsCount: 0,
  links: [],
  droppedLinksCount: 0,
  statusMessage: '',
  adjustedCount: 1,
};

function resourceOf(service: string): Resource {
  return {
    attributes: [
      { key: 'service.name', value: { type: 'string', value: service } },
      { key: 'service.version', value: { type: 'string', value: '1.4.2' } },
      { key: 'host.name', value: { type: 'string', value: `${service}-0` } },
    ],
    droppedAttributesCount: 0,
    schemaUrl: '',
    entityRefs: [],
  };
}

function attributesOf(random: () => number): Attribute[] {
  return [
    { key: 'http.request.method', value: { type: 'string', value: 'GET' } },
    { key: 'http.response.status_code', value: { type: 'int', value: random() < 0.02 ? 500 : 200 } },
    { key: 'user.id', value: { type: 'string', value: hex(random, 8) } },
    { key: 'cache.ratio', value: { type: 'double', value: random() } },
  ];
}

function hex(random: () => number, digits: number): string {
  let text = '';
  while (text.length < digits)
    text += Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return text.slice(0, digits);
}

/** A small generator with 32 bits of state. Source: Tommy Ettinger, public domain. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
