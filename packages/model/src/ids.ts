/** 32 lower-case hex digits; never all zero. */
export type TraceId = string & { readonly __traceId: true };
/** 16 lower-case hex digits; never all zero. */
export type SpanId = string & { readonly __spanId: true };

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hex of `bytes[start, end)`. */
export function hexFromBytes(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  let text = '';
  for (let i = start; i < end; i++) text += HEX[bytes[i]];
  return text;
}

/** Bytes of a hex text of either case; `undefined` when its length is odd or a digit is not hex. */
export function bytesFromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/**
 * Reads a trace id as people and systems spell it: 1–32 hex digits of either case, leading zeros optional.
 * `undefined` for anything else and for the all-zero id, which no trace has.
 */
export function parseTraceId(text: string): TraceId | undefined {
  return parseId(text, 32) as TraceId | undefined;
}

/** As {@link parseTraceId}, for 1–16 digits. */
export function parseSpanId(text: string): SpanId | undefined {
  return parseId(text, 16) as SpanId | undefined;
}

function parseId(text: string, digits: number): string | undefined {
  if (text.length === 0 || text.length > digits || !/^[0-9a-fA-F]+$/.test(text)) return undefined;
  const id = text.toLowerCase().padStart(digits, '0');
  return /^0+$/.test(id) ? undefined : id;
}
