/*
 * Test only: the slow, obvious twins of the decoders. They share no code with what they check: everything
 * becomes objects first, messages merge by joining their bytes (which is how protobuf defines it), and the
 * rules for bad ids and limits are applied at the end.
 */
import type { Attribute, AttributeValue, Resource, Scope, Span, SpanId, TraceId, UnixNano } from '@spoor/model';

export interface PlainResult {
  readonly spans: readonly Span[];
  readonly rejectedSpanCount: number;
}

// --- protobuf -------------------------------------------------------------------------------------------------

interface Field {
  readonly number: number;
  /** varint and fixed: the unsigned value; length-delimited: the bytes */
  readonly value: bigint | Buffer;
}

function fieldsOf(bytes: Buffer): Field[] {
  const ungrouped: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
  };
  // An edit can make a group of other bytes ("ST" is one); what is in it does not count.
  const openGroups: number[] = [];
  while (at < bytes.length) {
    const tag = Number(varint());
    const number = tag >> 3;
    const fields = openGroups.length === 0 ? ungrouped : [];
    if (tag % 8 === 3) openGroups.push(number);
    else if (tag % 8 === 4) openGroups.pop();
    else if (tag % 8 === 0) fields.push({ number, value: varint() });
    else if (tag % 8 === 1) fields.push({ number, value: bytes.readBigUInt64LE((at += 8) - 8) });
    else if (tag % 8 === 5) fields.push({ number, value: BigInt(bytes.readUInt32LE((at += 4) - 4)) });
    else if (tag % 8 === 2) {
      const length = Number(varint());
      if (at + length > bytes.length) throw new RangeError('length');
      fields.push({ number, value: bytes.subarray(at, (at += length)) });
    } else throw new RangeError('wire type');
  }
  return ungrouped;
}

class Message {
  readonly #fields: Field[];
  constructor(bytes: Buffer) {
    this.#fields = fieldsOf(bytes);
  }
  all(number: number): Buffer[] {
    return this.#fields.filter((field) => field.number === number).map((field) => field.value as Buffer);
  }
  message(number: number): Message {
    return new Message(Buffer.concat(this.all(number)));
  }
  bytes(number: number): Buffer {
    return this.all(number).at(-1) ?? Buffer.alloc(0);
  }
  text(number: number): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.bytes(number));
  }
  unsigned(number: number): bigint {
    return (this.#fields.findLast((field) => field.number === number)?.value ?? 0n) as bigint;
  }
  uint32(number: number): number {
    return Number(BigInt.asUintN(32, this.unsigned(number)));
  }
  int32(number: number): number {
    return Number(BigInt.asIntN(32, this.unsigned(number)));
  }
  /** the last of the fields `1 … max` */
  oneof(max: number): Field | undefined {
    return this.#fields.findLast((field) => field.number <= max);
  }
}

export function plainDecodeProtobuf(body: Uint8Array): PlainResult {
  const spans: Span[] = [];
  let rejectedSpanCount = 0;
  for (const resourceSpans of new Message(Buffer.from(body)).all(1).map((bytes) => new Message(bytes))) {
    const resource = plainResource(resourceSpans);
    for (const scopeSpans of resourceSpans.all(2).map((bytes) => new Message(bytes))) {
      const scope = plainScope(scopeSpans);
      for (const bytes of scopeSpans.all(2)) {
        const span = plainSpan(new Message(bytes), resource, scope);
        if (span === undefined) rejectedSpanCount++;
        else spans.push(span);
      }
    }
  }
  return { spans, rejectedSpanCount };
}

function plainResource(resourceSpans: Message): Resource {
  const message = resourceSpans.message(1);
  return {
    attributes: message.all(1).map(plainAttribute),
    droppedAttributesCount: message.uint32(2),
    schemaUrl: resourceSpans.text(3),
    entityRefs: message.all(3).map((bytes) => new Uint8Array(bytes)),
  };
}

function plainScope(scopeSpans: Message): Scope {
  const message = scopeSpans.message(1);
  return {
    name: message.text(1),
    version: message.text(2),
    attributes: message.all(3).map(plainAttribute),
    droppedAttributesCount: message.uint32(4),
    schemaUrl: scopeSpans.text(3),
  };
}

function plainSpan(message: Message, resource: Resource, scope: Scope): Span | undefined {
  const traceId = message.bytes(1).toString('hex');
  const spanId = message.bytes(2).toString('hex');
  const parentSpanId = message.bytes(4).toString('hex');
  const status = message.message(15);
  if (!idsAreGood(traceId, spanId, parentSpanId)) return undefined;
  return {
    traceId: traceId as TraceId,
    spanId: spanId as SpanId,
    parentSpanId: /^0*$/.test(parentSpanId) ? '' : (parentSpanId as SpanId),
    traceState: message.text(3),
    flags: Number(message.unsigned(16)),
    name: message.text(5),
    kind: message.int32(6),
    startTimeUnixNano: message.unsigned(7) as UnixNano,
    endTimeUnixNano: message.unsigned(8) as UnixNano,
    attributes: message.all(9).map(plainAttribute),
    droppedAttributesCount: message.uint32(10),
    events: message.all(11).map((bytes) => {
      const event = new Message(bytes);
      return {
        timeUnixNano: event.unsigned(1) as UnixNano,
        name: event.text(2),
        attributes: event.all(3).map(plainAttribute),
        droppedAttributesCount: event.uint32(4),
      };
    }),
    droppedEventsCount: message.uint32(12),
    links: message.all(13).map((bytes) => {
      const link = new Message(bytes);
      return {
        traceId: link.bytes(1).toString('hex'),
        spanId: link.bytes(2).toString('hex'),
        traceState: link.text(3),
        flags: Number(link.unsigned(6)),
        attributes: link.all(4).map(plainAttribute),
        droppedAttributesCount: link.uint32(5),
      };
    }),
    droppedLinksCount: message.uint32(14),
    statusCode: status.int32(3),
    statusMessage: status.text(2),
    resource,
    scope,
    adjustedCount: 1,
  };
}

function plainAttribute(bytes: Buffer): Attribute {
  const message = new Message(bytes);
  return { key: message.text(1), value: plainValue(message.message(2)) };
}

function plainValue(message: Message): AttributeValue {
  const field = message.oneof(7);
  if (field === undefined) return { type: 'empty' };
  switch (field.number) {
    case 1:
      return { type: 'string', value: message.text(1) };
    case 2:
      return { type: 'bool', value: field.value !== 0n };
    case 3:
      return { type: 'int', value: plainInteger(BigInt.asIntN(64, field.value as bigint)) };
    case 4: {
      const buffer = Buffer.alloc(8);
      buffer.writeBigUInt64LE(field.value as bigint);
      return { type: 'double', value: buffer.readDoubleLE() };
    }
    case 5:
      return {
        type: 'array',
        value: new Message(field.value as Buffer).all(1).map((each) => plainValue(new Message(each))),
      };
    case 6:
      return { type: 'kvlist', value: new Message(field.value as Buffer).all(1).map(plainAttribute) };
    default:
      return { type: 'bytes', value: new Uint8Array(field.value as Buffer) };
  }
}

function plainInteger(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function idsAreGood(traceId: string, spanId: string, parentSpanId: string): boolean {
  if (traceId.length !== 32 || /^0*$/.test(traceId)) return false;
  if (spanId.length !== 16 || /^0*$/.test(spanId)) return false;
  return parentSpanId.length === 0 || parentSpanId.length === 16;
}

// --- JSON -----------------------------------------------------------------------------------------------------

/** A parsed OTLP/JSON message. */
export type Json = Readonly<Record<string, unknown>>;

const enumNumbers: Readonly<Record<string, number>> = {
  SPAN_KIND_INTERNAL: 1,
  SPAN_KIND_SERVER: 2,
  SPAN_KIND_CLIENT: 3,
  SPAN_KIND_PRODUCER: 4,
  SPAN_KIND_CONSUMER: 5,
  STATUS_CODE_OK: 1,
  STATUS_CODE_ERROR: 2,
};

export function plainDecodeJson(body: Uint8Array): PlainResult {
  const exact = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?[0-9]+$/.test(context?.source ?? '')
      ? BigInt(context!.source!)
      : value;
  return plainSpansFromJson(JSON.parse(new TextDecoder('utf-8', { ignoreBOM: true }).decode(body), exact) as Json);
}

/** Of a parsed request; bytes may be base64 or `Uint8Array`. */
export function plainSpansFromJson(request: Json): PlainResult {
  const spans: Span[] = [];
  let rejectedSpanCount = 0;
  for (const resourceSpans of list(request, 'resourceSpans')) {
    const resourceJson = (resourceSpans['resource'] ?? {}) as Json;
    const resource: Resource = {
      attributes: list(resourceJson, 'attributes').map(attributeFromJson),
      droppedAttributesCount: Number(resourceJson['droppedAttributesCount'] ?? 0),
      schemaUrl: text(resourceSpans, 'schemaUrl'),
      entityRefs: list(resourceJson, 'entityRefs').map(entityRefFromJson),
    };
    for (const scopeSpans of list(resourceSpans, 'scopeSpans')) {
      const scopeJson = (scopeSpans['scope'] ?? {}) as Json;
      const scope: Scope = {
        name: text(scopeJson, 'name'),
        version: text(scopeJson, 'version'),
        attributes: list(scopeJson, 'attributes').map(attributeFromJson),
        droppedAttributesCount: Number(scopeJson['droppedAttributesCount'] ?? 0),
        schemaUrl: text(scopeSpans, 'schemaUrl'),
      };
      for (const json of list(scopeSpans, 'spans')) {
        const span = spanFromJson(json, resource, scope);
        if (idsAreGood(span.traceId, span.spanId, span.parentSpanId)) spans.push(span);
        else rejectedSpanCount++;
      }
    }
  }
  return { spans, rejectedSpanCount };
}

function spanFromJson(json: Json, resource: Resource, scope: Scope): Span {
  const status = (json['status'] ?? {}) as Json;
  return {
    traceId: text(json, 'traceId').toLowerCase() as TraceId,
    spanId: text(json, 'spanId').toLowerCase() as SpanId,
    parentSpanId: text(json, 'parentSpanId').toLowerCase() as SpanId,
    traceState: text(json, 'traceState'),
    flags: Number(json['flags'] ?? 0),
    name: text(json, 'name'),
    kind: enumNumber(json['kind']),
    startTimeUnixNano: time(json, 'startTimeUnixNano'),
    endTimeUnixNano: time(json, 'endTimeUnixNano'),
    attributes: list(json, 'attributes').map(attributeFromJson),
    droppedAttributesCount: Number(json['droppedAttributesCount'] ?? 0),
    events: list(json, 'events').map((event) => ({
      timeUnixNano: time(event, 'timeUnixNano'),
      name: text(event, 'name'),
      attributes: list(event, 'attributes').map(attributeFromJson),
      droppedAttributesCount: Number(event['droppedAttributesCount'] ?? 0),
    })),
    droppedEventsCount: Number(json['droppedEventsCount'] ?? 0),
    links: list(json, 'links').map((link) => ({
      traceId: text(link, 'traceId').toLowerCase(),
      spanId: text(link, 'spanId').toLowerCase(),
      traceState: text(link, 'traceState'),
      flags: Number(link['flags'] ?? 0),
      attributes: list(link, 'attributes').map(attributeFromJson),
      droppedAttributesCount: Number(link['droppedAttributesCount'] ?? 0),
    })),
    droppedLinksCount: Number(json['droppedLinksCount'] ?? 0),
    statusCode: enumNumber(status['code']),
    statusMessage: text(status, 'message'),
    resource,
    scope,
    adjustedCount: 1,
  };
}

/** Enough for references that have a type of under 128 bytes and nothing else. */
function entityRefFromJson(json: Json): Uint8Array {
  const type = Buffer.from(text(json, 'type'));
  return type.length === 0 ? new Uint8Array(0) : new Uint8Array([0x12, type.length, ...type]);
}

function attributeFromJson(json: Json): Attribute {
  return { key: text(json, 'key'), value: valueFromJson((json['value'] ?? {}) as Json) };
}

function valueFromJson(json: Json): AttributeValue {
  const [name, value] = Object.entries(json).findLast(([, each]) => each !== null) ?? [undefined, undefined];
  switch (name) {
    case 'stringValue':
      return { type: 'string', value: value as string };
    case 'boolValue':
      return { type: 'bool', value: value as boolean };
    case 'intValue':
      return { type: 'int', value: plainInteger(BigInt(value as string)) };
    case 'doubleValue':
      return { type: 'double', value: Number(value) };
    case 'arrayValue':
      return { type: 'array', value: list(value as Json, 'values').map(valueFromJson) };
    case 'kvlistValue':
      return { type: 'kvlist', value: list(value as Json, 'values').map(attributeFromJson) };
    case 'bytesValue':
      return {
        type: 'bytes',
        value: value instanceof Uint8Array ? value : new Uint8Array(Buffer.from(value as string, 'base64')),
      };
    default:
      return { type: 'empty' };
  }
}

function list(json: Json, name: string): readonly Json[] {
  return (json[name] ?? []) as readonly Json[];
}

function text(json: Json, name: string): string {
  return (json[name] ?? '') as string;
}

function time(json: Json, name: string): UnixNano {
  return BigInt((json[name] ?? 0) as string) as UnixNano;
}

function enumNumber(value: unknown): number {
  return typeof value === 'string' ? (enumNumbers[value] ?? 0) : Number(value ?? 0);
}
