import { intrinsicType, isField } from './intrinsics.ts';
import { printExpression } from './printer.ts';
import type { Complaint } from './traceql-error.ts';
import type { FieldExpression } from './tree.ts';
import { fits, isNumericType, takesType, typeOfOperation, type ValueType } from './value-type.ts';

/** Refuses a node of the tree. @throws {TraceqlError} always */
export type Refuse = (node: object, complaint: Complaint) => never;

type Binary = Extract<FieldExpression, { kind: 'binary' }>;

/**
 * The static type of an expression over a span: `attribute` when only a span can tell. Types that are known have to
 * fit; integers, floats and durations are numbers and fit each other.
 * @throws {TraceqlError} when an operator cannot take its operands
 */
export function checkExpression(expression: FieldExpression, refuse: Refuse): ValueType {
  switch (expression.kind) {
    case 'static':
      return expression.value.type;
    case 'intrinsic':
      return intrinsicType(expression.name);
    case 'attribute':
      if (expression.parent) refuse(expression, { message: `parent scope is not yet supported: ${shown(expression)}` });
      return 'attribute';
    case 'unary': {
      const type = checkExpression(expression.operand, refuse);
      const isFit = expression.op === '-' ? isNumericType(type) : type === 'bool';
      if (!isFit && type !== 'attribute') {
        refuse(expression, { message: `illegal operation for the given type: ${shown(expression)}` });
      }
      if (expression.op !== '-') return 'bool';
      return type === 'attribute' ? 'float' : type;
    }
    case 'binary':
      return checkChain(expression, refuse);
  }
}

/** Down the left side by a loop, since chains are long, then upwards. */
function checkChain(expression: Binary, refuse: Refuse): ValueType {
  const chain: Binary[] = [];
  let leftmost: FieldExpression = expression;
  for (; leftmost.kind === 'binary'; leftmost = leftmost.left) chain.push(leftmost);
  let type = checkExpression(leftmost, refuse);
  for (const binary of chain.reverse()) type = checkBinary(binary, type, checkExpression(binary.right, refuse), refuse);
  return type;
}

function checkBinary(binary: Binary, left: ValueType, right: ValueType, refuse: Refuse): ValueType {
  if (left === 'nil' || right === 'nil') {
    checkNil(binary, refuse);
    return 'bool';
  }
  if (!fits(left, right)) {
    refuse(binary, { message: `binary operations must operate on the same type: ${shown(binary)}` });
  }
  if (!takesType(binary.op, left) || !takesType(binary.op, right)) {
    refuse(binary, { message: `illegal operation for the given types: ${shown(binary)}` });
  }
  if ((binary.op === '=~' || binary.op === '!~') && binary.right.kind !== 'static') {
    refuse(binary, { message: `the right side of ${binary.op} must be a string: ${shown(binary)}` });
  }
  return typeOfOperation(binary.op, left, right);
}

/** An intrinsic and `service.name` always have a value; nothing but equality can be asked of a missing one. */
function checkNil(binary: Binary, refuse: Refuse): void {
  const { op, left, right } = binary;
  if (op !== '=' && op !== '!=') {
    refuse(binary, { message: `nil can only be compared by = and !=: ${shown(binary)}` });
  }
  const field = isField(left) ? left : right;
  if (op === '!=' || !isField(field)) return;
  const isAlwaysThere =
    field.kind === 'intrinsic' || (field.scope === 'resource' && field.name === 'service.name' && !field.parent);
  if (isAlwaysThere)
    refuse(binary, { message: `${shown(field)} always has a value and is never nil: ${shown(binary)}` });
}

const SHOWN_UNITS_MAX = 200;

/** The expression in a message, as long as it is short. */
export function shown(expression: FieldExpression): string {
  return cut(printExpression(expression));
}

export function cut(text: string): string {
  return text.length > SHOWN_UNITS_MAX ? `${text.slice(0, SHOWN_UNITS_MAX)}…` : text;
}
