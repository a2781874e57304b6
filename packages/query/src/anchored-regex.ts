import { limits, QueryError } from '@spoor/model';
import { RE2JS } from 're2js';
import { ByteAutomaton } from './byte-automaton.ts';

/** True when the whole text matches. */
export type TextMatcher = (text: string) => boolean;

/** A regular expression in two forms, which agree: for a few texts, and for many that lie somewhere as bytes. */
export interface AnchoredRegex {
  readonly pattern: string;
  readonly matches: TextMatcher;
  /** Made when it is first asked for; `undefined` for a pattern of more than `limits.regexLengthMax` characters. */
  readonly ofBytes: () => ByteRegex | undefined;
}

export interface ByteRegex {
  readonly automaton: ByteAutomaton;
  /** bytes that every text that matches has somewhere; `undefined` when none are known */
  readonly required: Buffer | undefined;
}

/**
 * A TraceQL regular expression: RE2's syntax, anchored at both ends as Tempo does (`^(?s:…)$`), linear in the text.
 * Two common forms need no regex engine for a text: literals joined by `.*` and alternatives of literals. Any other is first
 * tried as the literal every match must contain.
 * @throws {QueryError} `QUERY_INVALID` when RE2 does not accept the pattern, `QUERY_LIMIT` for one that is too long
 */
export function anchoredRegex(pattern: string): AnchoredRegex {
  let made: ByteRegex | undefined;
  const ofBytes = (): ByteRegex | undefined => {
    if (pattern.length <= limits.regexLengthMax) made ??= byteRegex(pattern);
    return made;
  };
  return { pattern, matches: literalMatcher(pattern) ?? compiledMatcher(pattern), ofBytes };
}

function literalMatcher(pattern: string): TextMatcher | undefined {
  const parts = pattern.split('.*');
  if (parts.every(isLiteral)) return literalsInOrder(parts);
  const alternatives = pattern.split('|');
  if (!alternatives.every(isLiteral)) return undefined;
  const set = new Set(alternatives);
  return (text) => set.has(text);
}

function compiledMatcher(pattern: string): TextMatcher {
  const compiled = compile(pattern);
  const required = requiredLiteral(compiled);
  if (required === undefined) return (text) => compiled.matches(text);
  return (text) => text.includes(required) && compiled.matches(text);
}

function byteRegex(pattern: string): ByteRegex {
  const compiled = compile(pattern);
  const required = requiredLiteral(compiled);
  return {
    automaton: new ByteAutomaton(compiled),
    required: required === undefined ? undefined : Buffer.from(required),
  };
}

function compile(pattern: string): RE2JS {
  if (pattern.length > limits.regexLengthMax) {
    const message = `a regular expression of ${pattern.length} characters is longer than ${limits.regexLengthMax}`;
    throw new QueryError('QUERY_LIMIT', message);
  }
  try {
    // Compiled alone first, so that `a)(b` is refused rather than completed by the group around it.
    RE2JS.compile(pattern);
    return RE2JS.compile(`(?s:${pattern})`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new QueryError('QUERY_INVALID', `invalid regular expression ${JSON.stringify(pattern)}: ${reason}`, {
      cause: error,
    });
  }
}

/** What RE2JS found that a text must contain, which its types leave open: one literal, several, or one of several. */
interface RequiredTexts {
  readonly type: number;
  readonly str: string;
  readonly subs: readonly RequiredTexts[];
}
const ONE = 1;
const SEVERAL = 2;

/** The longest literal that every match contains; `undefined` when there is none. */
function requiredLiteral(compiled: RE2JS): string | undefined {
  const texts = compiled.re2().prefilter as RequiredTexts | null;
  if (texts === null) return undefined;
  const literals = texts.type === SEVERAL ? texts.subs : [texts];
  let longest: string | undefined;
  for (const { type, str } of literals) if (type === ONE && str.length > (longest?.length ?? 0)) longest = str;
  return longest;
}

const META = /[\\^$.|?*+()[\]{}]/;

function isLiteral(pattern: string): boolean {
  return !META.test(pattern);
}

/** `first.*second.*last`: the first is a prefix, the last a suffix, the rest are found leftmost in between. */
function literalsInOrder(literals: readonly string[]): TextMatcher {
  const first = literals[0];
  if (literals.length === 1) return (text) => text === first;
  const last = literals.at(-1)!;
  const middle = literals.slice(1, -1).filter((literal) => literal !== '');
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let from = first.length;
    for (const literal of middle) {
      const at = text.indexOf(literal, from);
      if (at < 0) return false;
      from = at + literal.length;
    }
    return from <= text.length - last.length;
  };
}
