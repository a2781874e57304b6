import { Link } from 'wouter';
import { formatDuration } from '../format/duration.ts';
import { formatRate, formatShare } from '../format/number.ts';
import { serviceColor } from '../format/service-color.ts';
import { serviceHref } from '../services/service-href.ts';
import { useStrings } from '../strings/use-strings.tsx';
import type { Overview } from './overview-data.ts';

/** Services by rate, each a link to its page. */
export function ServiceTable({ overview }: { readonly overview: Overview }) {
  const t = useStrings();
  const seconds = Math.max(1, Number(BigInt(overview.end) - BigInt(overview.start)) / 1e9);
  return (
    <div className="ho-scroll">
      <table className="sp-table">
        <thead>
          <tr>
            <th scope="col">{t.service}</th>
            {[t.rate, t.errorShare, 'p50', 'p99'].map((label) => (
              <th key={label} scope="col" className="number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {overview.services
            .toSorted((a, b) => b.requestCount - a.requestCount)
            .map(({ name, requestCount, errorCount, p50Nano, p99Nano }) => (
              <tr key={name}>
                <td title={name}>
                  <span className="sp-dot" style={{ background: serviceColor(name) }} />{' '}
                  {name === '' ? t.none : <Link href={serviceHref(name)}>{name}</Link>}
                </td>
                <td className="number">{formatRate(requestCount / seconds)}</td>
                <td className="number">
                  {errorCount === 0 ? (
                    '0 %'
                  ) : (
                    <Link className="sp-error" href={`/search?service=${encodeURIComponent(name)}&status=error`}>
                      {formatShare(errorCount / requestCount)}
                    </Link>
                  )}
                </td>
                <td className="number">{formatDuration(p50Nano)}</td>
                <td className="number">{formatDuration(p99Nano)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}
