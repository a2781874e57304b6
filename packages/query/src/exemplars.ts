import type { ExemplarSpan, Series } from './metric-series.ts';
import type { Exemplar, MetricSeries } from './trace-store.ts';

/**
 * Series with at most `countMax` exemplars: of each series in turn one more, spread evenly over its time. Their spans are
 * read now.
 */
export async function withExemplars(series: readonly Series[], countMax: number): Promise<MetricSeries[]> {
  const counts = sharesOf(
    series.map(({ exemplars }) => exemplars.length),
    countMax,
  );
  const chosen = series.map(({ exemplars }, i) => spread(exemplars, counts[i]));
  const bySource = Map.groupBy(chosen.flat(), ({ source }) => source);
  const read = new Map<ExemplarSpan, Exemplar>();
  for (const [source, spans] of bySource) {
    const sorted = spans.toSorted((a, b) => a.row - b.row);
    const distinct = Uint32Array.from(new Set(sorted.map(({ row }) => row)));
    const found = await source.spans(distinct);
    const byRow = new Map(Array.from(distinct, (row, i) => [row, found[i]]));
    for (const span of sorted) {
      const { traceId, spanId, startTimeUnixNano, endTimeUnixNano } = byRow.get(span.row)!;
      const value = span.value ?? Math.max(0, Number(endTimeUnixNano - startTimeUnixNano)) / 1e9;
      read.set(span, { traceId, spanId, time: startTimeUnixNano, value });
    }
  }
  return series.map(({ labels, values }, i) => ({
    labels,
    values,
    exemplars: chosen[i].map((span) => read.get(span)!),
  }));
}

/** How many each may have so that all together have `countMax`: who has few leaves more to the others. */
function sharesOf(counts: readonly number[], countMax: number): readonly number[] {
  const shares = counts.map(() => 0);
  let open = [...counts.keys()].filter((i) => counts[i] > 0);
  let left = countMax;
  while (open.length > 0 && left > 0) {
    const each = Math.max(1, Math.floor(left / open.length));
    for (const i of open) {
      const more = Math.min(each, counts[i] - shares[i], left);
      shares[i] += more;
      left -= more;
    }
    open = open.filter((i) => shares[i] < counts[i]);
  }
  return shares;
}

function spread(spans: readonly ExemplarSpan[], count: number): readonly ExemplarSpan[] {
  const sorted = spans.toSorted((a, b) => a.interval - b.interval);
  return Array.from({ length: count }, (_, i) => sorted[Math.floor(((i + 0.5) * sorted.length) / count)]);
}
