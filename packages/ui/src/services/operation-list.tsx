import { Link } from 'wouter';
import { formatDuration } from '../format/duration.ts';
import { formatRate, formatShare } from '../format/number.ts';
import { useStrings } from '../strings/use-strings.tsx';
import type { ServiceSeries } from './service-data.ts';

const kindNames = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

/** A longer table is slow to draw, and nobody reads it. */
const rowsMax = 200;

/** Operations of a service, the most frequent first, each a link to its traces. */
export function OperationList(props: {
  readonly service: string;
  readonly series: ServiceSeries;
  readonly seconds: number;
}) {
  const { service, series, seconds } = props;
  const t = useStrings();
  const { operations, operationsAreComplete } = series;
  const href = (name: string): string =>
    `/search?service=${encodeURIComponent(service)}&operation=${encodeURIComponent(name)}`;
  return (
    <div className="ho-scroll">
      <table className="sp-table">
        <thead>
          <tr>
            <th scope="col">{t.operation}</th>
            <th scope="col">{t.kind}</th>
            {[t.rate, t.errorShare, 'p50', 'p99'].map((label) => (
              <th key={label} scope="col" className="number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {operations.slice(0, rowsMax).map(({ name, kind, count, errorCount, p50Nano, p99Nano }) => (
            <tr key={`${kind} ${name}`}>
              <td>
                <Link href={href(name)}>{name === '' ? t.none : name}</Link>
              </td>
              <td>{kindNames[kind] ?? kind}</td>
              <td className="number">{formatRate(count / seconds)}</td>
              <td className="number">
                {errorCount === 0 ? (
                  '0 %'
                ) : (
                  <Link className="sp-error" href={`${href(name)}&status=error`}>
                    {formatShare(errorCount / count)}
                  </Link>
                )}
              </td>
              <td className="number">{formatDuration(p50Nano)}</td>
              <td className="number">{formatDuration(p99Nano)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {(operations.length > rowsMax || !operationsAreComplete) && (
        <p className="sp-soft">{t.moreRows(`${operationsAreComplete ? '' : '> '}${operations.length - rowsMax}`)}</p>
      )}
    </div>
  );
}
