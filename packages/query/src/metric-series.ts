import type { Attribute } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import { calculateFloat, type ComparisonOp, type SecondStage, type Static } from '@spoor/traceql';
import { compareLabels, labelsKey } from './metric-label.ts';

/** A span that may become an exemplar: where it lies, and what it says. */
export interface ExemplarSpan {
  readonly source: ColumnSource;
  readonly row: number;
  readonly interval: number;
  /** `undefined`: the span's duration */
  readonly value: number | undefined;
}

/** A series while it is calculated with. */
export interface Series {
  readonly labels: readonly Attribute[];
  /** one for each interval; NaN where there is none */
  readonly values: Float64Array;
  readonly exemplars: readonly ExemplarSpan[];
}

/** Counts of spans that there are, made when somebody looks at them: of thousands of series, most are left out of an answer. */
export class CountSeries implements Series {
  readonly labels: readonly Attribute[];
  readonly exemplars: readonly ExemplarSpan[];
  readonly #make: () => Float64Array;
  #values: Float64Array | undefined;

  constructor(labels: readonly Attribute[], exemplars: readonly ExemplarSpan[], make: () => Float64Array) {
    this.labels = labels;
    this.exemplars = exemplars;
    this.#make = make;
  }

  get values(): Float64Array {
    return (this.#values ??= this.#make());
  }
}

/** Stages after a function: each drops points, and the series that have none left. Infinities can have left none already. */
export function applySecond(series: readonly Series[], stages: readonly SecondStage[]): readonly Series[] {
  let kept = withPoints(series);
  for (const stage of stages) {
    kept = stage.kind === 'threshold' ? withinThreshold(kept, stage.op, numberOf(stage.value)) : best(kept, stage);
    kept = withPoints(kept);
  }
  return kept;
}

/** Durations are seconds, as they are in series. */
export function numberOf(value: Static): number {
  if (value.type === 'duration') return value.value / 1e9;
  return value.type === 'int' || value.type === 'float' ? Number(value.value) : Number.NaN;
}

function withinThreshold(series: readonly Series[], op: ComparisonOp, limit: number): readonly Series[] {
  return series.map((each) => ({
    ...each,
    values: each.values.map((value) => (holds(value, op, limit) ? value : Number.NaN)),
  }));
}

function holds(value: number, op: ComparisonOp, limit: number): boolean {
  if (Number.isNaN(value)) return false;
  switch (op) {
    case '=':
      return value === limit;
    case '!=':
      return value !== limit;
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
  }
}

/** Of equal values, the first by labels is the larger one. */
function best(
  series: readonly Series[],
  { kind, count }: Extract<SecondStage, { kind: 'topk' | 'bottomk' }>,
): readonly Series[] {
  const sorted = [...series].sort((a, b) => compareLabels(a.labels, b.labels));
  if (kind === 'bottomk') sorted.reverse();
  const kept = sorted.map(({ values }) => new Float64Array(values.length).fill(Number.NaN));
  const width = sorted[0]?.values.length ?? 0;
  for (let interval = 0; interval < width; interval++) {
    const present = [...sorted.keys()].filter((i) => !Number.isNaN(sorted[i].values[interval]));
    const valueOf = (i: number): number => sorted[i].values[interval];
    // Sorting is stable, so that ties stay in the order of labels.
    present.sort((a, b) => order(valueOf(a), valueOf(b)) * (kind === 'topk' ? -1 : 1));
    for (const i of present.slice(0, count)) kept[i][interval] = valueOf(i);
  }
  return sorted.map((each, i) => ({ ...each, values: kept[i] }));
}

function order(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export type MetricsOp = '+' | '-' | '*' | '/';

/**
 * Calculates series with series: those with equal labels are a pair, and a side that has a single series without labels
 * is paired with every one of the other side.
 */
export function joinSeries(left: readonly Series[], op: MetricsOp, right: readonly Series[]): readonly Series[] {
  const joined: Series[] = [];
  const ofRight = new Map(right.map((series) => [labelsKey(withoutName(series.labels)), series]));
  const unlabelledLeft = left.length === 1 && isUnlabelled(left[0]) ? left[0] : undefined;
  const unlabelledRight = right.length === 1 && isUnlabelled(right[0]) ? right[0] : undefined;
  if (unlabelledLeft !== undefined && unlabelledRight === undefined) {
    for (const series of right) joined.push(calculated(unlabelledLeft, op, series, series.labels));
    return withPoints(joined);
  }
  for (const series of left) {
    const other = unlabelledRight ?? ofRight.get(labelsKey(withoutName(series.labels)));
    if (other === undefined) continue;
    const labels = isUnlabelled(series) ? nameLabels(`(${nameOf(series)} ${op} ${nameOf(other)})`) : series.labels;
    joined.push(calculated(series, op, other, labels));
  }
  return withPoints(joined);
}

/** Calculates each value with a constant, which stands left or right of the operator. */
export function scaleSeries(
  series: readonly Series[],
  op: MetricsOp,
  constant: number,
  side: 'left' | 'right',
): readonly Series[] {
  const scaled = series.map((each) => ({
    ...each,
    values: each.values.map((value) =>
      side === 'left' ? calculate(constant, op, value) : calculate(value, op, constant),
    ),
  }));
  return withPoints(scaled);
}

function calculated(a: Series, op: MetricsOp, b: Series, labels: readonly Attribute[]): Series {
  const values = a.values.map((value, i) => calculate(value, op, b.values[i]));
  return { labels, values, exemplars: [...a.exemplars, ...b.exemplars] };
}

/** Division by zero has no value. */
function calculate(a: number, op: MetricsOp, b: number): number {
  const value = calculateFloat(a, op, b);
  return Number.isFinite(value) ? value : Number.NaN;
}

function withPoints(series: readonly Series[]): readonly Series[] {
  return series.filter((one) => one instanceof CountSeries || one.values.some((value) => !Number.isNaN(value)));
}

const NAME = '__name__';

export function nameLabels(name: string): readonly Attribute[] {
  return [{ key: NAME, value: { type: 'string', value: name } }];
}

function withoutName(labels: readonly Attribute[]): readonly Attribute[] {
  return labels.filter(({ key }) => key !== NAME);
}

function isUnlabelled({ labels }: Series): boolean {
  return labels.every(({ key }) => key === NAME);
}

function nameOf({ labels }: Series): string {
  const label = labels.find(({ key }) => key === NAME)?.value;
  return label?.type === 'string' ? label.value : '';
}
