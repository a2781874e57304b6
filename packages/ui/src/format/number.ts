/** `12,480` in the reader's language. */
export function formatCount(count: number, locale: string): string {
  return count.toLocaleString(locale);
}

/** `1.2M`, where only the size matters. */
export function formatCompact(count: number, locale: string): string {
  return count.toLocaleString(locale, { notation: 'compact', maximumFractionDigits: 1 });
}

/** A share as `1.4 %`; a tiny one is not rounded away to nothing. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent === 0) return '0 %';
  if (percent < 0.1) return '< 0.1 %';
  return `${percent >= 10 ? Math.round(percent) : percent.toFixed(1)} %`;
}

/** Events a second: `41/s`, `0.3/s`. */
export function formatRate(perSecond: number): string {
  if (perSecond === 0) return '0/s';
  if (perSecond < 0.01) return '< 0.01/s';
  return `${perSecond >= 10 ? Math.round(perSecond) : perSecond.toFixed(perSecond >= 1 ? 1 : 2)}/s`;
}
