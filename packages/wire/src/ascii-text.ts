import type { SpanSink } from '@spoor/model';

/** Bytes of an ASCII text. */
export function asciiBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Some of the program's own ASCII texts as bytes, made once. */
export function asciiTexts<T extends string>(...texts: readonly T[]): Readonly<Record<T, Uint8Array>> {
  return Object.freeze(Object.fromEntries(texts.map((text) => [text, asciiBytes(text)]))) as Record<T, Uint8Array>;
}

/** Code of a whole byte string. */
export function internAll(sink: SpanSink, bytes: Uint8Array): number {
  return bytes.length === 0 ? 0 : sink.intern(bytes, 0, bytes.length);
}
