import type { Value } from './value.ts';
import type { ValueTest } from './value-test.ts';

/** Makes the value that a number in a column stands for. */
export type NumberWrap = (value: number) => Value;

/** Sets `out[rows[i]]` for each number that the test accepts, where `within` has the row. */
export function acceptNumbers(
  numbers: ArrayLike<number>,
  rows: ArrayLike<number> | undefined,
  wrap: NumberWrap,
  test: ValueTest,
  within: Uint8Array,
  out: Uint8Array,
): void {
  if (test.number !== undefined && wrap !== wrapBool && wrap !== wrapKind && wrap !== wrapStatus) {
    const { below, equal, above, other } = outcomes(test.number.op);
    const constant = test.number.value;
    for (let i = 0; i < numbers.length; i++) {
      const row = rows === undefined ? i : rows[i];
      const value = numbers[i];
      const verdict = value < constant ? below : value > constant ? above : value === constant ? equal : other;
      out[row] |= verdict & within[row];
    }
    return;
  }
  const small = new Uint8Array(8); // verdicts of 0 … 7, for kinds, statuses and booleans; 0 is unknown
  for (let i = 0; i < numbers.length; i++) {
    const row = rows === undefined ? i : rows[i];
    if (within[row] === 0) continue;
    const value = numbers[i];
    let verdict = small[value] ?? 0;
    if (verdict === 0) {
      verdict = test.accepts(wrap(value)) ? 2 : 1;
      if (value >= 0 && value < 8 && Number.isInteger(value) && !Object.is(value, -0)) small[value] = verdict;
    }
    if (verdict === 2) out[row] = 1;
  }
}

export const wrapInt: NumberWrap = (value) => ({ type: 'int', value });
export const wrapDouble: NumberWrap = (value) => ({ type: 'double', value });
export const wrapBool: NumberWrap = (value) => ({ type: 'bool', value: value !== 0 });
export const wrapDuration: NumberWrap = (value) => ({ type: 'duration', value });
export const wrapKind: NumberWrap = (value) => ({ type: 'kind', value });
export const wrapStatus: NumberWrap = (value) => ({ type: 'status', value });

/** What `op` says of a number below, equal to, above the constant, and of a NaN on either side. */
function outcomes(op: NonNullable<ValueTest['number']>['op']): {
  below: number;
  equal: number;
  above: number;
  other: number;
} {
  switch (op) {
    case '=':
      return { below: 0, equal: 1, above: 0, other: 0 };
    case '!=':
      return { below: 1, equal: 0, above: 1, other: 1 };
    case '<':
      return { below: 1, equal: 0, above: 0, other: 0 };
    case '<=':
      return { below: 1, equal: 1, above: 0, other: 0 };
    case '>':
      return { below: 0, equal: 0, above: 1, other: 0 };
    case '>=':
      return { below: 0, equal: 1, above: 1, other: 0 };
  }
}
