import { Link } from 'wouter';
import { formatDuration } from '../format/duration.ts';
import { formatCount, formatRate, formatShare } from '../format/number.ts';
import { serviceColor } from '../format/service-color.ts';
import { serviceHref } from '../services/service-href.ts';
import { useLanguage } from '../strings/use-strings.tsx';
import { callsHref } from './calls-href.ts';
import type { Edge } from './service-graph.ts';

/** A longer table is slow to draw, and nobody reads it. */
const rowsMax = 300;

/** Calls, the most frequent first; a service is a link to its page, a rate to the traces that make it up. */
export function EdgeTable(props: {
  readonly edges: readonly Edge[];
  readonly seconds: number;
  /** leaves out the end that is the same everywhere */
  readonly without?: 'parent' | 'child';
}) {
  const { edges, seconds, without } = props;
  const { strings: t, locale } = useLanguage();
  const sorted = edges.toSorted((a, b) => b.callCount - a.callCount);
  return (
    <div className="ho-scroll">
      <table className="sp-table">
        <thead>
          <tr>
            {without !== 'parent' && <th scope="col">{t.caller}</th>}
            {without !== 'child' && <th scope="col">{t.callee}</th>}
            {[t.rate, t.errorShare, t.average].map((label) => (
              <th key={label} scope="col" className="number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, rowsMax).map((edge) => (
            <tr key={JSON.stringify([edge.parent, edge.child])}>
              {without !== 'parent' && <ServiceCell name={edge.parent} />}
              {without !== 'child' && <ServiceCell name={edge.child} />}
              <td className="number">
                <Link href={callsHref(edge)} title={t.callCount(formatCount(Math.round(edge.callCount), locale))}>
                  {formatRate(edge.callCount / seconds)}
                </Link>
              </td>
              <td className={`number ${(edge.errorCount ?? 0) > 0 ? 'sp-error' : ''}`}>
                {formatShare((edge.errorCount ?? 0) / Math.max(1, edge.callCount))}
              </td>
              <td className="number">
                {edge.meanLatencyMs === undefined ? '–' : formatDuration(edge.meanLatencyMs * 1e6)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {sorted.length > rowsMax && <p className="sp-soft">{t.moreRows(formatCount(sorted.length - rowsMax, locale))}</p>}
    </div>
  );
}

function ServiceCell({ name }: { readonly name: string }) {
  return (
    <td>
      <span className="sp-dot" style={{ background: serviceColor(name) }} />{' '}
      <Link href={serviceHref(name)}>{name}</Link>
    </td>
  );
}
