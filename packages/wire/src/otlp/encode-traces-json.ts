import {
  type Attribute,
  type AttributeValue,
  ProtobufReader,
  type Resource,
  type Scope,
  type Span,
  type SpanEvent,
  type SpanLink,
  type Trace,
} from '@spoor/model';
import { groupSpans } from './span-groups.ts';
import { TextChunks } from './text-chunks.ts';

/** Where OTLP's JSON and protobuf's own part. */
export interface TracesJsonStyle {
  /** name of the one member */
  readonly root: string;
  /** a JSON string of an id's hex digits, which of a link may be anything */
  readonly id: (hex: string) => string;
  /** JSON of numbers other than 0 */
  readonly kind: (kind: number) => string;
  readonly statusCode: (code: number) => string;
}

const otlpStyle: TracesJsonStyle = Object.freeze({
  root: 'resourceSpans',
  id: JSON.stringify,
  kind: String,
  statusCode: String,
});

/**
 * OTLP/JSON of whole traces, `{"resourceSpans":[…]}`, grouped by resource, then scope: hex ids, enums as numbers,
 * 64-bit integers as strings, bytes as base64, fields at their default left out (but never the field of an `AnyValue`).
 * Source: OTLP specification 1.11, "JSON Protobuf Encoding"; protobuf.dev, ProtoJSON.
 */
export function encodeTracesJson(traces: readonly Trace[], style: TracesJsonStyle = otlpStyle): Uint8Array {
  const chunks = new TextChunks();
  let resourceSeparator = '';
  chunks.push(`{"${style.root}":[`);
  for (const [resource, scopes] of groupSpans(traces)) {
    chunks.push(`${resourceSeparator}{"resource":${resourceJson(resource)},"scopeSpans":[`);
    resourceSeparator = ',';
    let scopeSeparator = '';
    for (const [scope, spans] of scopes) {
      chunks.push(`${scopeSeparator}{"scope":${scopeJson(scope)},"spans":[`);
      scopeSeparator = ',';
      for (let i = 0; i < spans.length; i++) chunks.push((i === 0 ? '' : ',') + spanJson(spans[i], style));
      chunks.push(`]${schemaUrlJson(scope.schemaUrl)}}`);
    }
    chunks.push(`]${schemaUrlJson(resource.schemaUrl)}}`);
  }
  chunks.push(']}');
  return chunks.finish();
}

function schemaUrlJson(schemaUrl: string): string {
  return schemaUrl === '' ? '' : `,"schemaUrl":${JSON.stringify(schemaUrl)}`;
}

function resourceJson(resource: Resource): string {
  const members =
    attributesMember(resource.attributes) + countMember('droppedAttributesCount', resource.droppedAttributesCount);
  if (resource.entityRefs.length === 0) return object(members);
  return object(`${members},"entityRefs":[${resource.entityRefs.map(entityRefJson).join(',')}]`);
}

function scopeJson(scope: Scope): string {
  return object(
    textMember('name', scope.name) +
      textMember('version', scope.version) +
      attributesMember(scope.attributes) +
      countMember('droppedAttributesCount', scope.droppedAttributesCount),
  );
}

function spanJson(span: Span, style: TracesJsonStyle): string {
  let json = `{"traceId":${style.id(span.traceId)},"spanId":${style.id(span.spanId)}`;
  json += textMember('traceState', span.traceState);
  if (span.parentSpanId !== '') json += `,"parentSpanId":${style.id(span.parentSpanId)}`;
  json += textMember('name', span.name);
  if (span.kind !== 0) json += `,"kind":${style.kind(span.kind)}`;
  json += timeMember('startTimeUnixNano', span.startTimeUnixNano);
  json += timeMember('endTimeUnixNano', span.endTimeUnixNano);
  json += attributesMember(span.attributes);
  json += countMember('droppedAttributesCount', span.droppedAttributesCount);
  if (span.events.length > 0) json += `,"events":[${span.events.map(eventJson).join(',')}]`;
  json += countMember('droppedEventsCount', span.droppedEventsCount);
  if (span.links.length > 0) json += `,"links":[${span.links.map((link) => linkJson(link, style)).join(',')}]`;
  json += countMember('droppedLinksCount', span.droppedLinksCount);
  const code = span.statusCode === 0 ? '' : `,"code":${style.statusCode(span.statusCode)}`;
  const status = textMember('message', span.statusMessage) + code;
  if (status !== '') json += `,"status":${object(status)}`;
  return `${json}${countMember('flags', span.flags)}}`;
}

function eventJson(event: SpanEvent): string {
  return object(
    timeMember('timeUnixNano', event.timeUnixNano) +
      textMember('name', event.name) +
      attributesMember(event.attributes) +
      countMember('droppedAttributesCount', event.droppedAttributesCount),
  );
}

function linkJson(link: SpanLink, style: TracesJsonStyle): string {
  return object(
    (link.traceId === '' ? '' : `,"traceId":${style.id(link.traceId)}`) +
      (link.spanId === '' ? '' : `,"spanId":${style.id(link.spanId)}`) +
      textMember('traceState', link.traceState) +
      attributesMember(link.attributes) +
      countMember('droppedAttributesCount', link.droppedAttributesCount) +
      countMember('flags', link.flags),
  );
}

/**
 *    EntityRef:  1 schema_url  string   2 type  string   3 id_keys  string[]   4 description_keys  string[]
 *
 * Source: opentelemetry-proto 1.11, common/v1/common.proto.
 */
function entityRefJson(body: Uint8Array): string {
  const reader = new ProtobufReader(body);
  const texts: string[][] = [[], [], [], []];
  while (reader.position < body.length) {
    const tag = reader.tag(body.length);
    const list = texts[(tag >>> 3) - 1];
    const start = reader.position;
    reader.skip(tag, body.length);
    if (list === undefined || (tag & 7) !== 2) continue;
    reader.position = start;
    const end = reader.payloadEnd(body.length);
    list.push(new TextDecoder('utf-8', { ignoreBOM: true }).decode(body.subarray(reader.position, end)));
    reader.position = end;
  }
  const [schemaUrls, types, idKeys, descriptionKeys] = texts;
  return object(
    textMember('schemaUrl', schemaUrls.at(-1) ?? '') +
      textMember('type', types.at(-1) ?? '') +
      (idKeys.length === 0 ? '' : `,"idKeys":${JSON.stringify(idKeys)}`) +
      (descriptionKeys.length === 0 ? '' : `,"descriptionKeys":${JSON.stringify(descriptionKeys)}`),
  );
}

function attributesMember(attributes: readonly Attribute[]): string {
  return attributes.length === 0 ? '' : `,"attributes":[${attributeListJson(attributes)}]`;
}

function attributeListJson(attributes: readonly Attribute[]): string {
  let json = '';
  for (const each of attributes) json += (json === '' ? '' : ',') + attributeJson(each);
  return json;
}

/** A `KeyValue` as JSON, its 64-bit integers as strings. */
export function attributeJson({ key, value }: Attribute): string {
  return `{"key":${JSON.stringify(key)},"value":${valueJson(value)}}`;
}

/** Recursive; values are no deeper than `limits.attributeDepthMax`. */
function valueJson(value: AttributeValue): string {
  switch (value.type) {
    case 'string':
      return `{"stringValue":${JSON.stringify(value.value)}}`;
    case 'bool':
      return `{"boolValue":${value.value}}`;
    case 'int':
      return `{"intValue":"${value.value}"}`;
    case 'double':
      return `{"doubleValue":${doubleJson(value.value)}}`;
    case 'bytes':
      return `{"bytesValue":"${Buffer.from(value.value).toString('base64')}"}`;
    case 'array':
      return `{"arrayValue":{"values":[${value.value.map(valueJson).join(',')}]}}`;
    case 'kvlist':
      return `{"kvlistValue":{"values":[${attributeListJson(value.value)}]}}`;
    case 'empty':
      return '{}';
  }
}

/** As protobuf's JSON has it: what JSON has no number for is a string. */
export function doubleJson(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? '-0' : String(value);
}

// Members carry a leading comma, so that they can be strung together; `object` drops the first one.

function object(members: string): string {
  return `{${members.slice(1)}}`;
}

function textMember(name: string, text: string): string {
  return text === '' ? '' : `,"${name}":${JSON.stringify(text)}`;
}

function countMember(name: string, count: number): string {
  return count === 0 ? '' : `,"${name}":${count}`;
}

function timeMember(name: string, time: bigint): string {
  return time === 0n ? '' : `,"${name}":"${time}"`;
}
