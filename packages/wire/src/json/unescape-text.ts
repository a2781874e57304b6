import { WireError } from '@spoor/model';

const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const REPLACEMENT = 0xfffd;
/** What follows the backslash, and what both stand for. Source: RFC 8259, section 7. */
const simple: ReadonlyMap<number, number> = new Map([
  [0x22, 0x22],
  [BACKSLASH, BACKSLASH],
  [0x2f, 0x2f],
  [0x62, 0x08],
  [0x66, 0x0c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
]);

/**
 * The text of a JSON string without its escapes. Never longer than the text as it stands, whatever is in it: bytes that are
 * not UTF-8 stay as they are, and an escaped half of a surrogate pair becomes U+FFFD.
 * @param text  between the quotes
 * @param offset  of `text` in the body, for errors
 * @throws {WireError} `WIRE_MALFORMED` for an escape that JSON does not have
 */
export function unescapeText(text: Uint8Array, offset: number): Uint8Array {
  const plain = new Uint8Array(text.length);
  let end = 0;
  for (let i = 0; i < text.length;) {
    if (text[i] !== BACKSLASH) {
      plain[end++] = text[i++]!;
      continue;
    }
    const byte = simple.get(text[i + 1]);
    if (byte !== undefined) {
      plain[end++] = byte;
      i += 2;
      continue;
    }
    const unit = codeUnit(text, i);
    if (unit < 0) throw new WireError('WIRE_MALFORMED', 'a string has an impossible escape', offset + i);
    i += 6;
    const low = isHigh(unit) ? codeUnit(text, i) : -1;
    const isPair = low >= 0xdc00 && low <= 0xdfff;
    if (isPair) i += 6;
    const point = isPair ? 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00) : unit;
    end = pushCodePoint(plain, end, point >= 0xd800 && point <= 0xdfff ? REPLACEMENT : point);
  }
  return plain.subarray(0, end);
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** The code unit of `\uXXXX` at `at`, or −1. */
function codeUnit(text: Uint8Array, at: number): number {
  if (text[at] !== BACKSLASH || text[at + 1] !== LETTER_U || at + 6 > text.length) return -1;
  let unit = 0;
  for (let i = at + 2; i < at + 6; i++) {
    const digit = hexDigit(text[i]);
    if (digit < 0) return -1;
    unit = (unit << 4) | digit;
  }
  return unit;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** Writes UTF-8. @returns the new end */
function pushCodePoint(into: Uint8Array, end: number, point: number): number {
  if (point < 0x80) {
    into[end] = point;
    return end + 1;
  }
  const more = point < 0x800 ? 1 : point < 0x1_0000 ? 2 : 3;
  const lead = [0, 0xc0, 0xe0, 0xf0][more];
  into[end++] = lead | (point >> (6 * more));
  for (let k = more - 1; k >= 0; k--) into[end++] = 0x80 | ((point >> (6 * k)) & 0x3f);
  return end;
}
