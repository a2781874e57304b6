import { QueryError } from '@spoor/model';
import type { BinaryOp, ComparisonOp, Field, FieldExpression } from '@spoor/traceql';
import { type AnchoredRegex, anchoredRegex } from './anchored-regex.ts';
import { calculate, compareValues, isTrue, negate, someString, type Value, valueOfStatic } from './value.ts';

/** Reads a field of the row at hand. */
export type FieldGetter = (field: Field) => Value | undefined;

/** An expression made ready to be evaluated many times, row by row: the general, slow way. */
export type Evaluator = (get: FieldGetter) => Value | undefined;

/** @throws {QueryError} `QUERY_INVALID` for a regular expression that is not a literal or not RE2's */
export function compileExpression(expression: FieldExpression): Evaluator {
  switch (expression.kind) {
    case 'static': {
      const value = valueOfStatic(expression.value);
      return () => value;
    }
    case 'unary': {
      if (expression.op === 'some') {
        throw new QueryError('QUERY_INVALID', 'a condition on some event or link cannot be part of a calculation');
      }
      const operand = compileExpression(expression.operand);
      if (expression.op === '-') return (get) => negate(operand(get));
      return (get) => bool(!isTrue(operand(get)));
    }
    case 'binary':
      return compileBinary(expression.op, expression.left, expression.right);
    default:
      return (get) => get(expression);
  }
}

function compileBinary(op: BinaryOp, left: FieldExpression, right: FieldExpression): Evaluator {
  const a = compileExpression(left);
  if (op === '=~' || op === '!~') {
    const { matches } = regexOperand(op, right);
    const wanted = op === '=~';
    return (get) => bool(someString(a(get), matches) === wanted);
  }
  const b = compileExpression(right);
  switch (op) {
    case '&&':
      return (get) => bool(isTrue(a(get)) && isTrue(b(get)));
    case '||':
      return (get) => bool(isTrue(a(get)) || isTrue(b(get)));
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case '^':
      return (get) => calculate(a(get), op, b(get));
    default:
      return compileComparison(op, left, right, a, b);
  }
}

/** Equality with `nil` asks whether there is a value; any other comparison with it is false, as is `nil` with `nil`. */
function compileComparison(
  op: ComparisonOp,
  left: FieldExpression,
  right: FieldExpression,
  a: Evaluator,
  b: Evaluator,
): Evaluator {
  if (isNil(left) && isNil(right)) return () => bool(false);
  if (!isNil(left) && !isNil(right)) return (get) => bool(compareValues(a(get), op, b(get)));
  const other = isNil(left) ? b : a;
  if (op === '=') return (get) => bool(other(get) === undefined);
  if (op === '!=') return (get) => bool(other(get) !== undefined);
  return () => bool(false);
}

/** The pattern right of `=~` or `!~`, compiled. */
export function regexOperand(op: BinaryOp, operand: FieldExpression): AnchoredRegex {
  if (operand.kind !== 'static' || operand.value.type !== 'string') {
    throw new QueryError('QUERY_INVALID', `the right side of ${op} must be a string constant`);
  }
  return anchoredRegex(operand.value.value);
}

export function isNil(expression: FieldExpression): boolean {
  return expression.kind === 'static' && expression.value.type === 'nil';
}

const TRUE: Value = Object.freeze({ type: 'bool', value: true });
const FALSE: Value = Object.freeze({ type: 'bool', value: false });

function bool(value: boolean): Value {
  return value ? TRUE : FALSE;
}
