import type { MetricSeries } from '@spoor/query';
import { type PageAttribute, pageAttribute } from './page-attribute.ts';

/** What tells the selection from the baseline: values of attributes, those whose shares differ most first. */
export interface CompareTable {
  readonly selectionCount: number;
  readonly baselineCount: number;
  readonly rows: readonly CompareRow[];
}

export interface CompareRow {
  readonly attribute: PageAttribute;
  readonly selectionCount: number;
  readonly baselineCount: number;
  /** of all spans of the selection, 0 … 1 */
  readonly selectionShare: number;
  readonly baselineShare: number;
}

/** More than anybody reads: the first ones say it. */
const rowsMax = 100;
const typeLabel = '__meta_type';

/**
 * Puts the series of `compare()` side by side. Each is labelled with its side and one attribute: with a value, of which it
 * counts the spans, or with `nil` on a total, which counts the spans that have the attribute at all.
 * @param leftOut  fields that the selection is made by, which differ of course
 */
export function compareTable(series: readonly MetricSeries[], leftOut: ReadonlySet<string>): CompareTable {
  const rows = new Map<string, { attribute: PageAttribute; selection: number; baseline: number }>();
  const most = { selection: 0, baseline: 0 };
  for (const { labels, values } of series) {
    const side = labels.find(({ key }) => key === typeLabel)?.value;
    const label = labels.find(({ key }) => !key.startsWith('__meta_'));
    if (side?.type !== 'string' || label === undefined) continue;
    const count = values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0);
    const of = side.value.startsWith('selection') ? 'selection' : 'baseline';
    // Every span has a name, so that the largest total is the number of all spans.
    if (side.value.endsWith('_total')) most[of] = Math.max(most[of], count);
    else if (!leftOut.has(label.key)) {
      const attribute = pageAttribute(label);
      const key = `${attribute.name}=${attribute.literal ?? attribute.text}`;
      const row = rows.get(key) ?? { attribute, selection: 0, baseline: 0 };
      row[of] += count;
      rows.set(key, row);
    }
  }
  const share = (count: number, of: number): number => (of === 0 ? 0 : count / of);
  const table = Array.from(rows.values(), ({ attribute, selection, baseline }) => ({
    attribute,
    selectionCount: selection,
    baselineCount: baseline,
    selectionShare: share(selection, most.selection),
    baselineShare: share(baseline, most.baseline),
  }));
  const difference = (row: CompareRow): number => Math.abs(row.selectionShare - row.baselineShare);
  table.sort((a, b) => difference(b) - difference(a) || b.selectionCount - a.selectionCount);
  return { selectionCount: most.selection, baselineCount: most.baseline, rows: table.slice(0, rowsMax) };
}
