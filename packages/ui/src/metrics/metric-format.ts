import { formatDuration } from '../format/duration.ts';
import { formatRate } from '../format/number.ts';
import type { ShownAttribute } from '../search/search-data.ts';
import type { MetricUnit, Series } from './metrics-data.ts';

/** A value of a series in its unit. */
export function formatMetric(value: number, unit: MetricUnit, locale: string): string {
  switch (unit) {
    case 'perSecond':
      return value < 0 ? `−${formatRate(-value)}` : formatRate(value);
    case 'seconds':
      return value < 0 ? `−${formatDuration(-value * 1e9)}` : formatDuration(value * 1e9);
    default:
      return value.toLocaleString(locale, { maximumSignificantDigits: Math.abs(value) < 1000 ? 3 : 6 });
  }
}

/** What stands beside a line: the values of its labels, whose names stand above. */
export function seriesLabel({ labels }: Series): string {
  return labels.map(labelText).join(' · ');
}

/** The names of what tells series apart; empty where it is one. */
export function labelNames([first]: readonly Series[]): string {
  return (first?.labels ?? [])
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('__') && name !== 'p')
    .join(' · ');
}

function labelText({ name, text }: ShownAttribute): string {
  if (name === '__bucket') return `≤ ${formatDuration(Number(text) * 1e9)}`;
  return name === 'p' ? `p${Number((Number(text) * 100).toPrecision(6))}` : text;
}
