import type { BinaryOp, SpansetOp } from './tree.ts';

/**
 * How tightly operators bind, loosest first, the same for fields, scalars and spansets:
 *
 *     1  && ||                                      one level: a || b && c is (a || b) && c
 *     2  = != < <= > >= =~ !~ and structure          A > B && C is (A > B) && C
 *     3  + -      and - before a field expression   -2 ^ 2 is -(2 ^ 2)
 *     4           ! before a field expression       !a = b is (!a) = b
 *     5  * / %
 *     6  ^                                          from the right: 2 ^ 3 ^ 2 is 2 ^ (3 ^ 2)
 *
 * All but `^` associate from the left. A minus before a scalar constant binds tightest of all.
 * Source: the precedence declarations of the reference's grammar.
 */
export function operatorLevel(op: BinaryOp | SpansetOp): number {
  switch (op) {
    case '&&':
    case '||':
      return 1;
    case '+':
    case '-':
      return MINUS_LEVEL;
    case '*':
    case '/':
    case '%':
      return 5;
    case '^':
      return POWER_LEVEL;
    default:
      return 2;
  }
}

export const MINUS_LEVEL = 3;
export const NOT_LEVEL = 4;
export const POWER_LEVEL = 6;

/** The least level of an operator that may stand unbracketed in the right operand of `op`. */
export function rightLevel(op: BinaryOp | SpansetOp): number {
  return op === '^' ? POWER_LEVEL : operatorLevel(op) + 1;
}

export const comparisonOps = Object.freeze(['=', '!=', '<', '<=', '>', '>='] as const);
export const regexOps = Object.freeze(['=~', '!~'] as const);
export const arithmeticOps = Object.freeze(['+', '-', '*', '/', '%', '^'] as const);
export const logicalOps = Object.freeze(['&&', '||'] as const);
export const spansetOps = Object.freeze([
  ...logicalOps,
  ...(['>', '<', '>>', '<<', '~', '!>', '!<', '!>>', '!<<', '!~', '&>', '&<', '&>>', '&<<', '&~'] as const),
]);

/** `text` as one of `ops`. */
export function oneOf<T extends string>(ops: readonly T[], text: string | undefined): T | undefined {
  return ops.find((op) => op === text);
}
