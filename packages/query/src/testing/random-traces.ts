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
} from '@spoor/model';
import { unixNano } from '@spoor/model';
import type { SeededRandom } from './seeded-random.ts';

/** Names few enough that traces and plans meet; the two of HTTP are spellings of one. */
export const attributeNames = Object.freeze(['a', 'b', 'c', 'http.status_code', 'http.response.status_code']);
export const spanNames = Object.freeze(['GET /', 'SELECT', '', 'é\u{1f600}', '\ufffd']);
export const serviceNames = Object.freeze(['api', 'db', 'web']);
export const texts = Object.freeze(['x', 'y', 'xy', '', '5', '\u{1f600}', '\uf8ff']);
export const integers = Object.freeze([0, 1, -1, 5, 200, 2 ** 53 - 1, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 63n)]);
export const floats = Object.freeze([0, -0, 0.5, 5, 200.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]);

export function traceIdOf(number: number): TraceId {
  return number.toString(16).padStart(32, '0') as TraceId;
}

export function spanIdOf(number: number): SpanId {
  return number.toString(16).padStart(16, '0') as SpanId;
}

export function randomValue(random: SeededRandom, depth = 0): AttributeValue {
  switch (random.below(depth > 1 ? 5 : 9)) {
    case 0:
    case 1:
      return { type: 'string', value: random.pick(texts) };
    case 2:
      return { type: 'int', value: random.pick(integers) };
    case 3:
      return { type: 'double', value: random.pick(floats) };
    case 4:
      return { type: 'bool', value: random.chance(0.5) };
    case 5:
      return { type: 'bytes', value: Uint8Array.of(1, 2) };
    case 6:
      return { type: 'array', value: random.list(3, () => randomValue(random, depth + 1)) };
    case 7:
      return { type: 'kvlist', value: [{ key: 'k', value: { type: 'int', value: 1 } }] };
    default:
      return { type: 'empty' };
  }
}

function randomAttributes(random: SeededRandom, countMax: number): readonly Attribute[] {
  return random.list(countMax, () => ({ key: random.pick(attributeNames), value: randomValue(random) }));
}

function randomResource(random: SeededRandom): Resource {
  const attributes = [...randomAttributes(random, 2)];
  if (random.chance(0.9))
    attributes.push({ key: 'service.name', value: { type: 'string', value: random.pick(serviceNames) } });
  return { attributes, droppedAttributesCount: 0, schemaUrl: '', entityRefs: [] };
}

function randomScope(random: SeededRandom): Scope {
  const name = random.pick(['', 'lib', 'other']);
  return {
    name,
    version: random.pick(['', '1.0']),
    attributes: randomAttributes(random, 1),
    droppedAttributesCount: 0,
    schemaUrl: '',
  };
}

function randomEvent(random: SeededRandom, start: bigint): SpanEvent {
  const timeUnixNano = unixNano(start + BigInt(random.below(20) - 5));
  return {
    timeUnixNano,
    name: random.pick(spanNames),
    attributes: randomAttributes(random, 2),
    droppedAttributesCount: 0,
  };
}

function randomLink(random: SeededRandom): SpanLink {
  return {
    traceId: random.pick(['', traceIdOf(1 + random.below(4)), 'abcd']),
    spanId: random.pick(['', spanIdOf(1 + random.below(4))]),
    traceState: '',
    flags: 0,
    attributes: randomAttributes(random, 2),
    droppedAttributesCount: 0,
  };
}

/** Times are near 2^60 so that the words of 64 bits matter; few distinct ones so that there are ties. */
const EPOCH = 2n ** 60n;

/**
 * The spans of one trace in random order: parents anywhere (present, missing, the span itself, in cycles), ids
 * repeated, whole spans repeated. Two different spans never share both id and start, whose order is left open.
 */
export function randomTrace(random: SeededRandom, traceId: TraceId, spanCountMax = 10): Span[] {
  const resources = [randomResource(random), randomResource(random), randomResource(random)];
  const scopes = [randomScope(random), randomScope(random)];
  const count = 1 + random.below(spanCountMax);
  const taken = new Set<string>();
  const spans: Span[] = [];
  for (let i = 1; i <= count; i++) {
    const spanId = spanIdOf(random.chance(0.1) ? 1 + random.below(i) : i);
    const start = EPOCH + BigInt(random.below(50));
    if (taken.has(`${spanId} ${start}`)) continue;
    taken.add(`${spanId} ${start}`);
    spans.push(
      randomSpan(random, {
        traceId,
        spanId,
        start,
        count,
        resource: random.pick(resources),
        scope: random.pick(scopes),
      }),
    );
    if (random.chance(0.05)) spans.push(spans.at(-1)!);
  }
  return spans.sort(() => random.next() - 0.5);
}

interface SpanPlace {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  readonly start: bigint;
  readonly count: number;
  readonly resource: Resource;
  readonly scope: Scope;
}

function randomSpan(random: SeededRandom, { traceId, spanId, start, count, resource, scope }: SpanPlace): Span {
  const sampled = random.chance(0.2);
  return {
    traceId,
    spanId,
    parentSpanId: random.chance(0.25) ? '' : spanIdOf(1 + random.below(random.chance(0.2) ? 100 : count)),
    traceState: sampled ? 'ot=th:8' : '',
    flags: 0,
    name: random.pick(spanNames),
    kind: random.pick([0, 1, 2, 3, 4, 5, 9]),
    startTimeUnixNano: unixNano(start),
    endTimeUnixNano: unixNano(start + BigInt(random.below(30) - 3)),
    attributes: randomAttributes(random, 4),
    droppedAttributesCount: 0,
    events: random.list(2, () => randomEvent(random, start)),
    droppedEventsCount: 0,
    links: random.list(2, () => randomLink(random)),
    droppedLinksCount: 0,
    statusCode: random.pick([0, 0, 1, 2]),
    statusMessage: random.pick(texts),
    resource,
    scope,
    adjustedCount: sampled ? 2 : 1,
  };
}
