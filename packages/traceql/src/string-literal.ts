/** A string in double quotes, with Go's escapes for what cannot stand in them. */
export function quote(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return `"${text.replace(/[\u0000-\u001f"\\\u007f]/g, escape)}"`;
}

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
  ['"', '"'],
]);
const escapeOf: ReadonlyMap<string, string> = new Map([...shortEscapes].map(([name, unit]) => [unit, name]));

function escape(unit: string): string {
  const short = escapeOf.get(unit);
  return short === undefined ? `\\x${unit.charCodeAt(0).toString(16).padStart(2, '0')}` : `\\${short}`;
}

/**
 * Reads the inside of a string in double quotes, with Go's escapes. Escaped bytes (`\xe2\x82\xac`) are UTF-8; those
 * that are not become U+FFFD.
 * @returns the text, or where (in `inside`) an escape is wrong
 */
export function unquote(inside: string): string | { readonly wrongAt: number } {
  if (!inside.includes('\\')) return inside;
  const parts: string[] = [];
  let bytes = '';
  let at = 0;
  while (at < inside.length) {
    const backslash = inside.indexOf('\\', at);
    if (backslash !== at) {
      parts.push(decodeBytes(bytes), inside.slice(at, backslash < 0 ? undefined : backslash));
      bytes = '';
      if (backslash < 0) break;
      at = backslash;
      continue;
    }
    const escaped = readEscape(inside, at);
    if (escaped === undefined) return { wrongAt: at };
    at += escaped.length;
    if (escaped.isByte) {
      bytes += `%${escaped.code.toString(16).padStart(2, '0')}`;
    } else {
      parts.push(decodeBytes(bytes), String.fromCodePoint(escaped.code));
      bytes = '';
    }
  }
  return parts.join('') + decodeBytes(bytes);
}

interface Escape {
  readonly length: number;
  readonly code: number;
  readonly isByte: boolean;
}

function readEscape(inside: string, at: number): Escape | undefined {
  const short = shortEscapes.get(inside[at + 1] ?? '');
  if (short !== undefined) return { length: 2, code: short.charCodeAt(0), isByte: false };
  const found = escapeForm.exec(inside.slice(at, at + 10));
  if (found === null) return undefined;
  const [whole, hexByte, octalByte, short16, long32] = found;
  if (hexByte !== undefined) return { length: whole.length, code: Number.parseInt(hexByte, 16), isByte: true };
  if (octalByte !== undefined) return { length: whole.length, code: Number.parseInt(octalByte, 8), isByte: true };
  const code = Number.parseInt(short16 ?? long32, 16);
  return code > 0x10_ffff ? undefined : { length: whole.length, code, isByte: false };
}

const escapeForm = /^\\(?:x([\da-fA-F]{2})|([0-3][0-7]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8}))/;

function decodeBytes(percentEncoded: string): string {
  if (percentEncoded === '') return '';
  try {
    return decodeURIComponent(percentEncoded);
  } catch {
    return percentEncoded.replaceAll(/%../g, (byte) => {
      const code = Number.parseInt(byte.slice(1), 16);
      return code < 0x80 ? String.fromCharCode(code) : '\ufffd';
    });
  }
}
