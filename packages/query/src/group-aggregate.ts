import type { ColumnSource } from '@spoor/store';
import { numberField } from './field-number.ts';
import { type NumberWrap, type Numbers, wrapDuration } from './number-verdicts.ts';
import { type RowExpression, rowValues } from './row-expression.ts';
import type { RowGroups } from './row-groups.ts';
import type { Aggregate } from './spans-plan.ts';
import { forEachBlockOf, type SourceRows } from './source-rows.ts';
import type { TurnTaker } from './turn-taker.ts';
import { isNumeric, type Value } from './value.ts';

/** A value for each group; `undefined` when there is none. */
export interface GroupValues {
  of(group: number): Value | undefined;
  /** the same as numbers, when they are known as such; NaN where there is none */
  readonly numbers?: Uint32Array | Float64Array | undefined;
}

/** An aggregate over the rows of each group. */
export async function aggregateGroups(
  source: ColumnSource,
  rows: SourceRows,
  { groupOf, count, rowCount }: RowGroups,
  { fn, of }: Aggregate,
  turns: TurnTaker,
): Promise<GroupValues> {
  if (of === undefined) return { of: (group) => ({ type: 'int', value: rowCount[group] }), numbers: rowCount };
  const totals = new GroupTotals(count);
  await forEachBlockOf(source, rows, turns, async (scan) => {
    const numbers = await plainNumbers(scan, of);
    if (numbers !== undefined) return totals.addNumbers(numbers.numbers, numbers.wrap, rows, scan.firstRow, groupOf);
    const valueOf = await rowValues(scan, of);
    for (let i = 0; i < scan.rowCount; i++) {
      if (rows[scan.firstRow + i] === 1) totals.add(groupOf[scan.firstRow + i], valueOf(i));
    }
  });
  return { of: (group) => totals.of(fn, group), numbers: totals.numbers(fn) };
}

/** Intrinsics that every span has, without a value made for each. */
async function plainNumbers(
  scan: Parameters<typeof rowValues>[0],
  { field }: RowExpression,
): Promise<{ readonly numbers: Numbers; readonly wrap: NumberWrap } | undefined> {
  if (field?.kind !== 'intrinsic') return undefined;
  const found = numberField(field);
  if (found === undefined || found.level !== 'span') return undefined;
  return isNumeric(found.wrap(0)) ? { numbers: await found.load(scan), wrap: found.wrap } : undefined;
}

/** What types of numbers a group has. */
const INT = 1;
const DURATION = 2;
const FLOAT = 4;

const typeBits = Object.freeze({ int: INT, duration: DURATION, double: FLOAT });

/** Count, sum and extremes of numbers, by group. What is no number does not count. Sums are floats: exact to 2^53. */
class GroupTotals {
  readonly #count: Uint32Array;
  readonly #sum: Float64Array;
  readonly #min: Float64Array;
  readonly #max: Float64Array;
  readonly #types: Uint8Array;

  constructor(groupCount: number) {
    this.#count = new Uint32Array(groupCount);
    this.#sum = new Float64Array(groupCount);
    this.#min = new Float64Array(groupCount).fill(Number.POSITIVE_INFINITY);
    this.#max = new Float64Array(groupCount).fill(Number.NEGATIVE_INFINITY);
    this.#types = new Uint8Array(groupCount);
  }

  add(group: number, value: Value | undefined): void {
    if (value === undefined || !isNumeric(value)) return;
    const number = Number(value.value);
    if (!Number.isNaN(number)) this.#addNumber(group, number, typeBits[value.type]);
  }

  /** @param numbers  of a block that begins with `firstRow`; none of them is NaN */
  addNumbers(numbers: Numbers, wrap: NumberWrap, rows: SourceRows, firstRow: number, groupOf: Uint32Array): void {
    const type = wrap === wrapDuration ? DURATION : INT;
    for (let i = 0, row = firstRow; i < numbers.length && row < rows.length; i++, row++) {
      if (rows[row] === 1) this.#addNumber(groupOf[row], numbers[i], type);
    }
  }

  #addNumber(group: number, number: number, type: number): void {
    this.#count[group]++;
    this.#sum[group] += number;
    this.#types[group] |= type;
    if (number < this.#min[group]) this.#min[group] = number;
    if (number > this.#max[group]) this.#max[group] = number;
  }

  /** NaN over nothing. */
  numbers(fn: Aggregate['fn']): Uint32Array | Float64Array {
    const count = this.#count;
    switch (fn) {
      case 'count':
        return count;
      case 'min':
        return this.#min.map((value, group) => (count[group] === 0 ? Number.NaN : value));
      case 'max':
        return this.#max.map((value, group) => (count[group] === 0 ? Number.NaN : value));
      case 'sum':
        return this.#sum.map((value, group) => (count[group] === 0 ? Number.NaN : value));
      case 'avg':
        return this.#sum.map((value, group) => value / count[group]);
    }
  }

  /** `undefined` over nothing. Integers give integers and durations durations, but for the mean of integers. */
  of(fn: Aggregate['fn'], group: number): Value | undefined {
    const count = this.#count[group];
    if (count === 0) return undefined;
    const types = this.#types[group];
    switch (fn) {
      case 'count':
        return { type: 'int', value: count };
      case 'min':
        return typed(types, this.#min[group]);
      case 'max':
        return typed(types, this.#max[group]);
      case 'sum':
        return typed(types, this.#sum[group]);
      case 'avg':
        return { type: types === DURATION ? 'duration' : 'double', value: this.#sum[group] / count };
    }
  }
}

function typed(types: number, value: number): Value {
  if (types === INT && Number.isSafeInteger(value)) return { type: 'int', value };
  return { type: types === DURATION ? 'duration' : 'double', value };
}
