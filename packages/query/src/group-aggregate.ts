import type { ColumnSource } from '@spoor/store';
import type { ComparisonOp, Field } from '@spoor/traceql';
import type { BlockScan } from './block-scan.ts';
import { fieldReader } from './field-test.ts';
import type { Aggregate, RowExpression } from './search-plan.ts';
import { forEachBlockOf, type SourceRows } from './source-rows.ts';
import type { TurnTaker } from './turn-taker.ts';
import { compareValues, isNumeric, type Value } from './value.ts';

export interface GroupFilter {
  readonly by: readonly RowExpression[];
  readonly aggregate: Aggregate;
  readonly op: ComparisonOp;
  readonly value: Value;
}

/** Those of the rows whose group has an aggregate, over its rows, that compares so. Groups lie within traces. */
export async function rowsOfGroups(
  source: ColumnSource,
  rows: SourceRows,
  filter: GroupFilter,
  turns: TurnTaker,
): Promise<SourceRows> {
  const { of } = filter.aggregate;
  const totals = new GroupTotals();
  const groups = new Map<string, number>();
  const groupOf = new Uint32Array(source.rowCount);
  await forEachBlockOf(source, rows, turns, async (scan) => {
    const traceRow = await scan.words('traceRow');
    const keys = await Promise.all(filter.by.map((expression) => rowValues(scan, expression)));
    const value = of === undefined ? undefined : await rowValues(scan, of);
    for (let i = 0; i < scan.rowCount; i++) {
      if (rows[scan.firstRow + i] === 0) continue;
      const key = [traceRow[i], ...keys.map((read) => keyOf(read(i)))].join('\u0000');
      let group = groups.get(key);
      if (group === undefined) groups.set(key, (group = totals.open()));
      groupOf[scan.firstRow + i] = group;
      if (value === undefined) totals.count[group]++;
      else totals.add(group, value(i));
    }
  });
  const passed = totals.count.map((_, group) =>
    compareValues(totals.of(filter.aggregate.fn, group), filter.op, filter.value),
  );
  return rows.map((isIn, row) => (isIn === 1 && passed[groupOf[row]] ? 1 : 0));
}

async function rowValues(
  scan: BlockScan,
  { evaluate, fields }: RowExpression,
): Promise<(index: number) => Value | undefined> {
  const readers = new Map<Field, (index: number) => Value | undefined>();
  for (const field of fields) readers.set(field, await (await fieldReader(scan.source, field))(scan));
  return (index) => evaluate((field) => readers.get(field)!(index));
}

/** Equal for equal values; numbers are equal by value whatever their type. A missing value is a group of its own. */
function keyOf(value: Value | undefined): string {
  if (value === undefined) return '';
  if (isNumeric(value)) return `number ${value.value}`;
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}` : part));
}

/** Count, sum and extremes of numbers, by group. What is no number does not count. Sums are floats: exact to 2^53. */
class GroupTotals {
  readonly count: number[] = [];
  readonly #sum: number[] = [];
  readonly #min: number[] = [];
  readonly #max: number[] = [];

  open(): number {
    this.#sum.push(0);
    this.#min.push(Number.POSITIVE_INFINITY);
    this.#max.push(Number.NEGATIVE_INFINITY);
    return this.count.push(0) - 1;
  }

  add(group: number, value: Value | undefined): void {
    if (value === undefined || !isNumeric(value)) return;
    const number = Number(value.value);
    if (Number.isNaN(number)) return;
    this.count[group]++;
    this.#sum[group] += number;
    if (number < this.#min[group]) this.#min[group] = number;
    if (number > this.#max[group]) this.#max[group] = number;
  }

  /** `undefined` over nothing. */
  of(fn: Aggregate['fn'], group: number): Value | undefined {
    const count = this.count[group];
    if (count === 0) return undefined;
    switch (fn) {
      case 'count':
        return { type: 'int', value: count };
      case 'min':
        return { type: 'double', value: this.#min[group] };
      case 'max':
        return { type: 'double', value: this.#max[group] };
      case 'sum':
        return { type: 'double', value: this.#sum[group] };
      case 'avg':
        return { type: 'double', value: this.#sum[group] / count };
    }
  }
}
