import { adjustedCountFromSampler, adjustedCountFromTraceState } from './adjusted-count.ts';
import { decodeArrayValue, decodeKeyValueList } from './attribute-value-codec.ts';
import { type Attribute, type AttributeValue, ValueType } from './attribute-value.ts';
import { type SpanId, type TraceId, hexFromBytes } from './ids.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import type { SpanDraft, SpanSink } from './span-sink.ts';
import type { Resource, Scope, Span, SpanEvent, SpanLink } from './span.ts';
import { unixNanoFromWords } from './time.ts';

/**
 * The plainest sink: keeps what is pushed as a list of {@link Span}, the inverse of `pushSpans`. For tests and small
 * conversions; it makes an object of everything. Texts that are not UTF-8 are shown with U+FFFD.
 */
export class SpanRecorder implements SpanSink {
  readonly spans: Span[] = [];
  readonly #codes = new Map<string, number>([['', 0]]);
  readonly #strings: Uint8Array[] = [new Uint8Array(0)];
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #open: Attribute[] = [];
  #spanAttributes: Attribute[] = [];
  #events: SpanEvent[] = [];
  #links: SpanLink[] = [];
  #resource: Resource | undefined;
  #scope: Scope | undefined;

  /** Attributes pushed and not yet taken by an `end…` call. */
  get openCount(): number {
    return this.#open.length + this.#spanAttributes.length + this.#events.length + this.#links.length;
  }

  intern(bytes: Uint8Array, start: number, end: number): number {
    const key = hexFromBytes(bytes, start, end);
    let code = this.#codes.get(key);
    if (code === undefined) {
      code = this.#strings.push(bytes.slice(start, end)) - 1;
      this.#codes.set(key, code);
    }
    return code;
  }

  attribute(keyCode: number, type: ValueType, value: number): void {
    this.#open.push({ key: this.#text(keyCode), value: this.#value(type, value) });
  }

  endResource(schemaUrlCode: number, droppedAttributesCount: number, entityRefsCode: number): void {
    const schemaUrl = this.#text(schemaUrlCode);
    const entityRefs = fieldBodies(this.#strings[entityRefsCode]);
    this.#resource = { attributes: this.#take(), droppedAttributesCount, schemaUrl, entityRefs };
    this.#scope = undefined;
  }

  endScope(nameCode: number, versionCode: number, schemaUrlCode: number, droppedAttributesCount: number): void {
    this.#scope = {
      name: this.#text(nameCode),
      version: this.#text(versionCode),
      attributes: this.#take(),
      droppedAttributesCount,
      schemaUrl: this.#text(schemaUrlCode),
    };
  }

  endAttributes(): void {
    this.#spanAttributes = this.#take();
  }

  endEvent(nameCode: number, timeLow: number, timeHigh: number, droppedAttributesCount: number): void {
    this.#events.push({
      timeUnixNano: unixNanoFromWords(timeLow, timeHigh),
      name: this.#text(nameCode),
      attributes: this.#take(),
      droppedAttributesCount,
    });
  }

  endLink(
    traceIdCode: number,
    spanIdCode: number,
    traceStateCode: number,
    flags: number,
    droppedAttributesCount: number,
  ): void {
    this.#links.push({
      traceId: hexFromBytes(this.#strings[traceIdCode]),
      spanId: hexFromBytes(this.#strings[spanIdCode]),
      traceState: this.#text(traceStateCode),
      flags,
      attributes: this.#take(),
      droppedAttributesCount,
    });
  }

  endSpan(draft: SpanDraft): void {
    if (this.#resource === undefined || this.#scope === undefined) throw new Error('a span before resource and scope');
    const traceState = this.#text(draft.traceStateCode);
    const hasParent = (draft.parentSpanIdHigh | draft.parentSpanIdLow) !== 0;
    this.spans.push({
      traceId: (hexWord(draft.traceId0) +
        hexWord(draft.traceId1) +
        hexWord(draft.traceId2) +
        hexWord(draft.traceId3)) as TraceId,
      spanId: (hexWord(draft.spanIdHigh) + hexWord(draft.spanIdLow)) as SpanId,
      parentSpanId: hasParent ? ((hexWord(draft.parentSpanIdHigh) + hexWord(draft.parentSpanIdLow)) as SpanId) : '',
      traceState,
      flags: draft.flags,
      name: this.#text(draft.nameCode),
      kind: draft.kind,
      startTimeUnixNano: unixNanoFromWords(draft.startLow, draft.startHigh),
      endTimeUnixNano: unixNanoFromWords(draft.endLow, draft.endHigh),
      attributes: this.#spanAttributes,
      droppedAttributesCount: draft.droppedAttributesCount,
      events: this.#events,
      droppedEventsCount: draft.droppedEventsCount,
      links: this.#links,
      droppedLinksCount: draft.droppedLinksCount,
      statusCode: draft.statusCode,
      statusMessage: this.#text(draft.statusMessageCode),
      resource: this.#resource,
      scope: this.#scope,
      adjustedCount: adjustedCount(traceState, this.#spanAttributes),
    });
    this.#spanAttributes = [];
    this.#events = [];
    this.#links = [];
  }

  #take(): Attribute[] {
    const taken = this.#open;
    this.#open = [];
    return taken;
  }

  #value(type: ValueType, value: number): AttributeValue {
    switch (type) {
      case ValueType.empty:
        return { type: 'empty' };
      case ValueType.string:
        return { type: 'string', value: this.#text(value) };
      case ValueType.bool:
        return { type: 'bool', value: value !== 0 };
      case ValueType.int:
        return { type: 'int', value };
      case ValueType.double:
        return { type: 'double', value };
      case ValueType.bytes:
        return { type: 'bytes', value: this.#strings[value] };
      case ValueType.array:
        return { type: 'array', value: decodeArrayValue(this.#strings[value]) };
      case ValueType.kvlist:
        return { type: 'kvlist', value: decodeKeyValueList(this.#strings[value]) };
      case ValueType.bigInt: {
        const bytes = this.#strings[value];
        return { type: 'int', value: new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0, true) };
      }
    }
  }

  #text(code: number): string {
    return this.#decoder.decode(this.#strings[code]);
  }
}

/** The payloads of concatenated length-delimited fields. */
function fieldBodies(fields: Uint8Array): Uint8Array[] {
  const reader = new ProtobufReader(fields);
  const bodies: Uint8Array[] = [];
  while (reader.position < fields.length) {
    reader.tag(fields.length);
    const end = reader.payloadEnd(fields.length);
    bodies.push(fields.slice(reader.position, end));
    reader.position = end;
  }
  return bodies;
}

function adjustedCount(traceState: string, attributes: readonly Attribute[]): number {
  const fromTraceState = adjustedCountFromTraceState(traceState);
  if (fromTraceState !== 1) return fromTraceState;
  const type = attributes.find(({ key }) => key === 'sampler.type')?.value;
  const param = attributes.find(({ key }) => key === 'sampler.param')?.value;
  const isNumber = param?.type === 'double' || param?.type === 'int';
  return adjustedCountFromSampler(
    type?.type === 'string' ? type.value : undefined,
    isNumber ? Number(param.value) : Number.NaN,
  );
}

function hexWord(word: number): string {
  return word.toString(16).padStart(8, '0');
}
