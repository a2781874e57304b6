/*
 * Test only: a trace of any length, about as heavy per span as the reference capture.
 */
import {
  type Attribute,
  type Resource,
  type Scope,
  type Span,
  type SpanId,
  type Trace,
  type TraceId,
  unixNano,
} from '@spoor/model';

export function madeUpTrace(spanCount: number): Trace {
  const traceId = '5b8efff798038103d269b633813fc60c' as TraceId;
  const resource: Resource = {
    attributes: [
      { key: 'service.name', value: { type: 'string', value: 'checkout' } },
      { key: 'telemetry.sdk.language', value: { type: 'string', value: 'nodejs' } },
    ],
    droppedAttributesCount: 0,
    schemaUrl: '',
    entityRefs: [],
  };
  const scope: Scope = { name: 'made-up', version: '1.0.0', attributes: [], droppedAttributesCount: 0, schemaUrl: '' };
  const spans = Array.from({ length: spanCount }, (_, i) => madeUpSpan(i, traceId, resource, scope));
  return { traceId, spans };
}

function madeUpSpan(i: number, traceId: TraceId, resource: Resource, scope: Scope): Span {
  const attributes: Attribute[] = [
    { key: 'http.request.method', value: { type: 'string', value: 'GET' } },
    { key: 'url.full', value: { type: 'string', value: `https://shop.example/products/${i}` } },
    { key: 'http.response.status_code', value: { type: 'int', value: 200 } },
    { key: 'server.address', value: { type: 'string', value: 'shop.example' } },
    { key: 'server.port', value: { type: 'int', value: 443 } },
    { key: 'user_agent.original', value: { type: 'string', value: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0)' } },
    { key: 'network.protocol.version', value: { type: 'string', value: '1.1' } },
    { key: 'client.address', value: { type: 'string', value: `10.0.${i % 256}.1` } },
  ];
  const start = 1_795_375_900_547_000_000n + BigInt(i) * 1_000_000n;
  return {
    traceId,
    spanId: (i + 1).toString(16).padStart(16, '0') as SpanId,
    parentSpanId: i === 0 ? '' : (((i >> 1) + 1).toString(16).padStart(16, '0') as SpanId),
    traceState: '',
    flags: 257,
    name: `GET /products/:id`,
    kind: 2,
    startTimeUnixNano: unixNano(start),
    endTimeUnixNano: unixNano(start + 750_000n),
    attributes,
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    statusCode: 0,
    statusMessage: '',
    resource,
    scope,
    adjustedCount: 1,
  };
}
