/*
 * Test only: the translation of Zipkin's version 2 to OTLP's model once more, from parsed JSON, without any thought of
 * speed. Knows what real clients send, not every corner.
 */
import { type Attribute, type Span, type SpanEvent, SpanKind } from '@spoor/model';

type Json = Readonly<Record<string, unknown>>;

const resourceKey = /^(service|telemetry|host|os|process|container|k8s|cloud|deployment|device|webengine)\../;

/** Integers as bigint. */
export function parseSpans(text: string): readonly Json[] {
  return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' && /^-?\d+$/.test(context?.source ?? '') ? BigInt(context!.source!) : value,
  ) as readonly Json[];
}

/** What a span of version 2 means, apart from its start when it says none. */
export function plainZipkinSpan(span: Json): Span {
  const tags = Object.entries((span['tags'] ?? {}) as Record<string, string>);
  const tag = (...keys: readonly string[]): string => tags.findLast(([key]) => keys.includes(key))?.[1] ?? '';
  const local = (span['localEndpoint'] ?? {}) as Json;
  const service = tag('service.name') || str(local['serviceName']) || 'unknown-service';
  const status = tag('otel.status_code');
  const error = tags.find(([key]) => key === 'error')?.[1];
  const statusCode =
    status === 'OK' ? 1 : status === 'ERROR' || (status === '' && error !== undefined && error !== 'false') ? 2 : 0;
  const isErrorLifted = statusCode === 2 && error !== undefined && error !== 'false';
  const lifted = /^(otel\.status_code|otel\.(library|scope)\.(name|version)|service\.name)$/;
  const kept = tags.filter(
    ([key]) => !lifted.test(key) && !resourceKey.test(key) && !(key === 'error' && isErrorLifted),
  );
  const start = ((span['timestamp'] ?? 0n) as bigint) * 1000n;
  const parent = str(span['parentId']).padStart(16, '0');
  const id = str(span['id']).padStart(16, '0');
  return {
    traceId: str(span['traceId']).padStart(32, '0'),
    spanId: id,
    parentSpanId: /^0+$/.test(parent) || parent === id ? '' : parent,
    traceState: '',
    flags: span['debug'] === true ? 1 : 0,
    name: str(span['name']),
    kind: SpanKind[str(span['kind'], 'unspecified').toLowerCase() as keyof typeof SpanKind],
    startTimeUnixNano: start,
    endTimeUnixNano: start + ((span['duration'] ?? 0n) as bigint) * 1000n,
    attributes: [...endpoints(span), ...kept.map(string)],
    droppedAttributesCount: 0,
    events: ((span['annotations'] ?? []) as readonly Json[]).map(plainEvent),
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    statusCode,
    statusMessage: isErrorLifted && error !== 'true' ? error : '',
    resource: {
      attributes: [
        string(['service.name', service]),
        ...tags.filter(([key]) => resourceKey.test(key) && key !== 'service.name').map(string),
      ],
      droppedAttributesCount: 0,
      schemaUrl: '',
      entityRefs: [],
    },
    scope: {
      name: tag('otel.scope.name', 'otel.library.name'),
      version: tag('otel.scope.version', 'otel.library.version'),
      attributes: [],
      droppedAttributesCount: 0,
      schemaUrl: '',
    },
    adjustedCount: 1,
  } as unknown as Span;
}

function endpoints(span: Json): readonly Attribute[] {
  const local = (span['localEndpoint'] ?? {}) as Json;
  const remote = (span['remoteEndpoint'] ?? {}) as Json;
  const port = (key: string, value: unknown): Attribute[] =>
    value === undefined ? [] : [{ key, value: { type: 'int', value: Number(value) } }];
  const text = (key: string, value: unknown): Attribute[] => (value === undefined ? [] : [string([key, str(value)])]);
  return [
    ...text('net.host.ip', local['ipv6']),
    ...text('net.host.ip', local['ipv4']),
    ...port('net.host.port', local['port']),
    ...text('peer.service', remote['serviceName']),
    ...text('net.peer.ip', remote['ipv6']),
    ...text('net.peer.ip', remote['ipv4']),
    ...port('net.peer.port', remote['port']),
  ];
}

function plainEvent(annotation: Json): SpanEvent {
  const time = { timeUnixNano: (annotation['timestamp'] as bigint) * 1000n } as Pick<SpanEvent, 'timeUnixNano'>;
  const value = str(annotation['value']);
  if (!value.startsWith('{')) return { ...time, name: value, attributes: [], droppedAttributesCount: 0 };
  const [[name, attributes]] = Object.entries(JSON.parse(value) as Record<string, Record<string, unknown>>);
  const plain = Object.entries(attributes).map(([key, one]): Attribute => {
    if (typeof one === 'number') return { key, value: { type: 'int', value: one } };
    return string([key, str(one)]);
  });
  return { ...time, name, attributes: plain, droppedAttributesCount: 0 };
}

function string([key, value]: readonly [string, string]): Attribute {
  return { key, value: { type: 'string', value } };
}

function str(value: unknown, otherwise = ''): string {
  return (value ?? otherwise) as string;
}
