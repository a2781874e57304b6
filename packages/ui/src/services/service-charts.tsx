import { useLocation } from 'wouter';
import { formatDuration } from '../format/duration.ts';
import { formatRate, formatShare } from '../format/number.ts';
import { formatTime } from '../format/time.ts';
import { useLanguage } from '../strings/use-strings.tsx';
import type { ServiceSeries } from './service-data.ts';
import { TimeChart } from './time-chart.tsx';

/** Rate, errors and durations over time; a click leads to the traces of that time. */
export function ServiceCharts({ name, series }: { readonly name: string; readonly series: ServiceSeries }) {
  const { strings: t, locale } = useLanguage();
  const [, navigate] = useLocation();
  const { requestCounts, errorCounts } = series;
  const start = BigInt(series.start);
  const bucketNano = Number(BigInt(series.end) - start) / requestCounts.length;
  const microOf = (bucket: number): string => String((start + BigInt(Math.round(bucket * bucketNano))) / 1000n);
  const timeOf = (bucket: number): string =>
    formatTime(Number(start / 1_000_000n) + (bucket * bucketNano) / 1e6, locale).replace(/\.\d+$/, '');
  const open = (more: string) => (bucket: number) =>
    navigate(`/search?service=${encodeURIComponent(name)}&start=${microOf(bucket)}&end=${microOf(bucket + 1)}${more}`);
  const rates = requestCounts.map((count) => (count / bucketNano) * 1e9);
  const shares = requestCounts.map((count, i) => (count === 0 ? undefined : errorCounts[i] / count));
  const present = (values: readonly number[]) => values.map((value, i) => (requestCounts[i] === 0 ? undefined : value));
  const quantiles = [
    { label: 'p50', values: present(series.p50Nano), look: 'first' },
    { label: 'p95', values: present(series.p95Nano), look: 'second' },
    { label: 'p99', values: present(series.p99Nano), look: 'third' },
  ] as const;
  return (
    <>
      <div className="sv-charts">
        <TimeChart
          title={t.rate}
          lines={[{ label: t.rate, values: rates, look: 'first' }]}
          format={formatRate}
          {...{ timeOf }}
          onOpen={open('')}
        />
        <TimeChart
          title={t.errorShare}
          lines={[{ label: t.errorShare, values: shares, look: 'error' }]}
          format={formatShare}
          {...{ timeOf }}
          onOpen={open('&status=error')}
        />
        <TimeChart
          title={t.columnDuration}
          lines={quantiles}
          format={formatDuration}
          {...{ timeOf }}
          onOpen={open('&order=longest')}
        />
      </div>
      <SeriesTable {...{ requestCounts, rates, shares, quantiles, timeOf }} />
    </>
  );
}

/** The charts' numbers, for whoever does not see the charts. Buckets without requests are left out. */
function SeriesTable(props: {
  readonly requestCounts: readonly number[];
  readonly rates: readonly number[];
  readonly shares: readonly (number | undefined)[];
  readonly quantiles: readonly { readonly label: string; readonly values: readonly (number | undefined)[] }[];
  readonly timeOf: (bucket: number) => string;
}) {
  const { requestCounts, rates, shares, quantiles, timeOf } = props;
  const { strings: t } = useLanguage();
  return (
    <details className="sv-numbers">
      <summary>{t.asTable}</summary>
      <div className="ho-scroll">
        <table className="sp-table">
          <thead>
            <tr>
              <th scope="col">{t.columnStart}</th>
              {[t.rate, t.errorShare, 'p50', 'p95', 'p99'].map((label) => (
                <th key={label} scope="col" className="number">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {requestCounts.map(
              (count, i) =>
                count > 0 && (
                  <tr key={i}>
                    <th scope="row">{timeOf(i)}</th>
                    <td className="number">{formatRate(rates[i])}</td>
                    <td className="number">{formatShare(shares[i] ?? 0)}</td>
                    {quantiles.map(({ label, values }) => (
                      <td key={label} className="number">
                        {formatDuration(values[i] ?? 0)}
                      </td>
                    ))}
                  </tr>
                ),
            )}
          </tbody>
        </table>
      </div>
    </details>
  );
}
