import { calculateBig, calculateFloat } from './arithmetic.ts';
import type { ArithmeticOp, Static } from './tree.ts';

type NumericStatic = Extract<Static, { type: 'int' | 'float' | 'duration' }>;

export function isNumericStatic(value: Static): value is NumericStatic {
  return value.type === 'int' || value.type === 'float' || value.type === 'duration';
}

/**
 * A scalar operation on two constants, done while parsing. Integers stay integers (division truncates); a duration
 * stays one when added to, or multiplied or divided by, a number.
 * @returns a sentence when there is no result
 */
export function foldScalar(left: NumericStatic, op: ArithmeticOp, right: NumericStatic): Static | string {
  if ((op === '/' || op === '%') && Number(right.value) === 0) return 'division by zero';
  const isRoot = op === '^' && right.value < 0;
  if (left.type === 'int' && right.type === 'int' && !isRoot)
    return foldIntegers(BigInt(left.value), op, BigInt(right.value));
  const value = calculateFloat(Number(left.value), op, Number(right.value));
  if (!Number.isFinite(value)) return 'the result is out of range';
  return isDuration(left, op, right) ? { type: 'duration', value: Math.trunc(value) + 0 } : { type: 'float', value };
}

function isDuration(left: NumericStatic, op: ArithmeticOp, right: NumericStatic): boolean {
  const [isLeft, isRight] = [left.type === 'duration', right.type === 'duration'];
  if (op === '+' || op === '-') return isLeft || isRight;
  return op === '*' ? isLeft !== isRight : op === '/' && isLeft && !isRight;
}

function foldIntegers(left: bigint, op: ArithmeticOp, right: bigint): Static | string {
  const tooLarge = op === '^' && right > 63n && left * left > 1n;
  const value = tooLarge ? 2n ** 64n : calculateBig(left, op, op === '^' && right > 64n ? 64n + (right % 2n) : right);
  if (BigInt.asIntN(64, value) !== value) return 'the result is out of range (64 bits, signed)';
  const short = Number(value);
  return { type: 'int', value: Number.isSafeInteger(short) ? short + 0 : value };
}
