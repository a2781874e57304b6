/**
 * The messages of an `ExportTraceServiceRequest` as data, for the JSON transcoder: JSON name, field number, kind.
 *
 * `id` is bytes written as hex (OTLP's one departure from protobuf's JSON mapping), `bytes` are base64.
 * Source: opentelemetry-proto 1.11 and the OTLP specification, "JSON Protobuf Encoding".
 */
export interface JsonField {
  readonly name: Uint8Array;
  readonly number: number;
  readonly kind: JsonFieldKind;
  readonly isRepeated: boolean;
  /** an array or list within a value, counted against `limits.attributeDepthMax` */
  readonly isNesting: boolean;
  /** of `message` fields */
  readonly message: (() => JsonMessage) | undefined;
  /** of `enum` fields: number by name */
  readonly names: Readonly<Record<string, number>> | undefined;
}

export type JsonFieldKind =
  | 'string'
  | 'bool'
  | 'int64'
  | 'uint32'
  | 'double'
  | 'fixed64'
  | 'fixed32'
  | 'enum'
  | 'bytes'
  | 'id'
  | 'message';

export type JsonMessage = readonly JsonField[];

const encoder = new TextEncoder();

function field(number: number, name: string, kind: JsonFieldKind): JsonField {
  return {
    name: encoder.encode(name),
    number,
    kind,
    isRepeated: false,
    isNesting: false,
    message: undefined,
    names: undefined,
  };
}

function enumeration(number: number, name: string, names: Readonly<Record<string, number>>): JsonField {
  return { ...field(number, name, 'enum'), names };
}

function one(number: number, name: string, message: () => JsonMessage): JsonField {
  return { ...field(number, name, 'message'), message };
}

function nesting(number: number, name: string, message: () => JsonMessage): JsonField {
  return { ...one(number, name, message), isNesting: true };
}

function many(number: number, name: string, message: () => JsonMessage): JsonField {
  return { ...one(number, name, message), isRepeated: true };
}

function manyStrings(number: number, name: string): JsonField {
  return { ...field(number, name, 'string'), isRepeated: true };
}

const anyValue: JsonMessage = [
  field(1, 'stringValue', 'string'),
  field(2, 'boolValue', 'bool'),
  field(3, 'intValue', 'int64'),
  field(4, 'doubleValue', 'double'),
  nesting(5, 'arrayValue', () => arrayValue),
  nesting(6, 'kvlistValue', () => keyValueList),
  field(7, 'bytesValue', 'bytes'),
];

const keyValue: JsonMessage = [field(1, 'key', 'string'), one(2, 'value', () => anyValue)];
const arrayValue: JsonMessage = [many(1, 'values', () => anyValue)];
const keyValueList: JsonMessage = [many(1, 'values', () => keyValue)];

const event: JsonMessage = [
  field(1, 'timeUnixNano', 'fixed64'),
  field(2, 'name', 'string'),
  many(3, 'attributes', () => keyValue),
  field(4, 'droppedAttributesCount', 'uint32'),
];

const link: JsonMessage = [
  field(1, 'traceId', 'id'),
  field(2, 'spanId', 'id'),
  field(3, 'traceState', 'string'),
  many(4, 'attributes', () => keyValue),
  field(5, 'droppedAttributesCount', 'uint32'),
  field(6, 'flags', 'fixed32'),
];

const status: JsonMessage = [
  field(2, 'message', 'string'),
  enumeration(3, 'code', { STATUS_CODE_UNSET: 0, STATUS_CODE_OK: 1, STATUS_CODE_ERROR: 2 }),
];

const spanKinds = {
  SPAN_KIND_UNSPECIFIED: 0,
  SPAN_KIND_INTERNAL: 1,
  SPAN_KIND_SERVER: 2,
  SPAN_KIND_CLIENT: 3,
  SPAN_KIND_PRODUCER: 4,
  SPAN_KIND_CONSUMER: 5,
};

const span: JsonMessage = [
  field(1, 'traceId', 'id'),
  field(2, 'spanId', 'id'),
  field(3, 'traceState', 'string'),
  field(4, 'parentSpanId', 'id'),
  field(5, 'name', 'string'),
  enumeration(6, 'kind', spanKinds),
  field(7, 'startTimeUnixNano', 'fixed64'),
  field(8, 'endTimeUnixNano', 'fixed64'),
  many(9, 'attributes', () => keyValue),
  field(10, 'droppedAttributesCount', 'uint32'),
  many(11, 'events', () => event),
  field(12, 'droppedEventsCount', 'uint32'),
  many(13, 'links', () => link),
  field(14, 'droppedLinksCount', 'uint32'),
  one(15, 'status', () => status),
  field(16, 'flags', 'fixed32'),
];

const scope: JsonMessage = [
  field(1, 'name', 'string'),
  field(2, 'version', 'string'),
  many(3, 'attributes', () => keyValue),
  field(4, 'droppedAttributesCount', 'uint32'),
];

const entityRef: JsonMessage = [
  field(1, 'schemaUrl', 'string'),
  field(2, 'type', 'string'),
  manyStrings(3, 'idKeys'),
  manyStrings(4, 'descriptionKeys'),
];

const resource: JsonMessage = [
  many(1, 'attributes', () => keyValue),
  field(2, 'droppedAttributesCount', 'uint32'),
  many(3, 'entityRefs', () => entityRef),
];

const scopeSpans: JsonMessage = [
  one(1, 'scope', () => scope),
  many(2, 'spans', () => span),
  field(3, 'schemaUrl', 'string'),
];

const resourceSpans: JsonMessage = [
  one(1, 'resource', () => resource),
  many(2, 'scopeSpans', () => scopeSpans),
  field(3, 'schemaUrl', 'string'),
];

export const exportTraceServiceRequest: JsonMessage = [many(1, 'resourceSpans', () => resourceSpans)];
