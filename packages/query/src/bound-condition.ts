import type { ColumnSource } from '@spoor/store';
import { type Field, fieldLevel } from '@spoor/traceql';
import { type ColumnTest, testCosts } from './column-test.ts';
import type { Condition, Levels } from './condition.ts';
import type { Evaluator } from './expression.ts';
import { type FieldReader, fieldReader, fieldTest } from './field-test.ts';
import { PartOrder } from './part-order.ts';
import { addRows, countRows, isEmpty, keepRows, type RowMask, withoutRows } from './row-mask.ts';
import { expandedSpace, indexesOf, lengthOfLevel, NONE, type RowSpace } from './row-space.ts';
import type { TurnTaker } from './turn-taker.ts';
import { isTrue, type Value } from './value.ts';

/** A condition bound to one source's columns. What the source can promise as a whole is already folded away. */
export type BoundCondition =
  | { readonly kind: 'constant'; readonly value: boolean; readonly cost: number }
  | { readonly kind: 'and'; readonly order: PartOrder<BoundCondition>; readonly cost: number }
  /** parts are in the order of their costs */
  | { readonly kind: 'or'; readonly parts: readonly BoundCondition[]; readonly cost: number }
  | { readonly kind: 'not'; readonly part: BoundCondition; readonly cost: number }
  | { readonly kind: 'test'; readonly test: ColumnTest; readonly cost: number }
  | {
      readonly kind: 'compute';
      readonly readers: ReadonlyMap<Field, FieldReader>;
      readonly evaluate: Evaluator;
      readonly cost: number;
    }
  | { readonly kind: 'exists'; readonly part: BoundCondition; readonly levels: Levels; readonly cost: number };

/** @throws {OutOfTime} from the turns, as every function here */
export async function bindCondition(
  condition: Condition,
  source: ColumnSource,
  turns: TurnTaker,
): Promise<BoundCondition> {
  switch (condition.kind) {
    case 'constant':
      return constant(condition.value);
    case 'and':
    case 'or':
      return bindParts(condition.kind, condition.parts, source, turns);
    case 'not': {
      const part = await bindCondition(condition.part, source, turns);
      return part.kind === 'constant' ? constant(!part.value) : { kind: 'not', part, cost: part.cost };
    }
    case 'test':
      return bindTest(await fieldTest(source, condition.field, condition.test, turns));
    case 'compute': {
      const readers = new Map<Field, FieldReader>();
      for (const field of condition.fields) readers.set(field, await fieldReader(source, field));
      return { kind: 'compute', readers, evaluate: condition.evaluate, cost: testCosts.computed };
    }
    case 'exists': {
      const part = await bindCondition(condition.part, source, turns);
      if (part.kind === 'constant') return part;
      return { kind: 'exists', part, levels: condition.levels, cost: testCosts.exists + part.cost };
    }
  }
}

function constant(value: boolean): BoundCondition {
  return { kind: 'constant', value, cost: 0 };
}

/** An event's or link's test that always passes still fails where a span has none, so that promise stays open. */
function bindTest(test: ColumnTest): BoundCondition {
  if (test.promise === 'never') return constant(false);
  if (test.promise === 'always' && test.level === 'span') return constant(true);
  return { kind: 'test', test, cost: test.cost };
}

async function bindParts(
  kind: 'and' | 'or',
  conditions: readonly Condition[],
  source: ColumnSource,
  turns: TurnTaker,
): Promise<BoundCondition> {
  const deciding = kind === 'or';
  const parts: BoundCondition[] = [];
  for (const condition of conditions) {
    await turns.turn();
    const part = await bindCondition(condition, source, turns);
    if (part.kind !== 'constant') parts.push(part);
    else if (part.value === deciding) return part;
  }
  if (parts.length === 0) return constant(!deciding);
  if (parts.length === 1) return parts[0];
  const cost = parts.reduce((sum, part) => sum + part.cost, 0);
  if (kind === 'and') return { kind, order: new PartOrder(parts), cost };
  return { kind, parts: parts.sort((a, b) => a.cost - b.cost), cost };
}

/** An expression may be long. */
const ROWS_A_TURN = 256;

/** The rows of `within` for which the condition holds. Columns that cannot change the answer are not fetched. */
export async function rowsWhere(bound: BoundCondition, space: RowSpace, within: RowMask): Promise<RowMask> {
  switch (bound.kind) {
    case 'constant':
      return bound.value ? within.slice() : new Uint8Array(within.length);
    case 'and':
      return rowsOfAll(bound.order, space, within);
    case 'or': {
      const rows = new Uint8Array(within.length);
      let open = within;
      for (const part of bound.parts) {
        await space.turns.turn();
        addRows(rows, await rowsWhere(part, space, open));
        open = withoutRows(within, rows);
        if (isEmpty(open)) break;
      }
      return rows;
    }
    case 'not':
      return withoutRows(within, await rowsWhere(bound.part, space, within));
    case 'test':
      return testRows(bound.test, space, within);
    case 'compute':
      return computeRows(bound.readers, bound.evaluate, space, within);
    case 'exists':
      return existsRows(bound.part, bound.levels, space, within);
  }
}

async function rowsOfAll(order: PartOrder<BoundCondition>, space: RowSpace, within: RowMask): Promise<RowMask> {
  const rowCount = order.isOpen ? countRows(within) : 0;
  if (!order.wantsTrial(rowCount)) {
    let rows = within;
    for (const part of order.parts) {
      await space.turns.turn();
      rows = await rowsWhere(part, space, rows);
      if (isEmpty(rows)) break;
    }
    return rows;
  }
  const rows = within.slice();
  const passedRows: number[] = [];
  for (const part of order.parts) {
    const passed = await rowsWhere(part, space, within);
    passedRows.push(countRows(passed));
    keepRows(rows, passed);
  }
  order.settle(passedRows, rowCount);
  return rows;
}

/** Asks the test about the spans, events or links that the rows are about, and spreads its answer over the rows. */
async function testRows(test: ColumnTest, space: RowSpace, within: RowMask): Promise<RowMask> {
  const indexes = indexesOf(space, test.level);
  if (indexes === undefined) return test.rows(space.scan, within);
  const asked = new Uint8Array(await lengthOfLevel(space.scan, test.level));
  for (let i = 0; i < within.length; i++) if (within[i] === 1 && indexes[i] !== NONE) asked[indexes[i]] = 1;
  const out = new Uint8Array(within.length);
  if (isEmpty(asked)) return out;
  const passed = await test.rows(space.scan, asked);
  for (let i = 0; i < within.length; i++) if (within[i] === 1 && indexes[i] !== NONE) out[i] = passed[indexes[i]]!;
  return out;
}

async function computeRows(
  readers: ReadonlyMap<Field, FieldReader>,
  evaluate: Evaluator,
  space: RowSpace,
  within: RowMask,
): Promise<RowMask> {
  let row = 0;
  const getters = new Map<Field, () => Value | undefined>();
  for (const [field, reader] of readers) {
    const read = await reader(space.scan);
    const indexes = indexesOf(space, fieldLevel(field));
    getters.set(field, () => {
      const index = indexes === undefined ? row : indexes[row];
      return index === NONE ? undefined : read(index);
    });
  }
  const get = (field: Field): Value | undefined => getters.get(field)!();
  const out = new Uint8Array(within.length);
  for (row = 0; row < within.length; row++) {
    if (row % ROWS_A_TURN === 0) await space.turns.turn();
    if (within[row] === 1 && isTrue(evaluate(get))) out[row] = 1;
  }
  return out;
}

async function existsRows(part: BoundCondition, levels: Levels, space: RowSpace, within: RowMask): Promise<RowMask> {
  const expanded = await expandedSpace(space, within, levels);
  const passed = await rowsWhere(part, expanded, new Uint8Array(expanded.length).fill(1));
  const out = new Uint8Array(within.length);
  for (let i = 0; i < passed.length; i++) if (passed[i] === 1) out[expanded.span![i]] = 1;
  return out;
}
