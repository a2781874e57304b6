import { PromError } from './prom-error.ts';
import type { AggregateFunction } from './promql-tree.ts';
import { type Labels, labelsKey, onlyLabels, type PromSeries, withoutLabels } from './prom-value.ts';

export interface Grouping {
  readonly labels: readonly string[];
  readonly isWithout: boolean;
}

/** Sums, extremes and counts of groups of series, step by step. */
export function aggregate(
  fn: AggregateFunction,
  grouping: Grouping,
  series: readonly PromSeries[],
  parameter: Float64Array | undefined,
): readonly PromSeries[] {
  const groups = groupsOf(grouping, series);
  if (fn === 'topk' || fn === 'bottomk') {
    return [...groups.values()].flatMap(({ members }) => ranked(members, parameter!, fn === 'topk'));
  }
  return [...groups.values()].map(({ labels, members }) => ({ labels, ...combined(fn, members) }));
}

interface Group {
  readonly labels: Labels;
  readonly members: PromSeries[];
}

function groupsOf({ labels: names, isWithout }: Grouping, series: readonly PromSeries[]): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>();
  for (const one of series) {
    const labels = isWithout ? withoutLabels(one.labels, ['__name__', ...names]) : onlyLabels(one.labels, names);
    const key = labelsKey(labels);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { labels, members: [one] });
    else group.members.push(one);
  }
  return groups;
}

function combined(
  fn: Exclude<AggregateFunction, 'topk' | 'bottomk'>,
  members: readonly PromSeries[],
): Pick<PromSeries, 'values' | 'isPresent'> {
  const length = members[0].values.length;
  const values = new Float64Array(length);
  const counts = new Uint32Array(length);
  for (const { values: added, isPresent } of members) {
    for (let i = 0; i < length; i++) {
      if (isPresent[i] === 0) continue;
      counts[i]++;
      values[i] = counts[i] === 1 ? added[i] : combine(fn, values[i], added[i]);
    }
  }
  for (let i = 0; i < length; i++) {
    if (fn === 'avg' && counts[i] > 0) values[i] /= counts[i];
    if (fn === 'count') values[i] = counts[i];
    if (fn === 'group') values[i] = 1;
  }
  return { values, isPresent: Uint8Array.from(counts, (count) => (count > 0 ? 1 : 0)) };
}

/** A NaN gives way to any number in extremes, as in Prometheus. */
function combine(fn: Exclude<AggregateFunction, 'topk' | 'bottomk'>, left: number, right: number): number {
  switch (fn) {
    case 'min':
      return Number.isNaN(left) || right < left ? right : left;
    case 'max':
      return Number.isNaN(left) || right > left ? right : left;
    default:
      return left + right;
  }
}

/** The members that are among the first `counts[i]` at a step keep their value there. NaN comes last. */
function ranked(members: readonly PromSeries[], counts: Float64Array, isTop: boolean): readonly PromSeries[] {
  const kept = members.map(({ isPresent }) => new Uint8Array(isPresent.length));
  for (let step = 0; step < counts.length; step++) {
    if (Number.isNaN(counts[step])) throw new PromError('execution', 'the number of series to keep is NaN');
    const present = members.flatMap(({ isPresent }, i) => (isPresent[step] === 1 ? [i] : []));
    present.sort((a, b) => compareRank(members[a].values[step], members[b].values[step], isTop));
    for (const i of present.slice(0, Math.max(0, Math.trunc(counts[step])))) kept[i][step] = 1;
  }
  return members.flatMap((one, i) => (kept[i].includes(1) ? [{ ...one, isPresent: kept[i] }] : []));
}

export function compareRank(a: number, b: number, isDescending: boolean): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  if (a === b) return 0;
  return a > b === isDescending ? -1 : 1;
}
