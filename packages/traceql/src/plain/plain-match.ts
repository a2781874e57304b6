import type { Field, FieldExpression, Static } from '../tree.ts';

/** What one span has for a field; `undefined` when it has nothing. */
export type FieldLookup = (field: Field) => Static | undefined;

/**
 * Whether one span meets a condition, evaluated plainly, value by value: for looking through a trace that is already in
 * memory. Covers what `parsePlainQuery` makes; an arithmetic expression is never met. The regular expressions are
 * JavaScript's, anchored at both ends.
 * @throws {SyntaxError} when a regular expression is not valid
 */
export function matchesPlain(expression: FieldExpression | undefined, lookup: FieldLookup): boolean {
  if (expression === undefined) return true;
  switch (expression.kind) {
    case 'unary':
      return expression.op === '!' && !matchesPlain(expression.operand, lookup);
    case 'static':
      return expression.value.type === 'bool' && expression.value.value;
    case 'attribute':
    case 'intrinsic': {
      const value = lookup(expression);
      return value?.type === 'bool' && value.value;
    }
    case 'binary':
      return matchesBinary(expression, lookup);
  }
}

/** The fields that a condition asks about. */
export function fieldsAsked(expression: FieldExpression | undefined): readonly Field[] {
  if (expression === undefined || expression.kind === 'static') return [];
  if (expression.kind === 'unary') return fieldsAsked(expression.operand);
  if (expression.kind === 'binary') return [...fieldsAsked(expression.left), ...fieldsAsked(expression.right)];
  return [expression];
}

function matchesBinary(expression: Extract<FieldExpression, { kind: 'binary' }>, lookup: FieldLookup): boolean {
  const { op, left, right } = expression;
  if (op === '&&') return matchesPlain(left, lookup) && matchesPlain(right, lookup);
  if (op === '||') return matchesPlain(left, lookup) || matchesPlain(right, lookup);
  if ((left.kind !== 'attribute' && left.kind !== 'intrinsic') || right.kind !== 'static') return false;
  const value = lookup(left);
  const wanted = right.value;
  if (wanted.type === 'nil') return (op === '=') === (value === undefined || value.type === 'nil');
  if (value === undefined || value.type === 'nil') return false;
  if (op === '=~' || op === '!~') {
    if (value.type !== 'string' || wanted.type !== 'string') return false;
    return regexOf(wanted.value).test(value.value) === (op === '=~');
  }
  if (isNumeric(value) && isNumeric(wanted)) return compares(op, Number(value.value), Number(wanted.value));
  if (value.type !== wanted.type) return false;
  return compares(op, value.value, wanted.value);
}

const regexes = new Map<string, RegExp>();

function regexOf(pattern: string): RegExp {
  let regex = regexes.get(pattern);
  if (regex === undefined) {
    if (regexes.size > 100) regexes.clear();
    regex = new RegExp(`^(?:${pattern})$`, 's');
    regexes.set(pattern, regex);
  }
  return regex;
}

function isNumeric(value: Static): value is Extract<Static, { type: 'int' | 'float' | 'duration' }> {
  return value.type === 'int' || value.type === 'float' || value.type === 'duration';
}

function compares<T>(op: string, left: T, right: T): boolean {
  switch (op) {
    case '=':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    default:
      return false;
  }
}
