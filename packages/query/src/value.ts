import { type Attribute, type AttributeValue, attributeAliases } from '@spoor/model';
import { type ArithmeticOp, calculateBig, calculateFloat, type ComparisonOp, type Static } from '@spoor/traceql';

/**
 * What an expression over a span evaluates to: an attribute's value as it was sent, or one of TraceQL's own kinds of
 * value. A missing value is `undefined`; so is the result of any operation that has none (`"a" + 1`, `1 / 0`).
 */
export type Value =
  | AttributeValue
  | { readonly type: 'duration'; readonly value: number }
  | { readonly type: 'status'; readonly value: number }
  | { readonly type: 'kind'; readonly value: number };

/** TraceQL's words by code. */
export const statusNames: readonly string[] = Object.freeze(['unset', 'ok', 'error']);
export const kindNames: readonly string[] = Object.freeze([
  'unspecified',
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
]);

const statusCodes = Object.freeze({ unset: 0, ok: 1, error: 2 });
const kindCodes = Object.freeze({ unspecified: 0, internal: 1, server: 2, client: 3, producer: 4, consumer: 5 });

export function valueOfStatic(constant: Static): Value | undefined {
  switch (constant.type) {
    case 'nil':
      return undefined;
    case 'float':
      return { type: 'double', value: constant.value };
    case 'status':
      return { type: 'status', value: statusCodes[constant.value] };
    case 'kind':
      return { type: 'kind', value: kindCodes[constant.value] };
    default:
      return constant;
  }
}

/**
 * The value of a named attribute in a list as received: the first that is not empty under the name itself, else under
 * one of its other spellings. OTLP forbids repeated keys; where one is repeated the first counts.
 */
export function attributeValue(attributes: readonly Attribute[], name: string): AttributeValue | undefined {
  for (const spelling of attributeAliases(name)) {
    for (const { key, value } of attributes) {
      if (key === spelling && value.type !== 'empty') return value;
    }
  }
  return undefined;
}

export function isTrue(value: Value | undefined): boolean {
  return value !== undefined && value.type === 'bool' && value.value;
}

/**
 * `left op right`, two-valued. False when either is missing or the types cannot be compared; numbers compare exactly by
 * value whatever their type, strings by code point (which is the order of their UTF-8 bytes).
 * An array stands for its elements: some element satisfies the comparison; with `!=`, some element is of the right type
 * and none is equal.
 */
export function compareValues(left: Value | undefined, op: ComparisonOp, right: Value | undefined): boolean {
  if (left === undefined || right === undefined) return false;
  if (left.type !== 'array' && right.type !== 'array') return satisfies(orderOf(left, right), op, left);
  let comparable = false;
  for (const a of elementsOf(left)) {
    for (const b of elementsOf(right)) {
      const order = orderOf(a, b);
      if (order === undefined) continue;
      comparable = true;
      if (op === '!=' ? order === 0 : satisfies(order, op, a)) return op !== '!=';
    }
  }
  return op === '!=' && comparable;
}

/** An order of all values, for lists: what is missing first, then by type, then by value. Numbers are one type. */
export function compareForOrder(left: Value | undefined, right: Value | undefined): number {
  if (left === undefined || right === undefined) return (left === undefined ? 0 : 1) - (right === undefined ? 0 : 1);
  const order = orderOf(left, right);
  if (order !== undefined && !Number.isNaN(order)) return order;
  const [a, b] = [isNumeric(left) ? 'number' : left.type, isNumeric(right) ? 'number' : right.type];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Values of a regex's operand: strings, and the strings of an array. */
export function someString(value: Value | undefined, matches: (text: string) => boolean): boolean | undefined {
  if (value === undefined) return undefined;
  let found: boolean | undefined;
  for (const element of elementsOf(value)) {
    if (element.type !== 'string') continue;
    if (matches(element.value)) return true;
    found = false;
  }
  return found;
}

function elementsOf(value: Value): readonly Value[] {
  return value.type === 'array' ? value.value : [value];
}

/** Below, equal to or above 0; NaN for a NaN; `undefined` when the two cannot be compared. */
function orderOf(left: Value, right: Value): number | undefined {
  if (isNumeric(left)) return isNumeric(right) ? orderOfNumbers(left.value, right.value) : undefined;
  if (left.type !== right.type) return undefined;
  switch (left.type) {
    case 'string':
      return orderOfTexts(left.value, (right as typeof left).value);
    case 'bool':
    case 'status':
    case 'kind':
      return Number(left.value) - Number((right as typeof left).value);
    default:
      return undefined;
  }
}

/** Booleans, statuses and kinds are equal or not; they have no order. */
function satisfies(order: number | undefined, op: ComparisonOp, left: Value): boolean {
  if (order === undefined) return false;
  if (op === '=') return order === 0;
  if (op === '!=') return order !== 0;
  if (left.type === 'bool' || left.type === 'status' || left.type === 'kind') return false;
  return orderSatisfies(order, op);
}

function orderSatisfies(order: number, op: '<' | '<=' | '>' | '>='): boolean {
  switch (op) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

type Numeric = Extract<Value, { type: 'int' | 'double' | 'duration' }>;

export function isNumeric(value: Value): value is Numeric {
  return value.type === 'int' || value.type === 'double' || value.type === 'duration';
}

/** JavaScript compares a number with a bigint by exact mathematical value. */
function orderOfNumbers(left: number | bigint, right: number | bigint): number {
  if (left < right) return -1;
  if (left > right) return 1;
  return left >= right ? 0 : Number.NaN;
}

const SURROGATE = /[\ud800-\udfff]/;

export function orderOfTexts(left: string, right: string): number {
  if (left === right) return 0;
  // UTF-16 units and code points sort alike except where surrogates meet U+E000–U+FFFF.
  if (!SURROGATE.test(left) && !SURROGATE.test(right)) return left < right ? -1 : 1;
  const a = Array.from(left, (character) => character.codePointAt(0)!);
  const b = Array.from(right, (character) => character.codePointAt(0)!);
  for (let i = 0; i < a.length && i < b.length; i++) {
    if (a[i] !== b[i]) return a[i] - b[i];
  }
  return a.length - b.length;
}

/**
 * Two integers give an integer: `/` truncates, results past 2^53 stay exact. Anything else gives a float, except that
 * durations added to or taken from each other stay durations. Division by zero has no value.
 */
export function calculate(left: Value | undefined, op: ArithmeticOp, right: Value | undefined): Value | undefined {
  if (left === undefined || right === undefined || !isNumeric(left) || !isNumeric(right)) return undefined;
  if ((op === '/' || op === '%') && Number(right.value) === 0) return undefined;
  if (left.type === 'int' && right.type === 'int') {
    const value = calculateInt(left.value, op, right.value);
    return value === undefined ? undefined : { type: 'int', value };
  }
  const value = calculateFloat(Number(left.value), op, Number(right.value));
  if (Number.isNaN(value)) return undefined;
  const isDuration = left.type === 'duration' && right.type === 'duration' && (op === '+' || op === '-');
  return { type: isDuration ? 'duration' : 'double', value };
}

export function negate(value: Value | undefined): Value | undefined {
  if (value === undefined || !isNumeric(value)) return undefined;
  if (value.type === 'int')
    return { type: 'int', value: typeof value.value === 'bigint' ? shorten(-value.value) : 0 - value.value };
  return { type: value.type, value: -value.value };
}

function calculateInt(left: number | bigint, op: ArithmeticOp, right: number | bigint): number | bigint | undefined {
  if (op === '^') {
    const power = Math.trunc(Number(left) ** Number(right));
    return Number.isFinite(power) ? power : undefined;
  }
  if (typeof left === 'number' && typeof right === 'number') {
    const result = Math.trunc(calculateFloat(left, op, right));
    if (Number.isSafeInteger(result)) return result + 0;
  }
  return shorten(calculateBig(BigInt(left), op, BigInt(right)));
}

function shorten(value: bigint): number | bigint {
  const short = Number(value);
  return Number.isSafeInteger(short) ? short : value;
}
