import { type ColumnSource, NO_ROW } from '@spoor/store';
import { type BlockRows, fieldNumbers, type FieldNumbers } from './field-numbers.ts';
import { PairNumbers } from './pair-numbers.ts';
import { type RowExpression, rowValues } from './row-expression.ts';
import { rowsOf } from './row-mask.ts';
import { forEachBlockOf, type SourceRows } from './source-rows.ts';
import type { TurnTaker } from './turn-taker.ts';
import { ValueCodes } from './value-codes.ts';

/** Rows of a source in groups that lie within traces each. */
export interface RowGroups {
  /** by row; of the rows that were grouped */
  readonly groupOf: Uint32Array;
  readonly count: number;
  /** by group */
  readonly traceRow: Uint32Array;
  /** by group */
  readonly rowCount: Uint32Array;
}

/**
 * Groups the rows by trace, and by the expressions' values within it; a missing value is a value of its own. Numbers of
 * groups ascend with the traces.
 * @param source  ordered: a trace's rows are side by side
 */
export async function groupRows(
  source: ColumnSource,
  rows: SourceRows,
  by: readonly RowExpression[],
  turns: TurnTaker,
): Promise<RowGroups> {
  const tuplesOf = await tupleNumbers(source, by);
  const groupOf = new Uint32Array(source.rowCount);
  const groups = new TraceGroups(source.traceCount);
  await forEachBlockOf(source, rows, turns, async (scan) => {
    const traceRow = await scan.words('traceRow');
    const mask = rows.slice(scan.firstRow, scan.firstRow + scan.rowCount);
    const asked = rowsOf(mask);
    const tuples = await tuplesOf({ scan, mask, rows: asked });
    groups.add(traceRow, asked, tuples, groupOf, scan.firstRow);
  });
  return { groupOf, count: groups.count, traceRow: groups.traceRow, rowCount: groups.rowCount };
}

/** Numbers of the tuples of the expressions' values, by row that is asked for. */
async function tupleNumbers(source: ColumnSource, by: readonly RowExpression[]): Promise<FieldNumbers> {
  if (by.length === 0) return async ({ rows }) => new Uint32Array(rows.length);
  const readers: FieldNumbers[] = [];
  for (const expression of by) readers.push(await valueNumbers(source, expression));
  const pairs = by.slice(1).map(() => new PairNumbers(Number.POSITIVE_INFINITY));
  return async (block) => {
    const tuples = await readers[0](block);
    for (let k = 1; k < readers.length; k++) {
      const next = await readers[k](block);
      for (let i = 0; i < tuples.length; i++) tuples[i] = pairs[k - 1].of(tuples[i], next[i]);
    }
    return tuples;
  };
}

async function valueNumbers(source: ColumnSource, expression: RowExpression): Promise<FieldNumbers> {
  const values = new ValueCodes();
  if (expression.field !== undefined) return fieldNumbers(source, expression.field, values);
  return async ({ scan, rows }: BlockRows) => {
    const valueOf = await rowValues(scan, expression);
    return Uint32Array.from(rows, (row) => values.of(valueOf(row)));
  };
}

/** Numbers (trace, tuple), as rows come trace by trace. */
class TraceGroups {
  #traceRow: Uint32Array<ArrayBuffer>;
  #rowCount: Uint32Array<ArrayBuffer>;
  #count = 0;
  /** by tuple: the last trace that had it, and its group there */
  #traceAt = new Uint32Array(0);
  #groupAt = new Uint32Array(0);

  constructor(traceCount: number) {
    this.#traceRow = new Uint32Array(traceCount);
    this.#rowCount = new Uint32Array(traceCount);
  }

  get count(): number {
    return this.#count;
  }

  get traceRow(): Uint32Array {
    return this.#traceRow.subarray(0, this.#count);
  }

  get rowCount(): Uint32Array {
    return this.#rowCount.subarray(0, this.#count);
  }

  add(
    traceRow: Uint32Array | Int32Array,
    rows: Uint32Array,
    tuples: Uint32Array,
    groupOf: Uint32Array,
    firstRow: number,
  ): void {
    this.#reserve(tuples);
    const traceAt = this.#traceAt;
    const groupAt = this.#groupAt;
    const rowCount = this.#rowCount;
    for (let i = 0; i < rows.length; i++) {
      const trace = traceRow[rows[i]];
      const tuple = tuples[i];
      if (traceAt[tuple] !== trace) {
        traceAt[tuple] = trace;
        groupAt[tuple] = this.#count;
        this.#traceRow[this.#count++] = trace;
      }
      const group = groupAt[tuple];
      rowCount[group]++;
      groupOf[firstRow + rows[i]] = group;
    }
  }

  /** Room for a group a row, and for the tuples. */
  #reserve(tuples: Uint32Array): void {
    if (this.#count + tuples.length > this.#traceRow.length) {
      this.#traceRow = lengthened(this.#traceRow, this.#count + tuples.length, 0);
      this.#rowCount = lengthened(this.#rowCount, this.#count + tuples.length, 0);
    }
    let last = 0;
    for (let i = 0; i < tuples.length; i++) if (tuples[i] > last) last = tuples[i];
    if (last < this.#traceAt.length) return;
    this.#traceAt = lengthened(this.#traceAt, last + 1, NO_ROW);
    this.#groupAt = lengthened(this.#groupAt, last + 1, 0);
  }
}

function lengthened(words: Uint32Array, length: number, fill: number): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(Math.max(length, 2 * words.length)).fill(fill);
  longer.set(words);
  return longer;
}
