import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import {
  unixNano,
  type Attribute,
  type Resource,
  type Scope,
  type Span,
  type SpanId,
  type TraceId,
} from '@spoor/model';
import { renderJaegerJson } from './jaeger-json.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c' as TraceId;
const resource: Resource = {
  attributes: [text('service.name', 'shop'), text('host.name', 'h1')],
  droppedAttributesCount: 0,
  schemaUrl: '',
  entityRefs: [],
};
const scope: Scope = { name: 'lib', version: '1.0', attributes: [], droppedAttributesCount: 0, schemaUrl: '' };

test('renderJaegerJson: one span with everything, byte for byte', () => {
  const span = makeSpan({
    parentSpanId: '00000000000000aa' as SpanId,
    traceState: 'a=b',
    flags: 0x101,
    kind: 2,
    statusCode: 2,
    statusMessage: 'oops',
    attributes: [
      text('s', 'é"'),
      { key: 'b', value: { type: 'bool', value: false } },
      { key: 'i', value: { type: 'int', value: 200 } },
      { key: 'big', value: { type: 'int', value: 9007199254740993n } },
      { key: 'd', value: { type: 'double', value: 0.5 } },
      { key: 'nan', value: { type: 'double', value: Number.NaN } },
      { key: 'bytes', value: { type: 'bytes', value: Uint8Array.of(1, 2, 255) } },
      { key: 'list', value: { type: 'array', value: [{ type: 'int', value: 1 }, { type: 'empty' }] } },
      { key: 'map', value: { type: 'kvlist', value: [text('x', 'y')] } },
      { key: 'none', value: { type: 'empty' } },
    ],
    events: [
      { timeUnixNano: unixNano(3_000_000_999n), name: 'later', attributes: [], droppedAttributesCount: 0 },
      {
        timeUnixNano: unixNano(2_000_000_000n),
        name: 'first',
        attributes: [text('k', 'v')],
        droppedAttributesCount: 0,
      },
    ],
    links: [
      {
        traceId: '000000000000000000000000000000cc',
        spanId: '00000000000000dd',
        traceState: '',
        flags: 0,
        attributes: [],
        droppedAttributesCount: 0,
      },
      { traceId: '', spanId: '', traceState: '', flags: 0, attributes: [], droppedAttributesCount: 0 },
    ],
  });
  equal(
    render([span]),
    '[{"traceID":"0af7651916cd43dd8448eb211c80319c","spans":[' +
      '{"traceID":"0af7651916cd43dd8448eb211c80319c","spanID":"0000000000000001","flags":1,"operationName":"GET /",' +
      '"references":[{"refType":"CHILD_OF","traceID":"0af7651916cd43dd8448eb211c80319c","spanID":"00000000000000aa"},' +
      '{"refType":"FOLLOWS_FROM","traceID":"00000000000000cc","spanID":"00000000000000dd"}],' +
      '"startTime":1000000,"duration":1500,"tags":[' +
      '{"key":"otel.scope.name","type":"string","value":"lib"},{"key":"otel.scope.version","type":"string","value":"1.0"},' +
      '{"key":"s","type":"string","value":"é\\""},{"key":"b","type":"bool","value":false},' +
      '{"key":"i","type":"int64","value":200},{"key":"big","type":"int64","value":"9007199254740993"},' +
      '{"key":"d","type":"float64","value":0.5},{"key":"nan","type":"float64","value":"NaN"},' +
      '{"key":"bytes","type":"binary","value":"AQL/"},{"key":"list","type":"string","value":"[1,null]"},' +
      '{"key":"map","type":"string","value":"{\\"x\\":\\"y\\"}"},{"key":"none","type":"string","value":""},' +
      '{"key":"span.kind","type":"string","value":"server"},{"key":"otel.status_code","type":"string","value":"ERROR"},' +
      '{"key":"error","type":"bool","value":true},{"key":"otel.status_description","type":"string","value":"oops"},' +
      '{"key":"w3c.tracestate","type":"string","value":"a=b"}],' +
      '"logs":[{"timestamp":2000000,"fields":[{"key":"event","type":"string","value":"first"},{"key":"k","type":"string","value":"v"}]},' +
      '{"timestamp":3000000,"fields":[{"key":"event","type":"string","value":"later"}]}],' +
      '"processID":"p1","warnings":null}],' +
      '"processes":{"p1":{"serviceName":"shop","tags":[{"key":"host.name","type":"string","value":"h1"}]}},"warnings":null}]',
  );
});

test('renderJaegerJson: ids of 64 bits have 16 digits, empty lists are lists, flags 0 are left out', () => {
  const bare = makeSpan({
    traceId: '00000000000000000000000000000abc' as TraceId,
    scope: { ...scope, name: '', version: '' },
  });
  equal(
    render([{ ...bare, resource: { ...resource, attributes: [] } }]),
    '[{"traceID":"0000000000000abc","spans":[{"traceID":"0000000000000abc","spanID":"0000000000000001","operationName":"GET /",' +
      '"references":[],"startTime":1000000,"duration":1500,"tags":[],"logs":[],"processID":"p1","warnings":null}],' +
      '"processes":{"p1":{"serviceName":"OTLPResourceNoServiceName","tags":[]}},"warnings":null}]',
  );
});

test('renderJaegerJson: times stay whole numbers at both ends of the clock', () => {
  const [first] = parse([makeSpan({ startTimeUnixNano: unixNano(0n), endTimeUnixNano: unixNano(2n ** 64n - 1n) })]);
  equal(first.startTime, 0);
  equal(
    render([makeSpan({ startTimeUnixNano: unixNano(2n ** 64n - 1n) })]).includes(
      '"startTime":18446744073709551,"duration":0,',
    ),
    true,
  );
});

test('renderJaegerJson: equal resources are one process, numbered by first use', () => {
  const other = { ...resource, attributes: [text('service.name', 'db')] };
  const copy = { ...resource, attributes: [...resource.attributes] };
  const spans = parse([makeSpan({ resource: other }), makeSpan({}), makeSpan({ resource: copy })]);
  deepEqual(
    spans.map((span) => span.processID),
    ['p1', 'p2', 'p2'],
  );
});

test('renderJaegerJson: a server span that shares its client’s id hangs under it, unless raw', () => {
  //  aa client ── aa server ── bb      becomes      aa client ── 01 server ── bb
  const id = (digits: string): SpanId => digits.padStart(16, '0') as SpanId;
  const spans = [
    makeSpan({ spanId: id('aa'), kind: 3 }),
    makeSpan({ spanId: id('aa'), kind: 2 }),
    makeSpan({ spanId: id('bb'), parentSpanId: id('aa') }),
  ];
  const shape = (raw: boolean) => parse(spans, raw).map((span) => [span.spanID, span.references[0]?.spanID]);
  deepEqual(shape(false), [
    [id('aa'), undefined],
    [id('1'), id('aa')],
    [id('bb'), id('1')],
  ]);
  deepEqual(shape(true), [
    [id('aa'), undefined],
    [id('aa'), undefined],
    [id('bb'), id('aa')],
  ]);
});

test('renderJaegerJson: prettyPrint indents as a member of the envelope', () => {
  const text = Buffer.from(renderJaegerJson([{ traceId, spans: [makeSpan({})] }], { prettyPrint: true })).toString();
  equal(text.startsWith('[\n        {\n            "traceID"'), true);
  equal(text.endsWith('\n        }\n    ]'), true);
});

interface JaegerSpan {
  readonly spanID: string;
  readonly startTime: number;
  readonly processID: string;
  readonly references: readonly { readonly spanID: string }[];
}

function render(spans: readonly Span[], raw = false): string {
  return Buffer.from(renderJaegerJson([{ traceId: spans[0].traceId, spans }], { raw })).toString();
}

function parse(spans: readonly Span[], raw = false): readonly JaegerSpan[] {
  return (JSON.parse(render(spans, raw)) as [{ spans: JaegerSpan[] }])[0].spans;
}

function text(key: string, value: string): Attribute {
  return { key, value: { type: 'string', value } };
}

function makeSpan(fields: Partial<Span>): Span {
  return {
    traceId,
    spanId: '0000000000000001' as SpanId,
    parentSpanId: '',
    traceState: '',
    flags: 0,
    name: 'GET /',
    kind: 0,
    startTimeUnixNano: unixNano(1_000_000_999n),
    endTimeUnixNano: unixNano(1_001_501_000n),
    attributes: [],
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
    ...fields,
  };
}
