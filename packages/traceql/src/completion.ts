import { scopeOfWord } from './attribute-name.ts';
import { constantOfWord, fieldType, intrinsicOfSpelling } from './intrinsics.ts';
import { Lexer, type Token } from './lexer.ts';
import { parseRoot } from './parse-query.ts';
import { type Expectation, TokenCursor } from './token-cursor.ts';
import { TraceqlError } from './traceql-error.ts';
import type { AttributeScope, Field } from './tree.ts';

export interface CompletionItem {
  /** what is put in place of the text from {@link Completion.from} to the cursor */
  readonly text: string;
  readonly kind: 'operator' | 'keyword' | 'function' | 'intrinsic' | 'scope' | 'constant' | 'hint';
}

/**
 * What may come at the cursor. Names and values of attributes are not known here: `attributeNames` and `valuesOf` say
 * which to ask the server for, to be put in place of the same text.
 */
export interface Completion {
  readonly from: number;
  /** the text from `from` to the cursor, which items begin with, whatever their case */
  readonly prefix: string;
  readonly items: readonly CompletionItem[];
  /** attributes of this scope may be named from {@link Completion.from} on, without the scope */
  readonly attributeNames: AttributeScope | undefined;
  /** values of this field may stand here; those that are strings, quoted */
  readonly valuesOf: Field | undefined;
}

/**
 * What may come at an offset. The text after it does not count, and the text before may be broken: then what is open
 * around the cursor is read alone.
 */
export function complete(text: string, offset: number): Completion {
  const touched = tokenBefore(text, offset);
  if (touched?.kind === 'comment') return nothingAt(offset);
  if (touched?.kind === 'attribute') {
    const prefix = text.slice(touched.nameStart, offset);
    return { ...nothingAt(touched.nameStart), prefix, attributeNames: touched.field.scope };
  }
  const from = isPartial(touched) ? touched.start : offset;
  const prefix = text.slice(from, offset);
  const expectations = expectationsAt(text, from);
  const items = uniqueItems(expectations).filter((item) => item.text.toLowerCase().startsWith(prefix.toLowerCase()));
  const valuesOf = expectations.find((wanted) => wanted.kind === 'value' && wanted.of !== undefined);
  const rank = valuesOf === undefined ? ranks : { ...ranks, constant: -1 };
  return {
    from,
    prefix,
    items: items.filter((item) => item.text !== prefix).sort((a, b) => rank[a.kind] - rank[b.kind]),
    attributeNames: undefined,
    valuesOf: valuesOf?.kind === 'value' ? valuesOf.of : undefined,
  };
}

/** What is more likely meant comes first; constants do where a field is compared. */
const ranks = Object.freeze({ scope: 0, intrinsic: 1, hint: 2, function: 3, keyword: 4, constant: 5, operator: 6 });

function nothingAt(from: number): Completion {
  return { from, prefix: '', items: [], attributeNames: undefined, valuesOf: undefined };
}

/** The token that ends right at the offset, cut there. */
function tokenBefore(text: string, offset: number): Token | undefined {
  const lexer = new Lexer(text, 0, offset);
  for (let token = lexer.next(); token.kind !== 'end'; token = lexer.next()) {
    if (token.end === offset && (token.kind !== 'comment' || !text.slice(0, offset).endsWith('*/'))) return token;
  }
  return undefined;
}

/** A word may go on, a string that is open too; a symbol and a closed string are complete. */
function isPartial(token: Token | undefined): token is Token {
  switch (token?.kind) {
    case 'word':
    case 'scopedWord':
      return true;
    case 'literal':
      return token.value.type !== 'string' || token.complaint !== undefined;
    case 'unknown':
      return true;
    default:
      return false;
  }
}

function expectationsAt(text: string, end: number): readonly Expectation[] {
  const whole = expectationsFrom(text, 0, end);
  if (whole !== undefined) return whole;
  const open = lastOpenBrace(text, end);
  return (open === undefined ? undefined : expectationsFrom(text, open, end)) ?? [];
}

/** What the parser looks for at `end`, reading from `start`; `undefined` when it does not come so far. */
function expectationsFrom(text: string, start: number, end: number): readonly Expectation[] | undefined {
  let cursor: TokenCursor | undefined;
  try {
    cursor = new TokenCursor(text, { start, end, recordAt: end });
    parseRoot(cursor);
  } catch (error) {
    if (!(error instanceof TraceqlError)) throw error;
  }
  return cursor?.token.kind === 'end' ? cursor.expectations : undefined;
}

/** Offset of the brace that the cursor stands in, or of the last one. */
function lastOpenBrace(text: string, end: number): number | undefined {
  const lexer = new Lexer(text, 0, end);
  let last: number | undefined;
  for (let token = lexer.next(); token.kind !== 'end'; token = lexer.next()) {
    if (token.kind === 'symbol' && token.symbol === '{') last = token.start;
  }
  return last;
}

const hintNames = Object.freeze(['most_recent', 'sample', 'span_sample', 'trace_sample', 'exemplars', 'extrapolate']);

function uniqueItems(expectations: readonly Expectation[]): CompletionItem[] {
  const items = new Map<string, CompletionItem>();
  for (const item of expectations.flatMap(itemsOf)) {
    if (!items.has(item.text)) items.set(item.text, item);
  }
  return [...items.values()];
}

function itemsOf(expectation: Expectation): CompletionItem[] {
  switch (expectation.kind) {
    case 'symbol':
      return [{ text: expectation.symbol, kind: 'operator' }];
    case 'word':
      return [{ text: expectation.word, kind: expectation.role }];
    case 'field':
      return fieldItems;
    case 'value':
      return constantItems(expectation.of);
    case 'hint':
      return hintNames.map((text) => ({ text, kind: 'hint' }));
    default:
      return [];
  }
}

const fieldItems: CompletionItem[] = [
  { text: '.', kind: 'scope' },
  ...[...scopeOfWord.keys()].map((word): CompletionItem => ({ text: `${word}.`, kind: 'scope' })),
  ...[...intrinsicOfSpelling.keys()].map((text): CompletionItem => ({ text, kind: 'intrinsic' })),
];

/** Constants that the field can equal: those of its type. `nil` where a value may be missing. */
function constantItems(field: Field | undefined): CompletionItem[] {
  const type = field === undefined ? 'attribute' : fieldType(field);
  return [...constantOfWord]
    .filter(([, { type: of }]) => (type === 'attribute' ? of === 'bool' || of === 'nil' : of === type))
    .filter(([word]) => !word.endsWith('Int'))
    .map(([text]) => ({ text, kind: 'constant' }));
}
