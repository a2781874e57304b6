import { calculateFloat } from '@spoor/traceql';
import { PromError } from './prom-error.ts';
import { type BinaryOperator, comparisonOperators, setOperators, type VectorMatching } from './promql-tree.ts';
import { labelsKey, onlyLabels, type PromSeries, type PromValue, withoutLabels, withoutName } from './prom-value.ts';

interface Operation {
  readonly operator: BinaryOperator;
  readonly isBool: boolean;
  readonly matching: VectorMatching;
}

/** @throws {PromError} `execution` when several series of one side have the labels that the two sides are matched by */
export function binary(operation: Operation, left: PromValue, right: PromValue): PromValue {
  if (left.kind === 'scalar' && right.kind === 'scalar') {
    return {
      kind: 'scalar',
      values: left.values.map((value, i) => calculate(operation.operator, value, right.values[i])),
    };
  }
  if (left.kind === 'vector' && right.kind === 'vector') {
    const isSet = (setOperators as readonly string[]).includes(operation.operator);
    const series = isSet
      ? setOperation(operation, left.series, right.series)
      : matched(operation, left.series, right.series);
    return { kind: 'vector', series };
  }
  const [vector, scalar] =
    left.kind === 'vector' ? [left, right] : [right as Extract<PromValue, { kind: 'vector' }>, left];
  const isSwapped = left.kind === 'scalar';
  const series = vector.series.map((one) =>
    combined(operation, one, { values: (scalar as { values: Float64Array }).values }, isSwapped),
  );
  return { kind: 'vector', series: series.filter(({ isPresent }) => isPresent.includes(1)) };
}

/** A series with numbers of the other side; of a comparison that leaves out, the vector's own value stays. */
function combined(
  { operator, isBool }: Operation,
  one: PromSeries,
  other: { readonly values: Float64Array; readonly isPresent?: Uint8Array },
  isSwapped: boolean,
): PromSeries {
  const isFilter = isComparison(operator) && !isBool;
  const values = new Float64Array(one.values.length);
  const isPresent = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    if (one.isPresent[i] === 0 || other.isPresent?.[i] === 0) continue;
    const [left, right] = isSwapped ? [other.values[i], one.values[i]] : [one.values[i], other.values[i]];
    const result = calculate(operator, left, right);
    if (isFilter && result === 0) continue;
    values[i] = isFilter ? one.values[i] : result;
    isPresent[i] = 1;
  }
  return { labels: isFilter ? one.labels : withoutName(one.labels), values, isPresent };
}

function matched(operation: Operation, left: readonly PromSeries[], right: readonly PromSeries[]): PromSeries[] {
  const keyOf = signature(operation.matching);
  const others = new Map<string, PromSeries>();
  for (const one of right) {
    const key = keyOf(one);
    if (others.has(key)) throw manyToMany('right');
    others.set(key, one);
  }
  const seen = new Set<string>();
  const { isOn, labels } = operation.matching;
  const isFilter = isComparison(operation.operator) && !operation.isBool;
  return left.flatMap((one) => {
    const key = keyOf(one);
    const other = others.get(key);
    if (other === undefined) return [];
    if (seen.has(key)) throw manyToMany('left');
    seen.add(key);
    const result = combined(operation, one, other, false);
    if (!result.isPresent.includes(1)) return [];
    if (isFilter) return [result];
    const named = withoutName(one.labels);
    return [{ ...result, labels: isOn ? onlyLabels(named, labels) : withoutLabels(named, labels) }];
  });
}

function manyToMany(side: 'left' | 'right'): PromError {
  return new PromError(
    'execution',
    `found duplicate series for the match group on the ${side} hand-side of the operation: many-to-many matching not allowed: matching labels must be unique on one side`,
  );
}

/** Present where any, or none, of the other side's series with the same labels is. */
function setOperation(
  { operator, matching }: Operation,
  left: readonly PromSeries[],
  right: readonly PromSeries[],
): PromSeries[] {
  if (operator === 'or') return [...left, ...masked(right, left, matching, false)];
  return masked(left, right, matching, operator === 'and');
}

function masked(
  series: readonly PromSeries[],
  others: readonly PromSeries[],
  matching: VectorMatching,
  isWanted: boolean,
): PromSeries[] {
  const keyOf = signature(matching);
  const presence = new Map<string, Uint8Array>();
  for (const other of others) {
    const key = keyOf(other);
    const known = presence.get(key);
    presence.set(key, known === undefined ? other.isPresent : known.map((one, i) => one | other.isPresent[i]));
  }
  return series.flatMap((one) => {
    const there = presence.get(keyOf(one));
    const isPresent = one.isPresent.map((own, i) => (own === 1 && (there?.[i] === 1) === isWanted ? 1 : 0));
    return isPresent.includes(1) ? [{ ...one, isPresent }] : [];
  });
}

function signature({ labels, isOn }: VectorMatching): (series: PromSeries) => string {
  return (one) => labelsKey(isOn ? onlyLabels(one.labels, labels) : withoutLabels(one.labels, ['__name__', ...labels]));
}

function isComparison(operator: BinaryOperator): boolean {
  return (comparisonOperators as readonly string[]).includes(operator);
}

/** Comparisons give 0 or 1. */
function calculate(operator: BinaryOperator, left: number, right: number): number {
  switch (operator) {
    case '==':
      return Number(left === right);
    case '!=':
      return Number(left !== right);
    case '<':
      return Number(left < right);
    case '<=':
      return Number(left <= right);
    case '>':
      return Number(left > right);
    case '>=':
      return Number(left >= right);
    case 'and':
    case 'or':
    case 'unless':
      throw new PromError('internal', `${operator} is not for numbers`);
    default:
      return calculateFloat(left, operator, right);
  }
}
