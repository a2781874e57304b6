/*
 * Test only: random traces with everything OTLP allows.
 */
import type { Attribute, AttributeValue, Resource, Scope, Span, SpanId, Trace, TraceId, UnixNano } from '@spoor/model';
import * as fc from 'fast-check';

/** As `fc.record`, with plain objects. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true });
}

const text = fc.oneof(
  fc.string({ maxLength: 12, unit: 'grapheme' }),
  fc.constantFrom('', 'http.method', 'a"b\\c\n\u0000', '\ufeffbyte order mark', 'é'.repeat(70)),
);
const hex = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) =>
    Buffer.from(id)
      .toString('hex')
      .replace(/^0+$/, (zeros) => zeros.replace(/0$/, '1')),
  );
const uint32 = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
const int32 = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer());
const time = fc
  .oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constantFrom(0n, 2n ** 64n - 1n))
  .map((value) => value as UnixNano);
const integer = fc
  .oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.integer().map(BigInt),
    fc.constantFrom(2n ** 53n - 1n, 2n ** 53n, -(2n ** 53n), 1n - 2n ** 53n),
  )
  .map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value));

const { value } = fc.letrec<{ value: AttributeValue; attribute: Attribute }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    record({ type: fc.constant('string' as const), value: text }),
    record({ type: fc.constant('bool' as const), value: fc.boolean() }),
    record({ type: fc.constant('int' as const), value: integer }),
    record({ type: fc.constant('double' as const), value: fc.double() }),
    record({ type: fc.constant('bytes' as const), value: fc.uint8Array({ maxLength: 5 }) }),
    fc.constant<AttributeValue>({ type: 'empty' }),
    record({ type: fc.constant('array' as const), value: fc.array(tie('value'), { maxLength: 4 }) }),
    record({ type: fc.constant('kvlist' as const), value: fc.array(tie('attribute'), { maxLength: 4 }) }),
  ),
  attribute: record({ key: text, value: tie('value') }),
}));
const attributes = fc.array(record({ key: text, value }), { maxLength: 5 });

const resource: fc.Arbitrary<Resource> = record({
  attributes,
  droppedAttributesCount: uint32,
  schemaUrl: text,
  entityRefs: fc.constantFrom(
    [],
    [Buffer.from('1204686f7374', 'hex')].map((body) => new Uint8Array(body)),
  ),
});
const scope: fc.Arbitrary<Scope> = record({
  name: text,
  version: text,
  attributes,
  droppedAttributesCount: uint32,
  schemaUrl: text,
});

function span(traceId: string, resources: readonly Resource[], scopes: readonly Scope[]): fc.Arbitrary<Span> {
  return record({
    traceId: fc.constant(traceId as TraceId),
    spanId: hex(8).map((id) => id as SpanId),
    parentSpanId: fc.oneof(
      fc.constant('' as const),
      hex(8).map((id) => id as SpanId),
    ),
    traceState: text,
    flags: uint32,
    name: text,
    kind: int32,
    startTimeUnixNano: time,
    endTimeUnixNano: time,
    attributes,
    droppedAttributesCount: uint32,
    events: fc.array(record({ timeUnixNano: time, name: text, attributes, droppedAttributesCount: uint32 }), {
      maxLength: 3,
    }),
    droppedEventsCount: uint32,
    links: fc.array(
      record({
        traceId: fc.oneof(hex(16), hex(3), fc.constant('')),
        spanId: fc.oneof(hex(8), fc.constant('')),
        traceState: text,
        flags: uint32,
        attributes,
        droppedAttributesCount: uint32,
      }),
      { maxLength: 2 },
    ),
    droppedLinksCount: uint32,
    statusCode: int32,
    statusMessage: text,
    resource: fc.constantFrom(...resources),
    scope: fc.constantFrom(...scopes),
    adjustedCount: fc.constant(1),
  });
}

export const arbitraryTrace: fc.Arbitrary<Trace> = fc
  .tuple(hex(16), fc.array(resource, { minLength: 1, maxLength: 2 }), fc.array(scope, { minLength: 1, maxLength: 2 }))
  .chain(([traceId, resources, scopes]) =>
    record({
      traceId: fc.constant(traceId as TraceId),
      spans: fc.array(span(traceId, resources, scopes), { minLength: 1, maxLength: 5 }),
    }),
  );
