import { anchoredRegex } from './anchored-regex.ts';
import type { LabelMatcher } from './trace-store.ts';

/**
 * Whether a label's value passes; a missing one is the empty text. Regular expressions are RE2's, anchored at both ends.
 * @throws {QueryError} `QUERY_INVALID` when a regular expression is none
 */
export function matcherTest({ op, value }: LabelMatcher): (text: string) => boolean {
  switch (op) {
    case '=':
      return (text) => text === value;
    case '!=':
      return (text) => text !== value;
    case '=~':
      return anchoredRegex(value).matches;
    case '!~': {
      const { matches } = anchoredRegex(value);
      return (text) => !matches(text);
    }
  }
}
