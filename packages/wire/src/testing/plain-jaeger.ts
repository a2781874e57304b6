/*
 * Test only: the translation of Jaeger's model to OTLP's once more, from what an independent decoder printed, without
 * any thought of speed. Knows what real clients send, not every corner.
 */
import { type Attribute, type AttributeValue, SpanKind, type Span, type SpanEvent, type SpanLink } from '@spoor/model';

type Json = Readonly<Record<string, unknown>>;

/** Integers as bigint, since ids do not fit into a number. */
export function parseExactly(text: string): Json {
  return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' && /^-?\d+$/.test(context?.source ?? '') ? BigInt(context!.source!) : value,
  ) as Json;
}

/** The spans that a decoded Thrift `Batch` means. */
export function plainThriftBatch(batch: Json): Span[] {
  const process = batch['process'] as Json | undefined;
  return list(batch['spans']).map((span) => plainSpan(thriftSpan(span), process, thriftAttribute));
}

/** The spans that a decoded `PostSpansRequest` means, in protobuf's JSON. */
export function plainPostSpans(request: Json): Span[] {
  const batch = request['batch'] as Json;
  return list(batch['spans']).map((span) =>
    plainSpan(protoSpan(span), (span['process'] ?? batch['process']) as Json | undefined, protoAttribute),
  );
}

interface CommonSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly flags: number;
  readonly startNano: bigint;
  readonly durationNano: bigint;
  readonly tags: readonly Json[];
  readonly logs: readonly { readonly timeNano: bigint; readonly fields: readonly Json[] }[];
  readonly references: readonly { readonly isChildOf: boolean; readonly traceId: string; readonly spanId: string }[];
}

function thriftSpan(span: Json): CommonSpan {
  return {
    traceId: hex(span['traceIdHigh']) + hex(span['traceIdLow']),
    spanId: hex(span['spanId']),
    parentSpanId: hex(span['parentSpanId']),
    name: str(span['operationName']),
    flags: Number(span['flags'] ?? 0),
    startNano: big(span['startTime']) * 1000n,
    durationNano: big(span['duration']) * 1000n,
    tags: list(span['tags']),
    logs: list(span['logs']).map((log) => ({ timeNano: big(log['timestamp']) * 1000n, fields: list(log['fields']) })),
    references: list(span['references']).map((reference) => ({
      isChildOf: Number(reference['refType'] ?? 0) === 0,
      traceId: hex(reference['traceIdHigh']) + hex(reference['traceIdLow']),
      spanId: hex(reference['spanId']),
    })),
  };
}

function protoSpan(span: Json): CommonSpan {
  return {
    traceId: base64Hex(span['traceId']),
    spanId: base64Hex(span['spanId']),
    parentSpanId: '0'.repeat(16),
    name: str(span['operationName']),
    flags: Number(span['flags'] ?? 0),
    startNano: timestampNano(str(span['startTime'])),
    durationNano: durationNano(str(span['duration'])),
    tags: list(span['tags']),
    logs: list(span['logs']).map((log) => ({
      timeNano: timestampNano(str(log['timestamp'])),
      fields: list(log['fields']),
    })),
    references: list(span['references']).map((reference) => ({
      isChildOf: reference['refType'] !== 'FOLLOWS_FROM',
      traceId: base64Hex(reference['traceId']),
      spanId: base64Hex(reference['spanId']),
    })),
  };
}

function plainSpan(span: CommonSpan, process: Json | undefined, attribute: (tag: Json) => Attribute): Span {
  const tags = span.tags.map(attribute);
  const string = (...keys: readonly string[]): string => {
    const found = tags.filter(({ key, value }) => keys.includes(key) && value.type === 'string').at(-1);
    return found?.value.type === 'string' ? found.value.value : '';
  };
  const isError = tags.some(({ key, value }) => key === 'error' && value.type === 'bool' && value.value);
  const status = string('otel.status_code');
  const kind = string('span.kind') as keyof typeof SpanKind;
  const httpStatus = Number(tags.find(({ key }) => key === 'http.status_code')?.value['value' as 'type'] ?? 0);
  const isHttpError = status === '' && (httpStatus >= 500 || (httpStatus >= 400 && kind === 'client'));
  const hasStatus = isError || status !== '' || isHttpError;
  const lifted = new Set(['span.kind', 'otel.status_code', 'w3c.tracestate', 'otel.scope.name', 'otel.scope.version']);
  lifted.add('otel.library.name').add('otel.library.version');
  if (isError) lifted.add('error');
  if (hasStatus) lifted.add('otel.status_description');
  const version = string('otel.scope.version', 'otel.library.version');
  const inTrace = span.references.filter(({ traceId }) => traceId === span.traceId);
  const parentReference = inTrace.find(({ isChildOf }) => isChildOf) ?? inTrace[0];
  const ownParent = /^0+$/.test(span.parentSpanId) ? undefined : span.parentSpanId;
  const parent = ownParent ?? parentReference?.spanId ?? '';
  const plain = {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: parent,
    traceState: string('w3c.tracestate'),
    flags: span.flags & 1,
    name: span.name,
    kind: SpanKind[kind] ?? 0,
    startTimeUnixNano: span.startNano,
    endTimeUnixNano: span.startNano + span.durationNano,
    attributes: tags.filter(({ key }) => !lifted.has(key)),
    droppedAttributesCount: 0,
    events: span.logs.map(({ timeNano, fields }) => plainEvent(timeNano, fields.map(attribute))),
    droppedEventsCount: 0,
    links: span.references
      .filter((one) => !(one.isChildOf && one.traceId === span.traceId && one.spanId === parent))
      .map(plainLink),
    droppedLinksCount: 0,
    statusCode: isError || isHttpError || status === 'ERROR' ? 2 : status === 'OK' ? 1 : 0,
    statusMessage: hasStatus ? string('otel.status_description') : '',
    resource: plainResource(process, attribute),
    scope: {
      name: string('otel.scope.name', 'otel.library.name'),
      version: version === 'undefined' ? '' : version,
      attributes: [],
      droppedAttributesCount: 0,
      schemaUrl: '',
    },
    adjustedCount: string('sampler.type') === 'probabilistic' ? 1 / numberOf(tags, 'sampler.param') : 1,
  };
  return plain as unknown as Span;
}

function plainResource(process: Json | undefined, attribute: (tag: Json) => Attribute): Span['resource'] {
  const name = process === undefined ? 'null-process-and-service-name' : str(process['serviceName']);
  const renamed: readonly Attribute[] = list(process?.['tags']).map(attribute);
  // What is renamed comes before what is kept.
  const first = renamed.flatMap(({ key, value }): Attribute[] => {
    if (key === 'hostname') return [{ key: 'host.name', value }];
    if (key !== 'jaeger.version' || value.type !== 'string') return [];
    return [{ key: 'opencensus.exporterversion', value: { type: 'string', value: `Jaeger-${value.value}` } }];
  });
  const rest = renamed.filter(({ key }) => !['hostname', 'jaeger.version', 'service.name'].includes(key));
  const service: Attribute = { key: 'service.name', value: { type: 'string', value: name || 'empty-service-name' } };
  return { attributes: [service, ...first, ...rest], droppedAttributesCount: 0, schemaUrl: '', entityRefs: [] };
}

function plainEvent(timeNano: bigint, fields: readonly Attribute[]): SpanEvent {
  const at = (key: string): number => fields.findIndex((one) => one.key === key && one.value.type === 'string');
  const named = at('event') >= 0 ? at('event') : at('message');
  const name = named < 0 ? '' : (fields[named].value as { value: string }).value;
  return {
    timeUnixNano: timeNano as SpanEvent['timeUnixNano'],
    name,
    attributes: fields.filter((_, i) => i !== named),
    droppedAttributesCount: 0,
  };
}

function plainLink({ isChildOf, traceId, spanId }: CommonSpan['references'][number]): SpanLink {
  const type: AttributeValue = { type: 'string', value: isChildOf ? 'child_of' : 'follows_from' };
  const attributes = [{ key: 'opentracing.ref_type', value: type }];
  return { traceId, spanId, traceState: '', flags: 0, attributes, droppedAttributesCount: 0 };
}

function thriftAttribute(tag: Json): Attribute {
  return { key: str(tag['key']), value: thriftValue(tag) };
}

function thriftValue(tag: Json): AttributeValue {
  switch (Number(tag['vType'] ?? 0)) {
    case 0:
      return { type: 'string', value: str(tag['vStr']) };
    case 1:
      return { type: 'double', value: Number(tag['vDouble'] ?? 0) };
    case 2:
      return { type: 'bool', value: tag['vBool'] === true };
    case 3:
      return integer(big(tag['vLong']));
    default:
      throw new Error('no capture has a binary tag');
  }
}

function protoAttribute(tag: Json): Attribute {
  return { key: str(tag['key']), value: protoValue(tag) };
}

function protoValue(tag: Json): AttributeValue {
  switch (tag['vType'] ?? 'STRING') {
    case 'STRING':
      return { type: 'string', value: str(tag['vStr']) };
    case 'BOOL':
      return { type: 'bool', value: tag['vBool'] === true };
    case 'INT64':
      return integer(BigInt(str(tag['vInt64'], '0')));
    case 'FLOAT64':
      return { type: 'double', value: Number(tag['vFloat64'] ?? 0) };
    default:
      throw new Error('no capture has a binary tag');
  }
}

function integer(value: bigint): AttributeValue {
  return { type: 'int', value: Number.isSafeInteger(Number(value)) ? Number(value) : value };
}

function numberOf(tags: readonly Attribute[], key: string): number {
  return Number((tags.find((one) => one.key === key)?.value as { value: unknown } | undefined)?.value);
}

function list(value: unknown): readonly Json[] {
  return (value ?? []) as readonly Json[];
}

function big(value: unknown): bigint {
  return (value ?? 0n) as bigint;
}

function hex(value: unknown): string {
  return BigInt.asUintN(64, big(value)).toString(16).padStart(16, '0');
}

function base64Hex(value: unknown): string {
  return Buffer.from(str(value), 'base64').toString('hex');
}

function timestampNano(text: string): bigint {
  const fraction = /\.(\d+)Z$/.exec(text)?.[1] ?? '';
  const seconds = BigInt(Date.parse(`${text.slice(0, 19)}Z`)) / 1000n;
  return seconds * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}

function durationNano(text: string): bigint {
  const [whole, fraction = ''] = text.replace('s', '').split('.');
  return BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}

function str(value: unknown, otherwise = ''): string {
  return (value ?? otherwise) as string;
}
