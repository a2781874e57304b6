import { limits } from '@spoor/model';

/** What OpenTelemetry's exporters put into the one text of an annotation. */
export interface AnnotationEvent {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly droppedAttributesCount: number;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const OPEN_BRACE = 0x7b;
const BAR = 0x7c;

/**
 * Reads an annotation that holds an event with attributes, in either of two spellings: `name|{json}|dropped count` (the
 * Collector's) and `{"name": {json}}` (Python's). `undefined` for anything else, which is a name by itself.
 */
export function parseAnnotationEvent(bytes: Uint8Array, start: number, end: number): AnnotationEvent | undefined {
  if (end - start < 2 || end - start > limits.zipkinJsonBytesMax) return undefined;
  if (bytes[start] === OPEN_BRACE) return parseNested(decoder.decode(bytes.subarray(start, end)));
  for (let i = start; i < end; i++) {
    if (bytes[i] === BAR) return parseBarred(decoder.decode(bytes.subarray(start, end)));
  }
  return undefined;
}

function parseNested(text: string): AnnotationEvent | undefined {
  const entries = Object.entries(parseObject(text) ?? {});
  if (entries.length !== 1) return undefined;
  const [name, attributes] = entries[0];
  return isObject(attributes) ? { name, attributes, droppedAttributesCount: 0 } : undefined;
}

function parseBarred(text: string): AnnotationEvent | undefined {
  const first = text.indexOf('|');
  const last = text.lastIndexOf('|');
  const hasCount = last > first && /^\d{1,9}$/.test(text.slice(last + 1));
  const json = text.slice(first + 1, hasCount ? last : undefined);
  const attributes = json === '' ? {} : parseObject(json);
  if (attributes === undefined) return undefined;
  const droppedAttributesCount = hasCount ? Number(text.slice(last + 1)) : 0;
  return { name: text.slice(0, first), attributes, droppedAttributesCount };
}

/** A link as the Collector writes it into a tag `otlp.link.N`. */
export interface TagLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly droppedAttributesCount: number;
}

/** Reads `trace id|span id|trace state|{json}|dropped count`; `undefined` for anything else. */
export function parseTagLink(bytes: Uint8Array, start: number, end: number): TagLink | undefined {
  if (end - start > limits.zipkinJsonBytesMax) return undefined;
  const match = /^([0-9a-f]{32})\|([0-9a-f]{16})\|([^|]*)\|(.*)\|(\d{1,9})$/is.exec(
    decoder.decode(bytes.subarray(start, end)),
  );
  if (match === null) return undefined;
  const [, traceId, spanId, traceState, json, dropped] = match;
  const attributes = json === '' ? {} : parseObject(json);
  if (attributes === undefined) return undefined;
  return { traceId, spanId, traceState, attributes, droppedAttributesCount: Number(dropped) };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    // Not JSON: then it is the plain text that annotations and tags usually are.
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
