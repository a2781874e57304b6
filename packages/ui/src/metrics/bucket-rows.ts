import type { Series } from './metrics-data.ts';

/** A row of a histogram's picture. */
export interface BucketRow {
  /** its upper bound */
  readonly upper: number;
  readonly values: Series['values'];
}

/**
 * Every power of two from the lowest bucket to the highest, those without spans too, or the picture would have no scale;
 * below them the bucket of zero, where there is one.
 */
export function bucketRows(series: readonly Series[]): readonly BucketRow[] {
  const buckets = series.map(({ labels, values }) => ({ upper: Number(labels[0].text), values }));
  const zero = buckets.filter(({ upper }) => upper === 0);
  const known = new Map(buckets.filter(({ upper }) => upper > 0).map((each) => [exponentOf(each.upper), each]));
  if (known.size === 0) return zero;
  const low = Math.min(...known.keys());
  const high = Math.max(...known.keys());
  const nothing = series[0].values.map(() => null);
  const lowest = known.get(low)!.upper;
  const rows = Array.from({ length: high - low + 1 }, (_, i) => ({
    upper: lowest * 2 ** i,
    values: known.get(low + i)?.values ?? nothing,
  }));
  return [...zero, ...rows];
}

function exponentOf(upper: number): number {
  return Math.round(Math.log2(upper));
}
