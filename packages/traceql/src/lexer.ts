import { readAttributeName, scopeOfWord } from './attribute-name.ts';
import { parseDuration } from './duration-literal.ts';
import { queryLimits } from './query-limits.ts';
import { quote, unquote } from './string-literal.ts';
import type { Complaint } from './traceql-error.ts';
import type { AttributeField, Static } from './tree.ts';

/**
 * One token. What is wrong with it stands in `complaint`; the lexer itself never fails, so that an editor can colour
 * and complete broken text. Offsets are in UTF-16 units.
 */
export type Token = TokenPlace &
  (
    | { readonly kind: 'symbol'; readonly symbol: SymbolText }
    /** a bare word: a keyword, a function, an intrinsic, a constant */
    | { readonly kind: 'word'; readonly word: string }
    /** `trace:id`: a word, a colon, a word, which is missing while it is being typed */
    | { readonly kind: 'scopedWord'; readonly word: string }
    | { readonly kind: 'attribute'; readonly field: AttributeField; readonly nameStart: number }
    | { readonly kind: 'literal'; readonly value: Static }
    | { readonly kind: 'comment' | 'unknown' | 'end' }
  );

interface TokenPlace {
  readonly start: number;
  readonly end: number;
  readonly complaint?: Complaint | undefined;
}

/** Longest first where one begins another. */
const symbols = Object.freeze([
  '!>>',
  '!<<',
  '&>>',
  '&<<',
  '!>',
  '!<',
  '!~',
  '!=',
  '&>',
  '&<',
  '&~',
  '&&',
  '||',
  '>>',
  '<<',
  '>=',
  '<=',
  '=~',
  '{',
  '}',
  '(',
  ')',
  ',',
  '|',
  '=',
  '<',
  '>',
  '~',
  '!',
  '+',
  '-',
  '*',
  '/',
  '%',
  '^',
] as const);
export type SymbolText = (typeof symbols)[number];

const symbolsByUnit: ReadonlyMap<string, readonly SymbolText[]> = new Map(
  [...new Set(symbols.map((symbol) => symbol[0]))].map((unit) => [unit, symbols.filter((s) => s.startsWith(unit))]),
);

/** Comments are tokens too; the parser skips them. After the last token comes `end`, again and again. */
export class Lexer {
  readonly #text: string;
  readonly #end: number;
  #at: number;

  /** Reads `text` from `start` to `end`. */
  constructor(text: string, start = 0, end = text.length) {
    this.#text = end < text.length ? text.slice(0, end) : text;
    this.#at = start;
    this.#end = end;
  }

  next(): Token {
    const text = this.#text;
    while (this.#at < this.#end && isSpace(text.charCodeAt(this.#at))) this.#at++;
    const token = this.#at >= this.#end ? endToken(this.#end) : readToken(text, this.#at);
    this.#at = token.end;
    return token;
  }
}

function endToken(at: number): Token {
  return { kind: 'end', start: at, end: at };
}

function readToken(text: string, start: number): Token {
  const unit = text[start];
  const after = text[start + 1] ?? '';
  if (unit === '"') return readString(text, start);
  if (unit === '`') return readRawString(text, start);
  if (unit === '/' && (after === '/' || after === '*')) return readComment(text, start);
  if (isDigit(unit) || (unit === '.' && isDigit(after))) return readNumber(text, start);
  if (unit === '.') return readAttribute(text, start, start + 1, { scope: 'any' });
  if (isWordStart(unit)) return readWord(text, start);
  if (unit === "'") return readSingleQuoted(text, start);
  const symbol = symbolsByUnit.get(unit)?.find((candidate) => text.startsWith(candidate, start));
  if (symbol !== undefined) return { kind: 'symbol', symbol, start, end: start + symbol.length };
  return readUnknown(text, start);
}

/** What people write for what the language has. */
const habits: ReadonlyMap<string, string> = new Map([
  ['&', '&&'],
  ['[', '('],
  [']', ')'],
  [':', '='],
]);

function readUnknown(text: string, start: number): Token {
  const character = String.fromCodePoint(text.codePointAt(start)!);
  const complaint = { message: `unexpected ${character}`, suggestion: habits.get(character) };
  return { kind: 'unknown', start, end: start + character.length, complaint };
}

function readWord(text: string, start: number): Token {
  const end = wordEnd(text, start);
  const word = text.slice(start, end);
  if (text[end] === ':') {
    const scopedEnd = wordEnd(text, end + 1);
    return { kind: 'scopedWord', word: text.slice(start, scopedEnd), start, end: scopedEnd };
  }
  if (text[end] !== '.') return { kind: 'word', word, start, end };
  const scope = scopeOfWord.get(word);
  if (scope !== undefined) return readAttribute(text, start, end + 1, { scope });
  if (word === 'parent') return readParentAttribute(text, start, end + 1);
  const name = readAttributeName(text, start);
  const complaint = {
    message: `an attribute starts with a dot or with a scope, and ${word} is no scope`,
    suggestion: `.${text.slice(start, name.end)}`,
  };
  return { kind: 'unknown', start, end: name.end, complaint };
}

function readParentAttribute(text: string, start: number, from: number): Token {
  for (const scope of ['span', 'resource'] as const) {
    if (text.startsWith(`${scope}.`, from)) {
      return readAttribute(text, start, from + scope.length + 1, { scope, parent: true });
    }
  }
  return readAttribute(text, start, from, { scope: 'any', parent: true });
}

function readAttribute(
  text: string,
  start: number,
  nameStart: number,
  scope: Pick<AttributeField, 'scope' | 'parent'>,
): Token {
  const { name, end, complaint } = readAttributeName(text, nameStart);
  const field: AttributeField = { kind: 'attribute', ...scope, name };
  return {
    kind: 'attribute',
    field,
    nameStart,
    start,
    end,
    complaint: complaint === undefined ? undefined : { message: complaint },
  };
}

function readString(text: string, start: number): Token {
  let end = start + 1;
  for (; end < text.length && text[end] !== '"' && text[end] !== '\n'; end++) {
    if (text[end] === '\\' && text[end + 1] !== '\n') end++;
  }
  if (end >= text.length || text[end] === '\n') {
    end = Math.min(end, text.length);
    const value: Static = { type: 'string', value: text.slice(start + 1, end) };
    return { kind: 'literal', value, start, end, complaint: { message: 'literal not terminated', expected: ['"'] } };
  }
  const inside = text.slice(start + 1, end);
  const unquoted = unquote(inside);
  if (typeof unquoted === 'string') {
    return { kind: 'literal', value: { type: 'string', value: unquoted }, start, end: end + 1 };
  }
  const wrong = inside.slice(unquoted.wrongAt, unquoted.wrongAt + 2);
  const complaint = { message: `invalid char escape ${wrong}`, suggestion: `\\${wrong}` };
  return { kind: 'literal', value: { type: 'string', value: inside }, start, end: end + 1, complaint };
}

/** Between backticks nothing is escaped. */
function readRawString(text: string, start: number): Token {
  const close = text.indexOf('`', start + 1);
  const end = close < 0 ? text.length : close + 1;
  const value: Static = { type: 'string', value: text.slice(start + 1, close < 0 ? end : close) };
  const complaint = close < 0 ? { message: 'literal not terminated', expected: ['`'] } : undefined;
  return { kind: 'literal', value, start, end, complaint };
}

function readSingleQuoted(text: string, start: number): Token {
  const lineEnd = text.indexOf('\n', start);
  const close = text.indexOf("'", start + 1);
  const isClosed = close >= 0 && (lineEnd < 0 || close < lineEnd);
  const end = isClosed ? close + 1 : start + 1;
  const suggestion = isClosed ? quote(text.slice(start + 1, close)) : undefined;
  return { kind: 'unknown', start, end, complaint: { message: 'invalid char literal', suggestion } };
}

function readComment(text: string, start: number): Token {
  if (text[start + 1] === '/') {
    const lineEnd = text.indexOf('\n', start);
    return { kind: 'comment', start, end: lineEnd < 0 ? text.length : lineEnd };
  }
  const close = text.indexOf('*/', start + 2);
  if (close >= 0) return { kind: 'comment', start, end: close + 2 };
  const complaint = { message: 'comment not terminated', expected: ['*/'] };
  return { kind: 'unknown', start, end: text.length, complaint };
}

function readNumber(text: string, start: number): Token {
  let end = digitsEnd(text, start);
  let isFloat = false;
  if (text[end] === '.') {
    isFloat = true;
    end = digitsEnd(text, end + 1);
  }
  const exponent = /^[eE][+-]?\d/.exec(text.slice(end, end + 3));
  if (exponent !== null) {
    isFloat = true;
    end = digitsEnd(text, end + exponent[0].length);
  }
  if (isWordStart(text[end] ?? '') || isMicro(text[end])) return readDuration(text, start);
  const digits = text.slice(start, end);
  const value = isFloat ? floatOf(digits) : intOf(digits);
  if (typeof value === 'object') return { kind: 'literal', value, start, end };
  return { kind: 'literal', value: { type: 'int', value: 0 }, start, end, complaint: { message: value } };
}

function readDuration(text: string, start: number): Token {
  let end = start;
  while (end < text.length && (isWordUnit(text[end]) || isMicro(text[end]) || text[end] === '.')) end++;
  const literal = text.slice(start, end);
  const isTooLong = new RegExp(`\\d{${queryLimits.numberDigitsMax}}`).test(literal);
  const nano = isTooLong ? 'the duration is out of range (292 years)' : parseDuration(literal);
  const value: Static = { type: 'duration', value: typeof nano === 'number' ? nano : 0 };
  const complaint = typeof nano === 'string' ? { message: `invalid duration: ${nano}` } : undefined;
  return { kind: 'literal', value, start, end, complaint };
}

function intOf(digits: string): Static | string {
  const value = digits.length > queryLimits.numberDigitsMax ? 2n ** 63n : BigInt(digits);
  if (value >= 2n ** 63n) return 'the integer is out of range (64 bits, signed)';
  const short = Number(value);
  return { type: 'int', value: Number.isSafeInteger(short) ? short : value };
}

function floatOf(digits: string): Static | string {
  const value = digits.length > queryLimits.numberDigitsMax ? Number.POSITIVE_INFINITY : Number(digits);
  return Number.isFinite(value) ? { type: 'float', value } : 'the number is out of range';
}

/** The same characters that end an attribute's name. */
function isSpace(code: number): boolean {
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  return code === 0x85 || /\s/.test(String.fromCharCode(code));
}

function isDigit(unit: string): boolean {
  return unit >= '0' && unit <= '9';
}

function isWordStart(unit: string): boolean {
  return (unit >= 'a' && unit <= 'z') || (unit >= 'A' && unit <= 'Z') || unit === '_';
}

function isWordUnit(unit: string): boolean {
  return isWordStart(unit) || isDigit(unit);
}

/** The two letters that look like it. */
function isMicro(unit: string | undefined): boolean {
  return unit === '\u00b5' || unit === '\u03bc';
}

function wordEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && isWordUnit(text[end])) end++;
  return end;
}

function digitsEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && isDigit(text[end])) end++;
  return end;
}
