import type { ArithmeticOp } from './tree.ts';

/** TraceQL's operators on doubles, as IEEE 754 has them: division by zero and overflow are the caller's to judge. */
export function calculateFloat(left: number, op: ArithmeticOp, right: number): number {
  switch (op) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '%':
      return left % right;
    case '^':
      return left ** right;
  }
}

/**
 * The same on integers, exact; division truncates. The caller has ruled out a zero divisor, a negative exponent and an
 * exponent whose result would not fit into memory.
 */
export function calculateBig(left: bigint, op: ArithmeticOp, right: bigint): bigint {
  switch (op) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '%':
      return left % right;
    case '^':
      return left ** right;
  }
}
