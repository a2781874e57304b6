import type { Strings } from '../strings/english.ts';
import type { Refusal } from './overview-data.ts';

/** What other protocols begin with, in hex: `PRI * HTTP/2`, a TLS handshake, methods of HTTP. */
const grpcStart = '505249202a';
const tlsStart = '160301';
/** A list or an object of JSON. */
const jsonStart = /^(5b|7b)/;
const httpStarts = ['504f535420', '474554202f', '505554202f'];

/** What its sender can do about a refusal, from the reason and the first bytes. */
export function fixOf({ reason, firstBytesHex = '' }: Refusal, t: Strings): string {
  if (firstBytesHex.startsWith(grpcStart)) return t.fixGrpcOnHttp;
  if (firstBytesHex.startsWith(tlsStart)) return t.fixTls;
  if (httpStarts.some((start) => firstBytesHex.startsWith(start))) return t.fixHttpOnOther;
  if (reason.startsWith('STORE_')) return t.fixStore;
  switch (reason) {
    case 'wrong_path':
      return t.fixPath;
    case 'wrong_method':
      return t.fixMethod;
    case 'content_type':
    case 'WIRE_CONTENT_TYPE':
      return t.fixContentType;
    case 'tls':
      return t.fixTls;
    case 'wrong_protocol':
      return t.fixMalformed;
    case 'aborted':
      return t.fixAborted;
    case 'WIRE_LIMIT':
      return t.fixLimit;
    case 'WIRE_MALFORMED':
    case 'WIRE_TRUNCATED':
      return jsonStart.test(firstBytesHex) ? t.fixField : t.fixMalformed;
    default:
      return t.fixOther;
  }
}

const shownBytesMax = 24;

/** The first bytes as people can judge them: as text when they are, else in hex. */
export function shownBytes(hex: string): string {
  const bytes = (hex.match(/../g) ?? []).slice(0, shownBytesMax).map((pair) => Number.parseInt(pair, 16));
  if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) return JSON.stringify(String.fromCharCode(...bytes));
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
