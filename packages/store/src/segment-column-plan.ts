import { assert } from '@spoor/model';
import type { LevelTables } from './segment-columns.ts';
import type { StoredColumn } from './segment-footer.ts';

/** Where a template has a column's value: nowhere, with itself, or in the column. */
export const Kind = Object.freeze({ absent: 0, constant: 1, varying: 2 });

/** The rows of a block by template (or shape): of key keys[k], ascending, rows[start[k]] … rows[start[k + 1]]. */
export interface KeyRows {
  readonly keys: Uint32Array;
  readonly start: Uint32Array;
  readonly rows: Uint32Array;
}

export function rowsByKey(key: Uint32Array): KeyRows {
  const placeOf = new Map<number, number>();
  const place = new Uint32Array(key.length);
  const counts: number[] = [];
  for (let row = 0; row < key.length; row++) {
    let k = placeOf.get(key[row]);
    if (k === undefined) placeOf.set(key[row], (k = counts.push(0) - 1));
    place[row] = k;
    counts[k]++;
  }
  const start = new Uint32Array(counts.length + 1);
  for (let k = 0; k < counts.length; k++) start[k + 1] = start[k] + counts[k];
  const next = start.slice(0, -1);
  const rows = new Uint32Array(key.length);
  for (let row = 0; row < key.length; row++) rows[next[place[row]]++] = row;
  return { keys: Uint32Array.from(placeOf.keys()), start, rows };
}

/** Of fewer than one row in so many, the rows are gathered template by template. */
const SPARSE_ROWS = 12;

/** The rows, ascending, whose key is of any kind but `absent`. */
export function rowsWithKind(kind: Uint8Array, key: Uint32Array, { keys, start, rows }: KeyRows): Uint32Array {
  let count = 0;
  for (let k = 0; k < keys.length; k++) if (kind[keys[k]] !== Kind.absent) count += start[k + 1] - start[k];
  const found = new Uint32Array(count);
  if (count === 0) return found;
  let end = 0;
  if (SPARSE_ROWS * count > key.length) {
    for (let row = 0; row < key.length; row++) if (kind[key[row]] !== Kind.absent) found[end++] = row;
    return found;
  }
  let parts = 0;
  for (let k = 0; k < keys.length; k++) {
    if (kind[keys[k]] === Kind.absent) continue;
    found.set(rows.subarray(start[k], start[k + 1]), end);
    end += start[k + 1] - start[k];
    parts++;
  }
  return parts === 1 ? found : found.sort();
}

interface ColumnPlan {
  /** per template, or per shape where the shape is no member of the template */
  readonly kind: Uint8Array;
  /** of the constant ones: place in the dictionary, or the number */
  readonly value: Float64Array;
}

/** Where each template has a column's value. */
export function columnPlan(
  { shapes, templates }: LevelTables,
  column: StoredColumn,
  dictionary: Uint32Array | undefined,
): ColumnPlan {
  const { slots } = templates;
  const shapeOf = slots === undefined ? undefined : templates.members[0]!;
  const size = shapeOf?.length ?? shapes.start.length - 1;
  const plan = { kind: new Uint8Array(size), value: new Float64Array(size) };
  for (let k = 0; k < size; k++) {
    const shape = shapeOf === undefined ? k : shapeOf[k];
    const from = shapes.start[shape];
    const j = shapes.column.subarray(from, shapes.start[shape + 1]).indexOf(column.index);
    if (j < 0) continue;
    if (slots === undefined || slots.isVarying[slots.start[k] + j] === 1) {
      plan.kind[k] = Kind.varying;
    } else {
      const value = slots.value[slots.start[k] + j];
      plan.kind[k] = Kind.constant;
      plan.value[k] = dictionary === undefined ? value : placeOfCode(dictionary, value);
    }
  }
  return plan;
}

function placeOfCode(dictionary: Uint32Array, code: number): number {
  let low = 0;
  let high = dictionary.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (dictionary[middle] < code) low = middle + 1;
    else high = middle;
  }
  assert(dictionary[low] === code, "a constant is in its column's dictionary");
  return low;
}
