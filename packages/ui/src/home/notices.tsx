import { Link } from 'wouter';
import { formatCount } from '../format/number.ts';
import { formatAgo } from '../format/time.ts';
import { useLanguage } from '../strings/use-strings.tsx';
import type { ClockNotice, Status } from './overview-data.ts';

/** What was taken and still may not be seen, or never came: clocks that are far off, and services sampled out. */
export function Notices({ status: { clockNotices, silentServices } }: { readonly status: Status }) {
  const { strings: t, locale } = useLanguage();
  if (clockNotices.length + silentServices.length === 0) return null;
  const rest = clockNotices.slice(shownNoticesMax);
  return (
    <section className="sp-notice ho-refusals">
      <h2>{t.noticed}</h2>
      <ul>
        <ClockItems notices={clockNotices.slice(0, shownNoticesMax)} />
        {silentServices.map(({ service, sinceMilli, probability, tracesPerSecondMax }) => (
          <li key={service}>
            {t.silent(
              service,
              tracesPerSecondMax === undefined ? String(probability) : t.samplingLimit(String(tracesPerSecondMax)),
              formatAgo(sinceMilli, locale),
            )}
            <br />
            <strong>{t.fix}:</strong> {t.fixSilent} <Link href="/sampling">{t.sampling}</Link>
          </li>
        ))}
      </ul>
      {rest.length > 0 && (
        <details>
          <summary>{t.moreNotices(formatCount(rest.length, locale))}</summary>
          <ul>
            <ClockItems notices={rest} />
          </ul>
        </details>
      )}
    </section>
  );
}

/** So that what follows is still on the screen: a machine's clock is all its services'. */
const shownNoticesMax = 3;

function ClockItems({ notices }: { readonly notices: readonly ClockNotice[] }) {
  return notices.map((notice) => <ClockItem key={`${notice.direction} ${notice.service}`} notice={notice} />);
}

const aroundMilli = 60_000;

function ClockItem({ notice }: { readonly notice: ClockNotice }) {
  const { strings: t, locale } = useLanguage();
  const { service, count, spanName, startMilli } = notice;
  const [from, to] = [startMilli - aroundMilli, startMilli + aroundMilli].map((milli) => Math.max(0, milli) * 1000);
  return (
    <li>
      {t.clockOff(t.spans(formatCount(count, locale)), service, formatAgo(startMilli, locale), spanName)}
      <br />
      <strong>{t.fix}:</strong> {t.fixClock}{' '}
      <Link href={`/search?service=${encodeURIComponent(service)}&start=${from}&end=${to}`}>{t.search}</Link>
    </li>
  );
}
