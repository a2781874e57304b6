import type { ComparisonOp } from '@spoor/traceql';
import type { AnchoredRegex } from './anchored-regex.ts';
import { compareValues, isNumeric, isTrue, someString, type Value } from './value.ts';

/**
 * A question about one value, asked only of values that are there. The optional parts let columns answer it without
 * building values: they must agree with `accepts`.
 */
export interface ValueTest {
  accepts(value: Value): boolean;
  /** every value is accepted */
  readonly always?: true;
  /** the test compares with a string: of all strings only this one is accepted (or, when `excludes`, every one but this) */
  readonly text?: { readonly value: string; readonly excludes: boolean };
  /** of all strings those are accepted that match (or, when `excludes`, those that do not) */
  readonly regex?: AnchoredRegex & { readonly excludes: boolean };
  /** numbers of any type are accepted when they compare like this with a constant that a `number` holds exactly */
  readonly number?: { readonly op: ComparisonOp; readonly value: number };
}

export const presenceTest: ValueTest = { accepts: () => true, always: true };

export const truthTest: ValueTest = { accepts: isTrue };

export function comparisonTest(op: ComparisonOp, constant: Value): ValueTest {
  const accepts = (value: Value): boolean => compareValues(value, op, constant);
  if (constant.type === 'string' && (op === '=' || op === '!=')) {
    return { accepts, text: { value: constant.value, excludes: op === '!=' } };
  }
  if (isNumeric(constant) && typeof constant.value === 'number') {
    return { accepts, number: { op, value: constant.value } };
  }
  return { accepts };
}

/** `=~`; with `excludes`, `!~`. */
export function regexTest(regex: AnchoredRegex, excludes: boolean): ValueTest {
  return { accepts: (value) => someString(value, regex.matches) === !excludes, regex: { ...regex, excludes } };
}
