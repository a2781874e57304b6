import { type Labels, labelsKey, type PromSeries, withoutLabels } from './prom-value.ts';

/** Quantiles of histograms whose buckets are series with the label `le`, as Prometheus works them out. */
export function histogramQuantiles(quantiles: Float64Array, series: readonly PromSeries[]): readonly PromSeries[] {
  const histograms = new Map<string, { readonly labels: Labels; readonly buckets: Bucket[] }>();
  for (const one of series) {
    const bound = boundOf(one.labels.get('le'));
    if (bound === undefined) continue;
    const labels = withoutLabels(one.labels, ['__name__', 'le']);
    const key = labelsKey(labels);
    const known = histograms.get(key);
    if (known === undefined) histograms.set(key, { labels, buckets: [{ bound, series: one }] });
    else known.buckets.push({ bound, series: one });
  }
  return [...histograms.values()].map(({ labels, buckets }) => {
    buckets.sort((a, b) => (a.bound < b.bound ? -1 : 1));
    const isPresent = quantiles.map((_, i) => Number(buckets.some((one) => one.series.isPresent[i] === 1)));
    const values = quantiles.map((quantile, i) => {
      const present = buckets.filter((one) => one.series.isPresent[i] === 1);
      return bucketQuantile(
        quantile,
        present.map(({ bound }) => bound),
        present.map((one) => one.series.values[i]),
      );
    });
    return { labels, values, isPresent: Uint8Array.from(isPresent) };
  });
}

interface Bucket {
  readonly bound: number;
  readonly series: PromSeries;
}

function boundOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const bound = text === '+Inf' ? Infinity : Number(text);
  return text === '' || Number.isNaN(bound) ? undefined : bound;
}

/**
 * The quantile of a histogram, by a straight line within the bucket it falls in.
 * @param bounds  ascending; without the last being infinite there is no answer
 * @param counts  of all up to each bound
 * @returns NaN for an empty histogram; the last finite bound for what is above it
 */
export function bucketQuantile(quantile: number, bounds: readonly number[], counts: readonly number[]): number {
  const last = bounds.length - 1;
  if (Number.isNaN(quantile) || last < 1 || bounds[last] !== Infinity) return Number.NaN;
  if (quantile < 0) return -Infinity;
  if (quantile > 1) return Infinity;
  // Rates of neighbours may differ in their last bits the wrong way round.
  const upTo: number[] = [];
  for (const count of counts) upTo.push(Math.max(count, upTo.at(-1) ?? count));
  const total = upTo[last];
  if (!(total > 0)) return Number.NaN;
  const rank = quantile * total;
  const bucket = upTo.findIndex((count) => count >= rank);
  if (bucket === last) return bounds[last - 1];
  if (bucket === 0 && bounds[0] <= 0) return bounds[0];
  const start = bucket === 0 ? 0 : bounds[bucket - 1];
  const before = bucket === 0 ? 0 : upTo[bucket - 1];
  const inside = upTo[bucket] - before;
  // The first of no observations: at the beginning of the bucket.
  return inside === 0 ? start : start + ((bounds[bucket] - start) * (rank - before)) / inside;
}
