import {
  SpanKind,
  StatusCode,
  serviceName,
  type Attribute,
  type AttributeValue,
  type Resource,
  type Span,
  type SpanEvent,
  type SpanLink,
  type Trace,
} from '@spoor/model';
import type { TraceRenderer } from '@spoor/query';
import { plainValue, TextChunks } from '@spoor/wire';
import { jaegerTraceId } from '../jaeger/jaeger-json.ts';

/**
 * Writes traces as Zipkin v2 JSON: a list of lists of spans, or, with the option `single`, the spans of the one trace.
 *
 * What OTLP has and Zipkin has not goes into tags, as OpenTelemetry's Zipkin exporters put it there and the Zipkin
 * receiver takes it out again: scope (`otel.scope.*`), status (`otel.status_code`, `error`), internal kind, trace state, links
 * (`otlp.link.N`), resource attributes. An event with attributes is `name|{json}|dropped count`. Endpoints are made of
 * `net.host.*`, `peer.service` and `net.peer.*`, under their newer names too.
 * Source: openzipkin/zipkin-api, zipkin2-api.yaml; opentelemetry-collector-contrib, pkg/translator/zipkin/zipkinv2.
 */
export const renderZipkinJson: TraceRenderer = (traces, options) => {
  const text = new TextChunks();
  const isSingle = options['single'] === true;
  if (!isSingle) text.push('[');
  for (const [i, trace] of traces.entries()) {
    if (i > 0) text.push(',');
    pushTrace(text, trace);
  }
  if (!isSingle) text.push(']');
  return text.finish();
};

function pushTrace(text: TextChunks, { spans }: Trace): void {
  const clientIds = new Set<string>();
  for (const span of spans) if (span.kind === SpanKind.client) clientIds.add(span.spanId);
  text.push('[');
  for (const [i, span] of spans.entries()) {
    const isShared = span.kind === SpanKind.server && clientIds.has(span.spanId);
    text.push((i > 0 ? ',' : '') + JSON.stringify(zipkinSpan(span, isShared)));
  }
  text.push(']');
}

const kindNames: Readonly<Record<number, string>> = {
  [SpanKind.server]: 'SERVER',
  [SpanKind.client]: 'CLIENT',
  [SpanKind.producer]: 'PRODUCER',
  [SpanKind.consumer]: 'CONSUMER',
};

/** Attributes that become an endpoint, older and newer names. */
const endpointKeys = Object.freeze({
  localIp: ['net.host.ip', 'network.local.address'],
  localPort: ['net.host.port', 'network.local.port'],
  peerService: ['peer.service', 'service.peer.name'],
  peerIp: ['net.peer.ip', 'network.peer.address'],
  peerPort: ['net.peer.port', 'network.peer.port'],
});
/** Those that only ever are an endpoint, and so are not tags as well. */
const takenKeys = new Set(['net.host.ip', 'net.host.port', 'peer.service', 'net.peer.ip', 'net.peer.port']);
const absentStartKey = 'otel.zipkin.absentField.startTime';

function zipkinSpan(span: Span, isShared: boolean): object {
  const { attributes } = span;
  const hasStart = !attributes.some(({ key }) => key === absentStartKey);
  const durationMicro = microseconds(span.endTimeUnixNano - span.startTimeUnixNano);
  const local = endpoint(serviceName(span.resource), attributes, endpointKeys.localIp, endpointKeys.localPort);
  const peer = textOf(attributes, endpointKeys.peerService);
  const remote = endpoint(peer, attributes, endpointKeys.peerIp, endpointKeys.peerPort);
  const kind = kindNames[span.kind];
  const tags = spanTags(span);
  return {
    traceId: jaegerTraceId(span.traceId),
    ...(span.parentSpanId === '' ? {} : { parentId: span.parentSpanId }),
    id: span.spanId,
    ...(kind === undefined ? {} : { kind }),
    ...(span.name === '' ? {} : { name: span.name }),
    ...(hasStart ? { timestamp: Number(span.startTimeUnixNano / 1000n) } : {}),
    // Zipkin has no duration 0: it means that there is none.
    ...(durationMicro > 0 ? { duration: durationMicro } : {}),
    ...(local === undefined ? {} : { localEndpoint: local }),
    ...(remote === undefined ? {} : { remoteEndpoint: remote }),
    ...(span.events.length === 0 ? {} : { annotations: span.events.map(annotation) }),
    ...(tags.size === 0 ? {} : { tags: Object.fromEntries(tags) }),
    ...(isShared ? { shared: true } : {}),
  };
}

/** Rounded down, but for what is shorter than one: Zipkin's clients round that up. */
function microseconds(nano: bigint): number {
  return nano <= 0n ? 0 : Math.max(1, Number(nano / 1000n));
}

function endpoint(
  service: string,
  attributes: readonly Attribute[],
  ipKeys: readonly string[],
  portKeys: readonly string[],
): object | undefined {
  const addresses = attributes.filter(({ key }) => ipKeys.includes(key)).map(({ value }) => textOfValue(value));
  const ipv4 = addresses.find((address) => /^\d{1,3}(\.\d{1,3}){3}$/.test(address));
  const ipv6 = addresses.find((address) => /^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(address));
  const port = Number(textOf(attributes, portKeys));
  const parts = {
    ...(service === '' ? {} : { serviceName: service }),
    ...(ipv4 === undefined ? {} : { ipv4 }),
    ...(ipv6 === undefined ? {} : { ipv6 }),
    ...(Number.isInteger(port) && port > 0 && port < 65_536 ? { port } : {}),
  };
  return Object.keys(parts).length === 0 ? undefined : parts;
}

function textOf(attributes: readonly Attribute[], keys: readonly string[]): string {
  const found = attributes.find(({ key }) => keys.includes(key));
  return found === undefined ? '' : textOfValue(found.value);
}

/** A map, because a key may be `__proto__`. A span's own attribute wins over its resource's. */
function spanTags(span: Span): Map<string, string> {
  const tags = new Map<string, string>();
  addResource(tags, span.resource);
  if (span.scope.name !== '') tags.set('otel.scope.name', span.scope.name);
  if (span.scope.version !== '') tags.set('otel.scope.version', span.scope.version);
  for (const { key, value } of span.attributes) {
    if (!takenKeys.has(key) && key !== absentStartKey) tags.set(key, textOfValue(value));
  }
  if (span.kind === SpanKind.internal) tags.set('span.kind', 'internal');
  if (span.traceState !== '') tags.set('w3c.tracestate', span.traceState);
  for (const [i, link] of span.links.entries()) tags.set(`otlp.link.${i}`, linkText(link));
  if (span.statusCode === StatusCode.ok) tags.set('otel.status_code', 'OK');
  if (span.statusCode === StatusCode.error) {
    tags.set('otel.status_code', 'ERROR');
    tags.set('error', span.statusMessage === '' ? 'true' : span.statusMessage);
  } else if (span.statusMessage !== '') tags.set('otel.status_description', span.statusMessage);
  return tags;
}

function addResource(tags: Map<string, string>, { attributes }: Resource): void {
  for (const { key, value } of attributes) if (key !== 'service.name') tags.set(key, textOfValue(value));
}

function annotation({ timeUnixNano, name, attributes, droppedAttributesCount }: SpanEvent): object {
  const isPlain = attributes.length === 0 && droppedAttributesCount === 0;
  const value = isPlain ? name : `${name}|${attributesText(attributes)}|${droppedAttributesCount}`;
  return { timestamp: Number(timeUnixNano / 1000n), value };
}

function linkText({ traceId, spanId, traceState, attributes, droppedAttributesCount }: SpanLink): string {
  return `${traceId}|${spanId}|${traceState}|${attributesText(attributes)}|${droppedAttributesCount}`;
}

function attributesText(attributes: readonly Attribute[]): string {
  return JSON.stringify(Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)])));
}

function textOfValue(value: AttributeValue): string {
  if (value.type === 'string') return value.value;
  if (value.type === 'empty') return '';
  const plain = plainValue(value);
  return typeof plain === 'string' ? plain : JSON.stringify(plain);
}
