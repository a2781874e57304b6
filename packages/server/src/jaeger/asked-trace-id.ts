import { hexFromBytes, parseTraceId, type TraceId } from '@spoor/model';

/**
 * Reads a trace id from a path as Jaeger does: hex of either case with or without leading zeros, or, as its newer
 * versions, base64 of the 16 bytes. `undefined` for anything else.
 *
 * @param encoded  a path segment, percent-encoded
 */
export function askedTraceId(encoded: string): TraceId | undefined {
  const hex = parseTraceId(encoded);
  if (hex !== undefined) return hex;
  const base64 = encoded.replaceAll(/%3d/gi, '=').replaceAll(/%2f/gi, '/').replaceAll(/%2b/gi, '+');
  if (!/^[\w+/-]{22}(==)?$/.test(base64)) return undefined;
  return parseTraceId(hexFromBytes(Buffer.from(base64, 'base64')));
}
