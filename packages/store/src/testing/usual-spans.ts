import type { Attribute, Resource, Scope, Span, SpanId, TraceId, UnixNano } from '@spoor/model';
import { seededRandom } from './seeded-random.ts';

const SERVICES = 16;
const OPERATIONS = 12;
const SCOPE: Scope = {
  name: '@opentelemetry/instrumentation-http',
  version: '0.57.1',
  attributes: [],
  droppedAttributesCount: 0,
  schemaUrl: '',
};

/**
 * Spans with the statistics of the reference capture, for benchmarks: traces of 1–9 spans in well-formed trees, some ten
 * attributes of which one has a value of its own on every third span, an event on every fourth.
 */
export function usualSpans(count: number, seed = 1): Span[] {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const hex = (digits: number) => {
    let text = '';
    while (text.length < digits)
      text += below(2 ** 32)
        .toString(16)
        .padStart(8, '0');
    return text;
  };
  const resources = Array.from({ length: SERVICES }, (_, service) => makeResource(service));
  const spans: Span[] = [];
  while (spans.length < count) {
    const traceId = hex(32) as TraceId;
    const start = 1_790_000_000_000_000_000n + BigInt(spans.length) * 1_000_000n;
    const ids: SpanId[] = [];
    const spanCount = Math.min(1 + below(9), count - spans.length);
    for (let i = 0; i < spanCount; i++) {
      ids.push(hex(16) as SpanId);
      const startTimeUnixNano = (start + BigInt(i * 1000 + below(1000))) as UnixNano;
      const operation = below(OPERATIONS);
      spans.push({
        traceId,
        spanId: ids[i],
        parentSpanId: i === 0 ? '' : ids[below(i)],
        traceState: '',
        flags: 257,
        name: `GET /api/resource-${operation}`,
        kind: 2 + (i % 2),
        startTimeUnixNano,
        endTimeUnixNano: (startTimeUnixNano + BigInt(below(5_000_000))) as UnixNano,
        attributes: makeAttributes(operation, below, hex),
        droppedAttributesCount: 0,
        events:
          below(4) === 0
            ? [{ timeUnixNano: startTimeUnixNano, name: 'message', attributes: [], droppedAttributesCount: 0 }]
            : [],
        droppedEventsCount: 0,
        links: [],
        droppedLinksCount: 0,
        statusCode: below(20) === 0 ? 2 : 0,
        statusMessage: '',
        resource: resources[(operation * 7 + i) % SERVICES],
        scope: SCOPE,
        adjustedCount: 1,
      });
    }
  }
  return spans;
}

function makeResource(service: number): Resource {
  const attributes: Attribute[] = ['service.name', 'service.version', 'host.name', 'telemetry.sdk.language'].map(
    (key) => ({
      key,
      value: { type: 'string', value: `${key} ${service}` },
    }),
  );
  return { attributes, droppedAttributesCount: 0, schemaUrl: '', entityRefs: [] };
}

function makeAttributes(
  operation: number,
  below: (limit: number) => number,
  hex: (digits: number) => string,
): Attribute[] {
  const attributes: Attribute[] = [
    { key: 'http.request.method', value: { type: 'string', value: operation % 3 === 0 ? 'POST' : 'GET' } },
    { key: 'http.response.status_code', value: { type: 'int', value: below(20) === 0 ? 500 : 200 } },
    { key: 'url.scheme', value: { type: 'string', value: 'http' } },
    { key: 'url.path', value: { type: 'string', value: `/api/resource-${operation}/${below(100)}` } },
    { key: 'server.address', value: { type: 'string', value: `backend-${operation}.internal.example` } },
    { key: 'server.port', value: { type: 'int', value: 8080 } },
    { key: 'network.protocol.version', value: { type: 'string', value: '1.1' } },
    { key: 'client.address', value: { type: 'string', value: `10.0.${below(4)}.${below(256)}` } },
    { key: 'user_agent.original', value: { type: 'string', value: 'Mozilla/5.0 (X11; Linux x86_64)' } },
    { key: 'http.response.body.size', value: { type: 'int', value: below(100_000) } },
  ];
  if (below(3) === 0) attributes.push({ key: 'app.order.id', value: { type: 'string', value: hex(32) } });
  return attributes;
}
