/**
 * A second, slow reading of OTLP's protobuf for tests: a table of fields and a loop, sharing no code with the program. Gives
 * the OTLP/JSON shape with default values left out, and flattens both sides to one text a span, so that what went in
 * and what comes out can be compared whole.
 */
type Kind = 'string' | 'bytes' | 'hex' | 'uint' | 'int' | 'bool' | 'double' | 'fixed64' | 'fixed32' | 'int64' | Schema;
type Field = readonly [name: string, kind: () => Kind, form?: 'repeated' | 'oneof'];
type Schema = Readonly<Record<number, Field>>;
export type Plain = { [name: string]: unknown };

const of = (kind: Kind) => () => kind;
const text = of('string');
const uint = of('uint');

const anyValue: Schema = {
  1: ['stringValue', text, 'oneof'],
  2: ['boolValue', of('bool'), 'oneof'],
  3: ['intValue', of('int64'), 'oneof'],
  4: ['doubleValue', of('double'), 'oneof'],
  5: ['arrayValue', () => arrayValue, 'oneof'],
  6: ['kvlistValue', () => keyValueList, 'oneof'],
  7: ['bytesValue', of('bytes'), 'oneof'],
};
const arrayValue: Schema = { 1: ['values', of(anyValue), 'repeated'] };
const keyValue: Schema = { 1: ['key', text], 2: ['value', of(anyValue)] };
const keyValueList: Schema = { 1: ['values', of(keyValue), 'repeated'] };
const attributes: Field = ['attributes', of(keyValue), 'repeated'];
const dropped: Field = ['droppedAttributesCount', uint];
const resource: Schema = { 1: attributes, 2: dropped };
const scope: Schema = { 1: ['name', text], 2: ['version', text], 3: attributes, 4: dropped };
const event: Schema = { 1: ['timeUnixNano', of('fixed64')], 2: ['name', text], 3: attributes, 4: dropped };
const link: Schema = {
  1: ['traceId', of('hex')],
  2: ['spanId', of('hex')],
  3: ['traceState', text],
  4: attributes,
  5: dropped,
  6: ['flags', of('fixed32')],
};
const span: Schema = {
  1: ['traceId', of('hex')],
  2: ['spanId', of('hex')],
  3: ['traceState', text],
  4: ['parentSpanId', of('hex')],
  5: ['name', text],
  6: ['kind', uint],
  7: ['startTimeUnixNano', of('fixed64')],
  8: ['endTimeUnixNano', of('fixed64')],
  9: attributes,
  10: ['droppedAttributesCount', uint],
  11: ['events', of(event), 'repeated'],
  12: ['droppedEventsCount', uint],
  13: ['links', of(link), 'repeated'],
  14: ['droppedLinksCount', uint],
  15: ['status', of({ 2: ['message', text], 3: ['code', uint] })],
  16: ['flags', of('fixed32')],
};
const scopeSpans: Schema = { 1: ['scope', of(scope)], 2: ['spans', of(span), 'repeated'], 3: ['schemaUrl', text] };
const resourceSpans: Schema = {
  1: ['resource', of(resource)],
  2: ['scopeSpans', of(scopeSpans), 'repeated'],
  3: ['schemaUrl', text],
};
const request: Schema = { 1: ['resourceSpans', of(resourceSpans), 'repeated'] };

/** An `ExportTraceServiceRequest` as plain objects. */
export function plainRequest(body: Buffer): Plain {
  return readMessage(body, request);
}

function readMessage(body: Buffer, schema: Schema): Plain {
  const message: Plain = {};
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = body[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < body.length) {
    const tag = Number(varint());
    const wire = tag & 7;
    let raw: bigint | Buffer;
    if (wire === 0) raw = varint();
    else {
      const length = wire === 1 ? 8 : wire === 5 ? 4 : Number(varint());
      raw = body.subarray(at, at + length);
      at += length;
    }
    const field = schema[tag >>> 3];
    if (field === undefined) throw new Error(`field ${tag >>> 3} is not in the table of otlp-plain.ts`);
    const [name, kind, form] = field;
    const value = readValue(raw, kind());
    if (form === 'repeated') ((message[name] ??= []) as unknown[]).push(value);
    else if (form === 'oneof' || !isDefault(value)) message[name] = value;
  }
  return message;
}

function readValue(raw: bigint | Buffer, kind: Kind): unknown {
  if (typeof kind === 'object') return readMessage(raw as Buffer, kind);
  if (typeof raw === 'bigint') {
    if (kind === 'bool') return raw !== 0n;
    return kind === 'int64' ? String(BigInt.asIntN(64, raw)) : Number(raw);
  }
  switch (kind) {
    case 'string':
      return raw.toString();
    case 'hex':
      return raw.toString('hex');
    case 'bytes':
      return raw.toString('base64');
    case 'double':
      return Number.isFinite(raw.readDoubleLE()) ? raw.readDoubleLE() : String(raw.readDoubleLE());
    case 'fixed64':
      return String(raw.readBigUInt64LE());
    default:
      return raw.readUInt32LE();
  }
}

function isDefault(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === '' || value === 0 || value === '0' || value === false;
}

/** One canonical text for each span of a request or answer, with its resource and scope; sorted. */
export function spanTexts(message: Plain): string[] {
  const texts: string[] = [];
  for (const one of list(message['resourceSpans'])) {
    for (const scoped of list(one['scopeSpans'])) {
      for (const each of list(scoped['spans'])) {
        texts.push(
          canonical({
            resource: one['resource'],
            resourceSchemaUrl: one['schemaUrl'],
            scope: scoped['scope'],
            scopeSchemaUrl: scoped['schemaUrl'],
            span: each,
          }),
        );
      }
    }
  }
  return texts.sort();
}

/** Distinct trace ids, in order of first appearance. */
export function traceIdsOf(message: Plain): string[] {
  const spans = list(message['resourceSpans']).flatMap((one) =>
    list(one['scopeSpans']).flatMap((scoped) => list(scoped['spans'])),
  );
  return [...new Set(spans.map((one) => one['traceId'] as string))];
}

function list(value: unknown): readonly Plain[] {
  return (value ?? []) as readonly Plain[];
}

/** JSON with sorted keys, without empty messages, lists and defaults (but values of attributes stay whatever they are). */
function canonical(value: unknown): string {
  return JSON.stringify(pruned(value, false));
}

function pruned(value: unknown, isValue: boolean): unknown {
  if (Array.isArray(value)) return value.map((one) => pruned(one, isValue));
  if (typeof value !== 'object' || value === null) return value;
  const result: Plain = {};
  for (const name of Object.keys(value).sort()) {
    const inner = pruned((value as Plain)[name], isValue || name === 'value');
    if (inner === undefined || (!isValue && name !== 'value' && isDefault(inner))) continue;
    result[name] = inner;
  }
  return result;
}
