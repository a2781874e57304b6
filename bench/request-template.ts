import { type ProtobufField, fieldsOf } from './otlp-regroup.ts';

/**
 * A request body with the places that must differ from copy to copy. Ordinals number distinct ids and texts over all
 * templates of a source, so that what was equal in the source is equal in a copy.
 */
export interface RequestTemplate {
  readonly body: Uint8Array;
  readonly view: DataView;
  /** 16 bytes at `offset` */
  readonly traceIds: readonly Place[];
  /** 8 bytes at `offset`: of spans, parents and links */
  readonly spanIds: readonly Place[];
  /** one lower-case hex digit at `offset`, of a text that looks unique */
  readonly digits: readonly Place[];
  /** 8 bytes at `offset`, little-endian */
  readonly times: readonly TimePlace[];
  readonly spans: readonly TemplateSpan[];
}

export interface Place {
  readonly offset: number;
  readonly ordinal: number;
}

export interface TimePlace {
  readonly offset: number;
  readonly traceOrdinal: number;
  readonly spanOrdinal: number;
  /** of the span, since the source's first span */
  readonly startNano: number;
  /** of this time, since the span's start: 0 for the start itself, the duration for the end */
  readonly deltaNano: number;
}

export interface TemplateSpan {
  readonly traceOrdinal: number;
  /** an attribute whose whole value looks unique */
  readonly unique: { readonly key: string; readonly start: number; readonly end: number } | undefined;
}

/** Numbers distinct texts from 0 in the order they are met. */
export class Ordinals {
  readonly #known = new Map<string, number>();

  of(text: string): number {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    this.#known.set(text, this.#known.size);
    return this.#known.size - 1;
  }
}

/** UUIDs, and other runs of hex digits too long to be words. */
const UNIQUE_TEXT =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<![0-9a-zA-Z])[0-9a-f]{16,}(?![0-9a-zA-Z])/g;

// Field numbers of opentelemetry-proto's trace.proto and common.proto.
const Field = Object.freeze({
  spanTraceId: 1,
  spanSpanId: 2,
  spanParentSpanId: 4,
  spanStart: 7,
  spanEnd: 8,
  spanAttributes: 9,
  spanEvents: 11,
  spanLinks: 13,
  eventTime: 1,
  eventAttributes: 3,
  linkTraceId: 1,
  linkSpanId: 2,
  keyValueKey: 1,
  keyValueValue: 2,
  anyValueString: 1,
});

/** The start of the earliest span of all bodies, Unix nanoseconds. */
export function earliestStart(bodies: readonly Uint8Array[]): bigint {
  let earliest = 2n ** 63n;
  for (const body of bodies) {
    for (const fields of spansOf(body)) {
      const start = timeAt(body, fieldOf(fields, Field.spanStart)) ?? earliest;
      if (start < earliest) earliest = start;
    }
  }
  return earliest;
}

/**
 * @param body an `ExportTraceServiceRequest`; the template keeps it
 * @param firstStart what `TimePlace.startNano` counts from, Unix nanoseconds
 */
export function makeTemplate(body: Uint8Array, firstStart: bigint, ordinals: Ordinals): RequestTemplate {
  const builder = new TemplateBuilder(body, firstStart, ordinals);
  for (const fields of spansOf(body)) builder.addSpan(fields);
  return builder;
}

class TemplateBuilder implements RequestTemplate {
  readonly body: Uint8Array;
  readonly view: DataView;
  readonly traceIds: Place[] = [];
  readonly spanIds: Place[] = [];
  readonly digits: Place[] = [];
  readonly times: TimePlace[] = [];
  readonly spans: TemplateSpan[] = [];
  readonly #firstStart: bigint;
  readonly #ordinals: Ordinals;

  constructor(body: Uint8Array, firstStart: bigint, ordinals: Ordinals) {
    this.body = body;
    this.view = viewOf(body);
    this.#firstStart = firstStart;
    this.#ordinals = ordinals;
  }

  addSpan(fields: readonly ProtobufField[]): void {
    const traceOrdinal = this.#idOrdinal(fieldOf(fields, Field.spanTraceId));
    const spanOrdinal = this.#idOrdinal(fieldOf(fields, Field.spanSpanId));
    const startNano = timeAt(this.body, fieldOf(fields, Field.spanStart)) ?? this.#firstStart;
    const addTime = (field: ProtobufField): void => {
      this.times.push({
        offset: field.start,
        traceOrdinal,
        spanOrdinal,
        startNano: Number(startNano - this.#firstStart),
        deltaNano: Number((timeAt(this.body, field) ?? startNano) - startNano),
      });
    };
    let unique: TemplateSpan['unique'];
    for (const field of fields) {
      if (field.number === Field.spanTraceId) this.#addTraceId(field);
      if (field.number === Field.spanSpanId || field.number === Field.spanParentSpanId) this.#addSpanId(field);
      if (field.number === Field.spanStart || field.number === Field.spanEnd) addTime(field);
      if (field.number === Field.spanAttributes) unique = this.#addUniqueTexts(field) ?? unique;
      if (field.number === Field.spanEvents) {
        for (const part of fieldsOf(this.body, field.start, field.end)) {
          if (part.number === Field.eventTime) addTime(part);
          if (part.number === Field.eventAttributes) this.#addUniqueTexts(part);
        }
      }
      if (field.number === Field.spanLinks) this.#addLink(field);
    }
    this.spans.push({ traceOrdinal, unique });
  }

  #addLink(link: ProtobufField): void {
    for (const part of fieldsOf(this.body, link.start, link.end)) {
      if (part.number === Field.linkTraceId) this.#addTraceId(part);
      if (part.number === Field.linkSpanId) this.#addSpanId(part);
    }
  }

  #addTraceId(field: ProtobufField): void {
    if (field.end - field.start === 16) this.traceIds.push({ offset: field.start, ordinal: this.#idOrdinal(field) });
  }

  #addSpanId(field: ProtobufField): void {
    if (field.end - field.start === 8) this.spanIds.push({ offset: field.start, ordinal: this.#idOrdinal(field) });
  }

  /** Notes the digits of a `KeyValue`'s unique texts. @returns the attribute when its whole value is one */
  #addUniqueTexts(keyValue: ProtobufField): TemplateSpan['unique'] {
    const parts = [...fieldsOf(this.body, keyValue.start, keyValue.end)];
    const value = fieldOf(parts, Field.keyValueValue);
    const text = value && fieldOf([...fieldsOf(this.body, value.start, value.end)], Field.anyValueString);
    if (text === undefined) return undefined;
    let unique: TemplateSpan['unique'];
    for (const match of textAt(this.body, text).matchAll(UNIQUE_TEXT)) {
      const start = text.start + match.index;
      const end = start + match[0].length;
      for (let offset = start; offset < end; offset++) {
        if (this.body[offset] === 0x2d) continue;
        this.digits.push({ offset, ordinal: this.#ordinals.of(`digit ${offset - start} of ${match[0]}`) });
      }
      if (start !== text.start || end !== text.end) continue;
      unique = { key: textAt(this.body, fieldOf(parts, Field.keyValueKey)), start, end };
    }
    return unique;
  }

  #idOrdinal(field: ProtobufField | undefined): number {
    return this.#ordinals.of(field === undefined ? '' : `id ${textAt(this.body, field)}`);
  }
}

/** The fields of each span of a request. */
function* spansOf(body: Uint8Array): Generator<readonly ProtobufField[]> {
  for (const resourceSpans of fieldsOf(body)) {
    for (const scopeSpans of fieldsOf(body, resourceSpans.start, resourceSpans.end)) {
      if (scopeSpans.number !== 2) continue;
      for (const span of fieldsOf(body, scopeSpans.start, scopeSpans.end)) {
        if (span.number === 2) yield [...fieldsOf(body, span.start, span.end)];
      }
    }
  }
}

function fieldOf(fields: readonly ProtobufField[], number: number): ProtobufField | undefined {
  return fields.find((field) => field.number === number);
}

/** One character a byte: ids are bytes, and offsets into texts must count bytes. */
function textAt(body: Uint8Array, field: ProtobufField | undefined): string {
  return field === undefined ? '' : Buffer.from(body.subarray(field.start, field.end)).toString('latin1');
}

function timeAt(body: Uint8Array, field: ProtobufField | undefined): bigint | undefined {
  return field && viewOf(body).getBigUint64(field.start, true);
}

function viewOf(body: Uint8Array): DataView {
  return new DataView(body.buffer, body.byteOffset, body.byteLength);
}
