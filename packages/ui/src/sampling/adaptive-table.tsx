import { formatRate } from '../format/number.ts';
import { formatAgo } from '../format/time.ts';
import { useLanguage } from '../strings/use-strings.tsx';
import { formatProbability } from './probability.ts';
import type { AdaptiveRow } from './sampling-data.ts';

/** The rest is found by naming its service. */
const shownMax = 300;

/** What adaptive sampling has found so far, by service and operation. */
export function AdaptiveTable({ rows }: { readonly rows: readonly AdaptiveRow[] }) {
  const { strings: t, locale } = useLanguage();
  const columns = [t.samplingTarget, t.samplingArriving, t.samplingEstimated, t.samplingTold] as const;
  return (
    <section className="sp-card">
      <h2>{t.samplingAdaptiveTitle}</h2>
      {rows.length === 0 ? (
        <p className="sp-soft">{t.samplingNothingYet}</p>
      ) : (
        <div className="ho-scroll" tabIndex={0} role="region" aria-label={t.samplingAdaptiveTitle}>
          <table className="sp-table">
            <thead>
              <tr>
                <th scope="col">{t.service}</th>
                <th scope="col">{t.operation}</th>
                {columns.map((column) => (
                  <th key={column} scope="col" className="number">
                    {column}
                  </th>
                ))}
                <th scope="col">{t.samplingAsks}</th>
                <th scope="col">{t.samplingLastSpan}</th>
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, shownMax).map((row) => (
                <tr
                  key={`${row.service} ${row.operation ?? ''}`}
                  className={row.operation === undefined ? 'sm-whole' : ''}
                >
                  <th scope="row">{row.service}</th>
                  <td>{row.operation ?? t.samplingWhole}</td>
                  <td className="number">{formatRate(row.targetPerSecond)}</td>
                  <td className="number">{formatRate(row.sampledPerSecond)}</td>
                  <td className="number">{formatRate(row.requestsPerSecond)}</td>
                  <td className="number">{formatProbability(row.probability)}</td>
                  <td>
                    {row.isAsking ? `✓ ${t.samplingAsksYes}` : <span className="sp-soft">– {t.samplingAsksNo}</span>}
                  </td>
                  <td className="sp-soft">{row.lastSpanMilli === 0 ? '–' : formatAgo(row.lastSpanMilli, locale)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {rows.length > shownMax && <p className="sp-soft">{t.moreRows(String(rows.length - shownMax))}</p>}
    </section>
  );
}
