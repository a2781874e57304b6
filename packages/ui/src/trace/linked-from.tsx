import type { OtlpJsonSpan } from '@spoor/wire';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { fetchJson } from '../api/http.ts';
import { formatTime } from '../format/time.ts';
import type { SearchPageAnswer } from '../search/search-data.ts';
import { useLanguage } from '../strings/use-strings.tsx';

const listLength = 10;

/**
 * Traces with a span that links to this one. They are looked for when the section is opened: a link is known to the one
 * who makes it, so all that is stored has to be searched.
 */
export function LinkedFrom({ span }: { readonly span: OtlpJsonSpan }) {
  const { strings: t, locale } = useLanguage();
  const [isOpen, setOpen] = useState(false);
  const query = encodeURIComponent(`{ link:traceID = "${span.traceId}" && link:spanID = "${span.spanId}" }`);
  const { data, error } = useQuery({
    queryKey: ['linked-from', span.traceId, span.spanId],
    queryFn: ({ signal }) => fetchJson<SearchPageAnswer>(`api/spoor/search?q=${query}&limit=${listLength}`, signal),
    enabled: isOpen,
  });
  return (
    <details className="sd-section" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {t.linkedFrom}
        {data !== undefined && ` (${data.total})`}
      </summary>
      {error !== null && <p className="sp-error">{error.message}</p>}
      {isOpen && data === undefined && error === null && <p className="sp-soft">{t.loading}</p>}
      {data?.traces.length === 0 && <p className="sp-soft">{t.linkedFromNone}</p>}
      {data?.traces.map(({ traceId, rootService, rootName, startMilli }) => (
        <div key={traceId} className="sd-event">
          <Link href={`/trace/${traceId}`}>
            {rootService} {rootName}
          </Link>{' '}
          <span className="sp-soft">{formatTime(startMilli, locale)}</span>
        </div>
      ))}
      {data !== undefined && data.total > listLength && <Link href={`/search?q=${query}`}>{t.linkedFromSearch}</Link>}
    </details>
  );
}
