import { ValueType, type SpanDraft, type SpanSink } from '@spoor/model';

/** An attribute that is added to every resource. */
export interface ResourceTag {
  readonly key: string;
  readonly value: string;
}

/** Between a decoder and the store. */
export type WrapSink = (sink: SpanSink) => SpanSink;

/**
 * Adds attributes to the resource of every span, whatever brought it. What a client says itself under the same key stays.
 *
 * A body from the WAL is decoded with the tags of the process that reads it: what was not in a segment yet when the
 * program was started again with other tags has those.
 */
export function tagResources(tags: readonly ResourceTag[]): WrapSink {
  if (tags.length === 0) return (sink) => sink;
  const bytes = tags.map(({ key, value }) => [new TextEncoder().encode(key), new TextEncoder().encode(value)] as const);
  return (sink) => new TaggingSink(sink, bytes);
}

class TaggingSink implements SpanSink {
  readonly #sink: SpanSink;
  readonly #tags: readonly (readonly [key: Uint8Array, value: Uint8Array])[];
  /** codes of the keys in the open set, which may be a resource's */
  readonly #keys: number[] = [];

  constructor(sink: SpanSink, tags: readonly (readonly [Uint8Array, Uint8Array])[]) {
    this.#sink = sink;
    this.#tags = tags;
  }

  intern(bytes: Uint8Array, start: number, end: number): number {
    return this.#sink.intern(bytes, start, end);
  }

  attribute(keyCode: number, type: ValueType, value: number): void {
    this.#keys.push(keyCode);
    this.#sink.attribute(keyCode, type, value);
  }

  endResource(schemaUrlCode: number, droppedAttributesCount: number, entityRefsCode: number): void {
    for (const [key, value] of this.#tags) {
      const keyCode = this.#sink.intern(key, 0, key.length);
      if (this.#keys.includes(keyCode)) continue;
      this.#sink.attribute(keyCode, ValueType.string, this.#sink.intern(value, 0, value.length));
    }
    this.#keys.length = 0;
    this.#sink.endResource(schemaUrlCode, droppedAttributesCount, entityRefsCode);
  }

  endScope(nameCode: number, versionCode: number, schemaUrlCode: number, droppedAttributesCount: number): void {
    this.#keys.length = 0;
    this.#sink.endScope(nameCode, versionCode, schemaUrlCode, droppedAttributesCount);
  }

  endAttributes(): void {
    this.#keys.length = 0;
    this.#sink.endAttributes();
  }

  endEvent(nameCode: number, timeLow: number, timeHigh: number, droppedAttributesCount: number): void {
    this.#keys.length = 0;
    this.#sink.endEvent(nameCode, timeLow, timeHigh, droppedAttributesCount);
  }

  endLink(
    traceIdCode: number,
    spanIdCode: number,
    traceStateCode: number,
    flags: number,
    droppedAttributesCount: number,
  ): void {
    this.#keys.length = 0;
    this.#sink.endLink(traceIdCode, spanIdCode, traceStateCode, flags, droppedAttributesCount);
  }

  endSpan(draft: SpanDraft): void {
    this.#sink.endSpan(draft);
  }
}
