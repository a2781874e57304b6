import type { ColumnSource } from '@spoor/store';
import type { ComparisonOp, Field } from '@spoor/traceql';
import { fieldReader } from './field-test.ts';
import type { Aggregate } from './search-plan.ts';
import { forEachBlockOf, type SourceRows } from './source-rows.ts';
import type { TurnTaker } from './turn-taker.ts';
import { compareValues, isNumeric, type Value } from './value.ts';

/** Which of the traces of the rows have an aggregate, over their rows, that compares so: 1 by trace row. */
export async function tracesWhere(
  source: ColumnSource,
  rows: SourceRows,
  filter: { readonly aggregate: Aggregate; readonly op: ComparisonOp; readonly value: Value },
  turns: TurnTaker,
): Promise<Uint8Array> {
  const totals = new TraceTotals(source.traceCount);
  await forEachBlockOf(source, rows, turns, async (scan) => {
    const traceRow = await scan.words('traceRow');
    const readers = new Map<Field, (index: number) => Value | undefined>();
    for (const field of filter.aggregate.fields) readers.set(field, await (await fieldReader(source, field))(scan));
    const { evaluate } = filter.aggregate;
    for (let i = 0; i < scan.rowCount; i++) {
      if (rows[scan.firstRow + i] === 0) continue;
      if (evaluate === undefined) totals.count[traceRow[i]]++;
      else
        totals.add(
          traceRow[i],
          evaluate((field) => readers.get(field)!(i)),
        );
    }
  });
  const passed = new Uint8Array(source.traceCount);
  for (let trace = 0; trace < passed.length; trace++) {
    if (compareValues(totals.of(filter.aggregate.fn, trace), filter.op, filter.value)) passed[trace] = 1;
  }
  return passed;
}

/** Count, sum and extremes of numbers, by trace row. What is no number does not count. Sums are floats: exact to 2^53. */
class TraceTotals {
  readonly count: Float64Array;
  readonly #sum: Float64Array;
  readonly #min: Float64Array;
  readonly #max: Float64Array;

  constructor(traceCount: number) {
    this.count = new Float64Array(traceCount);
    this.#sum = new Float64Array(traceCount);
    this.#min = new Float64Array(traceCount).fill(Number.POSITIVE_INFINITY);
    this.#max = new Float64Array(traceCount).fill(Number.NEGATIVE_INFINITY);
  }

  add(trace: number, value: Value | undefined): void {
    if (value === undefined || !isNumeric(value)) return;
    const number = Number(value.value);
    if (Number.isNaN(number)) return;
    this.count[trace]++;
    this.#sum[trace] += number;
    if (number < this.#min[trace]) this.#min[trace] = number;
    if (number > this.#max[trace]) this.#max[trace] = number;
  }

  /** `undefined` over nothing; a count over nothing is for traces without any row, which are none of the answer. */
  of(fn: Aggregate['fn'], trace: number): Value | undefined {
    const count = this.count[trace];
    if (count === 0) return undefined;
    switch (fn) {
      case 'count':
        return { type: 'int', value: count };
      case 'min':
        return { type: 'double', value: this.#min[trace] };
      case 'max':
        return { type: 'double', value: this.#max[trace] };
      case 'sum':
        return { type: 'double', value: this.#sum[trace] };
      case 'avg':
        return { type: 'double', value: this.#sum[trace] / count };
    }
  }
}
