import { formatDuration } from '../format/duration.ts';
import { formatCount, formatShare } from '../format/number.ts';
import { serviceColor } from '../format/service-color.ts';
import { useLanguage } from '../strings/use-strings.tsx';
import type { TraceModel } from './trace-model.ts';

/** The trace by operation: how often, how long, and how much of it the operation's own. */
export function OperationTable({ model }: { readonly model: TraceModel }) {
  const { strings: t, locale } = useLanguage();
  const { skeleton } = model;
  const sums = skeleton.operations.map((operation) => ({ operation, count: 0, errors: 0, total: 0, max: 0, self: 0 }));
  for (let row = 0; row < model.spanCount; row++) {
    const sum = sums[skeleton.operation[row]];
    const duration = skeleton.durationNano[row];
    sum.count++;
    sum.errors += model.isError[row];
    sum.total += duration;
    sum.max = Math.max(sum.max, duration);
    sum.self += model.selfNano[row];
  }
  const selfTotal = sums.reduce((total, { self }) => total + self, 0) || 1;
  const columns = [t.count, t.errorShare, t.average, t.maximum, t.selfTotal, t.share];
  return (
    <div className="tr-view pad" tabIndex={0} role="region" aria-label={t.table}>
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
          </tr>
        </thead>
        <tbody>
          {sums
            .toSorted((a, b) => b.self - a.self)
            .map(({ operation, count, errors, total, max, self }) => (
              <tr key={`${operation.service} ${operation.kind} ${operation.name}`}>
                <td>
                  <span className="sp-dot" style={{ background: serviceColor(skeleton.services[operation.service]) }} />{' '}
                  {skeleton.services[operation.service]}
                </td>
                <td>{operation.name}</td>
                <td className="number">{formatCount(count, locale)}</td>
                <td className={`number ${errors > 0 ? 'sp-error' : ''}`}>{formatCount(errors, locale)}</td>
                <td className="number">{formatDuration(total / count)}</td>
                <td className="number">{formatDuration(max)}</td>
                <td className="number">{formatDuration(self)}</td>
                <td className="number">{formatShare(self / selfTotal)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}
