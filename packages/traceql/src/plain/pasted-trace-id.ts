/**
 * The one trace id in a pasted text: hex with or without dashes, a `traceparent`, a log line with `trace_id=…`, base64 of
 * 16 bytes. Bare hex must have 16 or 32 digits here, so that ordinary words and numbers stay words.
 */
export function traceIdIn(text: string): string | undefined {
  const trimmed = text.trim().replace(/^["']|["']$/g, '');
  const traceparent = /\b[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}\b/.exec(trimmed);
  const labelled = /\btrace[_-]?id["']?\s*[=:]\s*["']?([0-9a-f]{16,32})\b/i.exec(trimmed);
  const digits = traceparent?.[1] ?? labelled?.[1] ?? bareTraceId(trimmed);
  return digits === undefined || /^0+$/.test(digits) ? undefined : digits.toLowerCase().padStart(32, '0');
}

function bareTraceId(text: string): string | undefined {
  if (/^(0x)?([0-9a-f]{32}|[0-9a-f]{16})$/i.test(text)) return text.replace(/^0x/i, '');
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text)) return text.replaceAll('-', '');
  if (!/^[A-Za-z0-9+/_-]{22}(==)?$/.test(text) || !/[0-9A-Z+/_-]/.test(text.slice(1))) return undefined;
  const bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Array.from(bytes, (character) => character.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}
