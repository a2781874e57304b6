import { PromError } from './prom-error.ts';

const escapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** Reads a string literal, quotes included, with Go's escapes. Between backquotes nothing is escaped. */
export function parseStringLiteral(literal: string): string {
  const body = literal.slice(1, -1);
  if (literal.startsWith('`')) return body;
  return body.replaceAll(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gs,
    (whole: string, x?: string, u?: string, long?: string, octal?: string, plain?: string) => {
      const hex = x ?? u ?? long;
      if (hex !== undefined) return codePoint(Number.parseInt(hex, 16), whole);
      if (octal !== undefined) return codePoint(Number.parseInt(octal, 8), whole);
      const escaped = escapes[plain!];
      if (escaped === undefined) throw new PromError('bad_data', `parse error: unknown escape sequence ${whole}`);
      return escaped;
    },
  );
}

function codePoint(code: number, text: string): string {
  if (code > 0x10ffff) throw new PromError('bad_data', `parse error: ${text} is no character`);
  return String.fromCodePoint(code);
}

const unitMilli: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000,
};

/** Reads `5m`, `1h30m`, `250ms`. @returns milliseconds; `undefined` when it is none */
export function parsePromDuration(text: string): number | undefined {
  const match = /^(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/.exec(text);
  if (match === null || text === '') return undefined;
  let milli = 0;
  for (const part of match.slice(1)) {
    if (part === undefined) continue;
    const unit = /[a-z]+$/.exec(part)![0];
    milli += Number.parseInt(part, 10) * unitMilli[unit];
  }
  return Number.isSafeInteger(milli) ? milli : undefined;
}

/** Reads a number as PromQL writes them: decimal, hexadecimal, octal, `Inf`, `NaN`, digits set apart by `_`. */
export function parsePromNumber(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text
    .replace(/^[+-]/, '')
    .replaceAll(/(?<=[\da-fA-F])_(?=[\da-fA-F])/g, '')
    .toLowerCase();
  if (digits === 'inf' || digits === 'infinity') return sign * Infinity;
  if (digits === 'nan') return Number.NaN;
  if (/^0x[\da-f]+$/.test(digits)) return sign * Number(digits);
  if (/^0[0-7]+$/.test(digits)) return sign * Number.parseInt(digits, 8);
  if (/^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(digits)) return sign * Number(digits);
  const milli = parsePromDuration(digits);
  return milli === undefined ? undefined : (sign * milli) / 1000;
}
