import type { ValueType } from './attribute-value.ts';

/**
 * The fields of one span, handed to {@link SpanSink.endSpan}. One object is reused for all spans of a request:
 * the decoder resets and fills it, the sink reads it and keeps nothing of it.
 * 64-bit words are pairs of unsigned 32-bit halves; codes come from {@link SpanSink.intern} (0 = empty string).
 */
export interface SpanDraft {
  /** the 16 bytes of the id as four big-endian words: word 0 holds bytes 0–3 */
  traceId0: number;
  traceId1: number;
  traceId2: number;
  traceId3: number;
  /** bytes 0–3 and 4–7, big-endian */
  spanIdHigh: number;
  spanIdLow: number;
  /** both 0 for a root */
  parentSpanIdHigh: number;
  parentSpanIdLow: number;
  startLow: number;
  startHigh: number;
  endLow: number;
  endHigh: number;
  nameCode: number;
  traceStateCode: number;
  statusMessageCode: number;
  /** int32, any value */
  kind: number;
  /** int32, any value */
  statusCode: number;
  flags: number;
  droppedAttributesCount: number;
  droppedEventsCount: number;
  droppedLinksCount: number;
}

/** A draft with every field 0, which is what OTLP means by a field that is not sent. */
export function emptySpanDraft(): SpanDraft {
  return resetSpanDraft({} as SpanDraft);
}

export function resetSpanDraft(draft: SpanDraft): SpanDraft {
  draft.traceId0 = draft.traceId1 = draft.traceId2 = draft.traceId3 = 0;
  draft.spanIdHigh = draft.spanIdLow = draft.parentSpanIdHigh = draft.parentSpanIdLow = 0;
  draft.startLow = draft.startHigh = draft.endLow = draft.endHigh = 0;
  draft.nameCode = draft.traceStateCode = draft.statusMessageCode = 0;
  draft.kind = draft.statusCode = draft.flags = 0;
  draft.droppedAttributesCount = draft.droppedEventsCount = draft.droppedLinksCount = 0;
  return draft;
}

/**
 * The joint between protocols and storage: every decoder pushes spans through it, in OTLP's model, without
 * an object per attribute. Attributes are pushed one by one into the *open set*; the next `end…` call takes the
 * set and leaves an empty one. The order of calls for a request:
 *
 *     (attribute* endResource  (attribute* endScope  span* )* )*
 *     span = attribute*  endAttributes  (attribute* endEvent)*  (attribute* endLink)*  endSpan
 *
 * The sink does not validate: ids of the right length, non-zero trace and span ids and the limits of
 * `limits.ts` are the decoder's duty. Whoever drives the decoder brackets it: nothing becomes visible before
 * the request as a whole is accepted, and everything pushed is taken back when the decoder throws.
 */
export interface SpanSink {
  /**
   * Code of a byte string (UTF-8 where it is text). Equal bytes give equal codes; the empty string is 0.
   * `bytes` is not kept.
   */
  intern(bytes: Uint8Array, start: number, end: number): number;
  /** Adds to the open set. `value` is a code where `isCoded(type)`, else the number (a bool is 0 or 1). */
  attribute(keyCode: number, type: ValueType, value: number): void;
  /**
   * Takes the open set; spans that follow belong to this resource.
   * @param entityRefsCode code of the concatenated `Resource.entity_refs` fields, tag and length included
   */
  endResource(schemaUrlCode: number, droppedAttributesCount: number, entityRefsCode: number): void;
  /** Takes the open set; spans that follow belong to this scope. */
  endScope(nameCode: number, versionCode: number, schemaUrlCode: number, droppedAttributesCount: number): void;
  /** Takes the open set as the next span's attributes. */
  endAttributes(): void;
  /** Takes the open set as the attributes of an event of the next span. */
  endEvent(nameCode: number, timeLow: number, timeHigh: number, droppedAttributesCount: number): void;
  /** Takes the open set as the attributes of a link of the next span. Ids are codes of the bytes as received. */
  endLink(
    traceIdCode: number,
    spanIdCode: number,
    traceStateCode: number,
    flags: number,
    droppedAttributesCount: number,
  ): void;
  /** Appends the span with the attributes, events and links pushed since the last one. */
  endSpan(draft: SpanDraft): void;
}
