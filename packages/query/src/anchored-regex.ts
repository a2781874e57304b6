import { limits, QueryError } from '@spoor/model';
import { RE2JS } from 're2js';

/** True when the whole text matches. */
export type TextMatcher = (text: string) => boolean;

/**
 * A TraceQL regular expression: RE2's syntax, anchored at both ends as Tempo does (`^(?s:…)$`), linear in the text.
 * Two common forms need no regex engine: literals joined by `.*` and alternatives of literals. Any other is first
 * tried as the literals every match must contain.
 * @throws {QueryError} `QUERY_INVALID` when RE2 does not accept the pattern, `QUERY_LIMIT` for one that is too long
 */
export function anchoredRegex(pattern: string): TextMatcher {
  const parts = pattern.split('.*');
  if (parts.every(isLiteral)) return literalsInOrder(parts);
  const alternatives = pattern.split('|');
  if (alternatives.every(isLiteral)) {
    const set = new Set(alternatives);
    return (text) => set.has(text);
  }
  const compiled = compile(pattern);
  const required = requiredLiteral(pattern);
  if (required === '') return (text) => compiled.matches(text);
  return (text) => text.includes(required) && compiled.matches(text);
}

function compile(pattern: string): RE2JS {
  if (pattern.length > limits.regexLengthMax) {
    const message = `a regular expression of ${pattern.length} characters is longer than ${limits.regexLengthMax}`;
    throw new QueryError('QUERY_LIMIT', message);
  }
  try {
    // Compiled alone first, so that `a)(b` is refused rather than completed by the group around it.
    RE2JS.compile(pattern);
    return RE2JS.compile(`^(?s:${pattern})$`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new QueryError('QUERY_INVALID', `invalid regular expression ${JSON.stringify(pattern)}: ${reason}`, {
      cause: error,
    });
  }
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

/**
 * The longest literal that every match contains; empty when the pattern has anything (groups, classes, alternatives,
 * escapes, flags) that would need a real parser to be sure.
 */
function requiredLiteral(pattern: string): string {
  if (/[\\|()[\]{}^$]/.test(pattern)) return '';
  let longest = '';
  for (const run of pattern.split(/(?:[^.]?[?*])|[.+]/u)) {
    if (run.length > longest.length && isLiteral(run)) longest = run;
  }
  return longest;
}
