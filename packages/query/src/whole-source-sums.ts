import type { ColumnSource } from '@spoor/store';
import { startsInside } from './query-sources.ts';
import type { SeriesPart } from './series-cells.ts';
import type { SourceMemo } from './source-memo.ts';
import type { ServiceGraphRequest, SpanMetricsRequest, TimeRange } from './trace-store.ts';

/** Questions whose answers are remembered of each source, and how many series of one are worth it: some 100 kB. */
const questionsMax = 16;
const seriesMax = 1_000;

/**
 * What a source adds to a question about one window that the source lies in whole: the same whenever it is asked again, with
 * the window a little later, as dashboards do. `sum` is called when it is not known, and gives nothing when there were more
 * series than there is room for.
 * @returns `undefined` when the source has to be asked anyway
 */
export async function wholeSourceSums(
  memo: SourceMemo | undefined,
  source: ColumnSource,
  range: TimeRange,
  { windows, measure, by, matchers }: SpanMetricsRequest | ServiceGraphRequest,
  sum: () => Promise<readonly SeriesPart[] | undefined>,
): Promise<readonly SeriesPart[] | undefined> {
  if (memo === undefined || windows.count !== 1 || !startsInside(source, range)) return undefined;
  const known = await memo.of(source, 'metrics of spans', async () => new Map<string, readonly SeriesPart[]>());
  const question = JSON.stringify([measure, by, matchers]);
  const parts = known.get(question) ?? (await sum());
  if (parts === undefined) return undefined;
  // Put in again, as the newest.
  known.delete(question);
  if (parts.length <= seriesMax) known.set(question, parts);
  const [oldest] = known.keys();
  if (known.size > questionsMax) known.delete(oldest);
  return parts;
}
