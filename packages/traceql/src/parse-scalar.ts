import { constantOfWord } from './intrinsics.ts';
import { oneOf } from './operator-levels.ts';
import { negated, parseFieldExpression } from './parse-field-expression.ts';
import { isNumericStatic } from './scalar-fold.ts';
import type { TokenCursor } from './token-cursor.ts';
import type { ScalarExpression, Static } from './tree.ts';

export const scalarWords = Object.freeze(['count', 'min', 'max', 'sum', 'avg'] as const);

/** Reads an aggregate or a constant; `undefined` when neither is at hand. @throws {TraceqlError} */
export function parseScalarOperand(cursor: TokenCursor): ScalarExpression | undefined {
  const { start } = cursor.token;
  for (const word of scalarWords) cursor.expecting({ kind: 'word', word, role: 'function' });
  const fn = oneOf(scalarWords, cursor.word);
  if (fn !== undefined) {
    cursor.advance();
    cursor.require('(');
    const of = fn === 'count' ? undefined : parseFieldExpression(cursor);
    cursor.require(')');
    return cursor.place<ScalarExpression>({ kind: 'aggregate', fn, of }, start, of === undefined ? [] : [of]);
  }
  const value = parseNumber(cursor);
  return value === undefined ? undefined : cursor.place<ScalarExpression>({ kind: 'static', value }, start);
}

/** Reads a number or a duration, with its signs; `undefined` when there is none. @throws {TraceqlError} */
export function parseNumber(cursor: TokenCursor): Static | undefined {
  let isNegative = false;
  let hasSign = false;
  while (cursor.symbol === '-') {
    cursor.advance();
    isNegative = !isNegative;
    hasSign = true;
  }
  cursor.expecting({ kind: 'number' });
  const value = numberAtHand(cursor);
  if (value === undefined) return hasSign ? cursor.fail({ message: 'a minus takes a constant here' }) : undefined;
  cursor.advance();
  return isNegative ? negated(value) : value;
}

function numberAtHand({ token, word }: TokenCursor): Static | undefined {
  const value = token.kind === 'literal' ? token.value : word === undefined ? undefined : constantOfWord.get(word);
  return value !== undefined && isNumericStatic(value) ? value : undefined;
}
