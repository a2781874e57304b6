import { type SpanId, unixNanoFromWords } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import { joinWords } from './long-words.ts';
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
  for (const [source, spans] of bySource) await readExemplars(source, spans, read);
  return series.map(({ labels, values }, i) => ({
    labels,
    values,
    exemplars: chosen[i].map((span) => read.get(span)!),
  }));
}

/** Columns only: whole spans, of a hundred blocks, took a fifth of a rate over ten million. */
async function readExemplars(
  source: ColumnSource,
  spans: readonly ExemplarSpan[],
  read: Map<ExemplarSpan, Exemplar>,
): Promise<void> {
  const byBlock = Map.groupBy(spans, ({ row }) => Math.floor(row / source.blockRows));
  const words = ['traceRow', 'spanIdHigh', 'spanIdLow', 'startLow', 'startHigh'] as const;
  for (const [index, ofBlock] of byBlock) {
    const numbers = ofBlock.some(({ value }) => value === undefined) ? (['durationNano'] as const) : [];
    const block = await source.block(index, { words, numbers });
    const [traceRow, idHigh, idLow, startLow, startHigh] = words.map((column) => block.words(column));
    const rows = ofBlock.map(({ row }) => row - block.firstRow);
    const traceIds = await source.traceIds(Uint32Array.from(rows, (row) => traceRow[row]));
    for (const [i, span] of ofBlock.entries()) {
      const row = rows[i];
      read.set(span, {
        traceId: traceIds[i],
        spanId: joinWords(idLow[row], idHigh[row]).toString(16).padStart(16, '0') as SpanId,
        time: unixNanoFromWords(startLow[row], startHigh[row]),
        value: span.value ?? block.numbers('durationNano')[row] / 1e9,
      });
    }
  }
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
