import { arithmeticOps, oneOf } from './operator-levels.ts';
import type { BinaryOp, Static } from './tree.ts';

/** Static types of expressions: of constants, and `attribute` for what is known at run time only. */
export type ValueType = Static['type'] | 'attribute';

export function isNumericType(type: ValueType): boolean {
  return type === 'int' || type === 'float' || type === 'duration';
}

/** Whether values of the types can be operands of one operator. */
export function fits(left: ValueType, right: ValueType): boolean {
  return (
    left === right || left === 'attribute' || right === 'attribute' || (isNumericType(left) && isNumericType(right))
  );
}

/** Whether the operator is defined for values of the type. */
export function takesType(op: BinaryOp, type: ValueType): boolean {
  if (type === 'attribute') return true;
  switch (op) {
    case '&&':
    case '||':
      return type === 'bool';
    case '=':
    case '!=':
      return true;
    case '=~':
    case '!~':
      return type === 'string';
    case '<':
    case '<=':
    case '>':
    case '>=':
      return isNumericType(type) || type === 'string';
    default:
      return isNumericType(type);
  }
}

/** Arithmetic gives a number, whatever the attributes in it turn out to be; everything else gives true or false. */
export function typeOfOperation(op: BinaryOp, left: ValueType, right: ValueType): ValueType {
  if (oneOf(arithmeticOps, op) === undefined) return 'bool';
  if (left === 'duration' || right === 'duration') return 'duration';
  return left === 'int' && right === 'int' ? 'int' : 'float';
}
