import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link } from 'wouter';
import { fetchJson } from '../api/http.ts';
import { formatDuration } from '../format/duration.ts';
import { formatCount, formatShare } from '../format/number.ts';
import { serviceColor } from '../format/service-color.ts';
import { useLanguage } from '../strings/use-strings.tsx';

interface Edge {
  readonly parent: string;
  readonly child: string;
  readonly callCount: number;
  readonly errorCount?: number;
  readonly meanLatencyMs?: number;
}

/** `/map`: who calls whom, as a table. */
export function MapPage() {
  const { strings: t } = useLanguage();
  const { data, error } = useQuery({
    queryKey: ['dependencies'],
    queryFn: ({ signal }) =>
      fetchJson<{ data: readonly Edge[] }>(`api/dependencies?endTs=${Date.now()}&lookback=${Date.now()}`, signal),
  });
  useEffect(() => {
    document.title = `${t.map} · Spoor`;
  }, [t]);
  return (
    <div className="sp-page">
      <section className="sp-card">
        <h1>{t.map}</h1>
        <p className="sp-soft">{t.mapIntro}</p>
        {error !== null && <p className="sp-notice error">{error.message}</p>}
        {data === undefined ? (
          error === null && <p className="sp-soft">{t.loading}</p>
        ) : (
          <EdgeTable edges={data.data} />
        )}
      </section>
    </div>
  );
}

function EdgeTable({ edges }: { readonly edges: readonly Edge[] }) {
  const { strings: t, locale } = useLanguage();
  if (edges.length === 0) return <p>{t.noCalls}</p>;
  return (
    <div className="ho-scroll">
      <table className="sp-table">
        <thead>
          <tr>
            <th scope="col">{t.caller}</th>
            <th scope="col">{t.callee}</th>
            {[t.calls, t.errorShare, t.average].map((label) => (
              <th key={label} scope="col" className="number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {edges.map(({ parent, child, callCount, errorCount = 0, meanLatencyMs }) => (
            <tr key={`${parent} ${child}`}>
              <td>
                <ServiceLink name={parent} />
              </td>
              <td>
                <ServiceLink name={child} />
              </td>
              <td className="number">{formatCount(Math.round(callCount), locale)}</td>
              <td className={`number ${errorCount > 0 ? 'sp-error' : ''}`}>
                {formatShare(errorCount / Math.max(1, callCount))}
              </td>
              <td className="number">{meanLatencyMs === undefined ? '–' : formatDuration(meanLatencyMs * 1e6)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ServiceLink({ name }: { readonly name: string }) {
  return (
    <>
      <span className="sp-dot" style={{ background: serviceColor(name) }} />{' '}
      <Link href={`/search?service=${encodeURIComponent(name)}`}>{name}</Link>
    </>
  );
}
