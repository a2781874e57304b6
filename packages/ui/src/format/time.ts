/** `14:12:07.113` in the reader's zone, with the date in front when it is not today. */
export function formatTime(unixMilli: number, locale: string): string {
  const date = new Date(unixMilli);
  const time = date.toLocaleTimeString(locale, {
    hourCycle: 'h23',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const text = `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
  if (date.toDateString() === new Date().toDateString()) return text;
  return `${date.toLocaleDateString(locale, { year: 'numeric', month: 'short', day: 'numeric' })} ${text}`;
}

/** The same without milliseconds where there are none. */
export function formatSecond(unixMilli: number, locale: string): string {
  return formatTime(unixMilli, locale).replace(/\.000$/, '');
}

/** `3 min ago`, in the reader's language; of the future `in 3 min`. */
export function formatAgo(unixMilli: number, locale: string): string {
  const seconds = Math.round((unixMilli - Date.now()) / 1000);
  const distance = Math.abs(seconds);
  const format = new Intl.RelativeTimeFormat(locale, { style: 'short', numeric: 'auto' });
  if (distance < 60) return format.format(seconds, 'second');
  if (distance < 3600) return format.format(Math.round(seconds / 60), 'minute');
  if (distance < 86_400) return format.format(Math.round(seconds / 3600), 'hour');
  return format.format(Math.round(seconds / 86_400), 'day');
}
