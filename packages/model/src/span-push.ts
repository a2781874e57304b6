import { encodeArrayValue, encodeKeyValueList } from './attribute-value-codec.ts';
import { type Attribute, type AttributeValue, ValueType } from './attribute-value.ts';
import { bytesFromHex } from './ids.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { type SpanDraft, type SpanSink, emptySpanDraft, resetSpanDraft } from './span-sink.ts';
import type { Resource, Scope, Span } from './span.ts';

/** `Resource.entity_refs` in resource.proto. */
const ENTITY_REFS_FIELD = 3;
const SHORT_TEXT_LENGTH_MAX = 64;
const EMPTY_BYTES = new Uint8Array(0);

/**
 * Pushes plain spans into a sink, for temporary heads, importers and tests; not the ingest path. Consecutive
 * spans that share a resource object (and a scope object) are pushed under one. Lossless, except that
 * `adjustedCount` is not pushed: the sink derives it from the span.
 */
export function pushSpans(sink: SpanSink, spans: readonly Span[]): void {
  const pusher = new SpanPusher(sink);
  let resource: Resource | undefined;
  let scope: Scope | undefined;
  for (const span of spans) {
    if (span.resource !== resource) {
      pusher.resource(span.resource);
      resource = span.resource;
      scope = undefined;
    }
    if (span.scope !== scope) {
      pusher.scope(span.scope);
      scope = span.scope;
    }
    pusher.span(span);
  }
}

class SpanPusher {
  readonly #sink: SpanSink;
  readonly #encoder = new TextEncoder();
  readonly #scratch = new Uint8Array(SHORT_TEXT_LENGTH_MAX);
  readonly #keyCodes = new Map<string, number>();
  readonly #draft: SpanDraft = emptySpanDraft();

  constructor(sink: SpanSink) {
    this.#sink = sink;
  }

  resource(resource: Resource): void {
    this.#attributes(resource.attributes);
    const entityRefs = new ProtobufWriter(64);
    for (const body of resource.entityRefs) entityRefs.bytesField(ENTITY_REFS_FIELD, body);
    this.#sink.endResource(
      this.#text(resource.schemaUrl),
      resource.droppedAttributesCount,
      this.#bytes(entityRefs.view()),
    );
  }

  scope(scope: Scope): void {
    this.#attributes(scope.attributes);
    const { name, version, schemaUrl } = scope;
    this.#sink.endScope(this.#text(name), this.#text(version), this.#text(schemaUrl), scope.droppedAttributesCount);
  }

  span(span: Span): void {
    const sink = this.#sink;
    this.#attributes(span.attributes);
    sink.endAttributes();
    for (const event of span.events) {
      this.#attributes(event.attributes);
      const time = event.timeUnixNano;
      sink.endEvent(this.#text(event.name), lowWord(time), highWord(time), event.droppedAttributesCount);
    }
    for (const link of span.links) {
      this.#attributes(link.attributes);
      const traceId = this.#bytes(bytesFromHex(link.traceId) ?? EMPTY_BYTES);
      const spanId = this.#bytes(bytesFromHex(link.spanId) ?? EMPTY_BYTES);
      sink.endLink(traceId, spanId, this.#text(link.traceState), link.flags, link.droppedAttributesCount);
    }
    sink.endSpan(this.#fillDraft(span));
  }

  #fillDraft(span: Span): SpanDraft {
    const draft = resetSpanDraft(this.#draft);
    draft.traceId0 = hexWord(span.traceId, 0);
    draft.traceId1 = hexWord(span.traceId, 1);
    draft.traceId2 = hexWord(span.traceId, 2);
    draft.traceId3 = hexWord(span.traceId, 3);
    draft.spanIdHigh = hexWord(span.spanId, 0);
    draft.spanIdLow = hexWord(span.spanId, 1);
    if (span.parentSpanId !== '') {
      draft.parentSpanIdHigh = hexWord(span.parentSpanId, 0);
      draft.parentSpanIdLow = hexWord(span.parentSpanId, 1);
    }
    draft.startLow = lowWord(span.startTimeUnixNano);
    draft.startHigh = highWord(span.startTimeUnixNano);
    draft.endLow = lowWord(span.endTimeUnixNano);
    draft.endHigh = highWord(span.endTimeUnixNano);
    draft.nameCode = this.#text(span.name);
    draft.traceStateCode = this.#text(span.traceState);
    draft.statusMessageCode = this.#text(span.statusMessage);
    draft.kind = span.kind;
    draft.statusCode = span.statusCode;
    draft.flags = span.flags;
    draft.droppedAttributesCount = span.droppedAttributesCount;
    draft.droppedEventsCount = span.droppedEventsCount;
    draft.droppedLinksCount = span.droppedLinksCount;
    return draft;
  }

  #attributes(attributes: readonly Attribute[]): void {
    for (const { key, value } of attributes) this.#attribute(this.#keyCode(key), value);
  }

  #attribute(key: number, value: AttributeValue): void {
    const sink = this.#sink;
    switch (value.type) {
      case 'string':
        return sink.attribute(key, ValueType.string, this.#text(value.value));
      case 'bool':
        return sink.attribute(key, ValueType.bool, value.value ? 1 : 0);
      case 'int':
        return this.#integer(key, value.value);
      case 'double':
        return sink.attribute(key, ValueType.double, value.value);
      case 'bytes':
        return sink.attribute(key, ValueType.bytes, this.#bytes(value.value));
      case 'array':
        return sink.attribute(key, ValueType.array, this.#bytes(encodeArrayValue(value.value)));
      case 'kvlist':
        return sink.attribute(key, ValueType.kvlist, this.#bytes(encodeKeyValueList(value.value)));
      case 'empty':
        return sink.attribute(key, ValueType.empty, 0);
    }
  }

  #integer(key: number, value: number | bigint): void {
    const safe = Number(value);
    if (Number.isSafeInteger(safe)) return this.#sink.attribute(key, ValueType.int, safe);
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigInt64(0, BigInt(value), true);
    this.#sink.attribute(key, ValueType.bigInt, this.#bytes(bytes));
  }

  /** Keys come again with every span. */
  #keyCode(key: string): number {
    let code = this.#keyCodes.get(key);
    if (code === undefined) {
      code = this.#text(key);
      this.#keyCodes.set(key, code);
    }
    return code;
  }

  /** A loop over short ASCII beats the encoder, whose calls cost 200 ns and more. */
  #text(text: string): number {
    const { length } = text;
    if (length > SHORT_TEXT_LENGTH_MAX) return this.#bytes(this.#encoder.encode(text));
    const scratch = this.#scratch;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) return this.#bytes(this.#encoder.encode(text));
      scratch[i] = unit;
    }
    return length === 0 ? 0 : this.#sink.intern(scratch, 0, length);
  }

  #bytes(bytes: Uint8Array): number {
    return bytes.length === 0 ? 0 : this.#sink.intern(bytes, 0, bytes.length);
  }
}

function lowWord(time: bigint): number {
  return Number(BigInt.asUintN(32, time));
}

function highWord(time: bigint): number {
  return Number(time >> 32n);
}

/** The `index`-th group of eight digits. */
function hexWord(hex: string, index: number): number {
  return Number.parseInt(hex.slice(8 * index, 8 * index + 8), 16);
}
