import { diagnose, narrowQuery, parseQuery, printQuery } from '@spoor/traceql';
import { formatCount, formatShare } from '../format/number.ts';
import type { ShownAttribute } from '../search/search-data.ts';
import type { SearchState } from '../search/search-state.ts';
import { useLanguage } from '../strings/use-strings.tsx';
import type { CompareAnswer, CompareRow } from './metrics-data.ts';

/** What is more frequent in the selection than beside it, or less: the most different first. */
export function CompareView(props: {
  readonly answer: CompareAnswer;
  readonly state: SearchState;
  readonly onSubmit: (state: SearchState) => void;
}) {
  const { answer, state, onSubmit } = props;
  const { strings: t, locale } = useLanguage();
  const { selectionCount, baselineCount, rows } = answer.table;
  return (
    <div className="sp-card">
      <p className="sp-soft mt-intro">
        {t.compareIntro(formatCount(selectionCount, locale), formatCount(baselineCount, locale))}
      </p>
      <div className="ho-scroll" tabIndex={0} role="region" aria-label={t.compareTitle}>
        <table className="sp-table mt-compare">
          <thead>
            <tr>
              <th scope="col">{t.attribute}</th>
              <th scope="col">{t.value}</th>
              <th scope="col">{t.compareShares}</th>
              <th scope="col" className="number">
                {t.compareDifference}
              </th>
              <th scope="col">
                <span className="sp-hidden">{t.addToQuery}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <CompareLine
                key={`${row.attribute.name} ${row.attribute.text}`}
                row={row}
                narrowed={narrowedBy(state.q, row.attribute)}
                onTake={(q) => onSubmit({ ...state, q })}
              />
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function CompareLine(props: {
  readonly row: CompareRow;
  readonly narrowed: string | undefined;
  readonly onTake: (q: string) => void;
}) {
  const { row, narrowed, onTake } = props;
  const { strings: t, locale } = useLanguage();
  const { attribute, selectionCount, baselineCount, selectionShare, baselineShare } = row;
  const difference = selectionShare - baselineShare;
  const sides = [
    { name: t.compareSelection, look: 'selection', share: selectionShare, count: selectionCount },
    { name: t.compareBaseline, look: 'baseline', share: baselineShare, count: baselineCount },
  ];
  return (
    <tr>
      <th scope="row">
        <code>{attribute.name}</code>
      </th>
      <td className="mt-value">{attribute.text}</td>
      <td>
        {sides.map(({ name, look, share, count }) => (
          <div key={look} className="mt-share">
            <span className="sp-hidden">{name} </span>
            <span className={`mt-bar ${look}`} style={{ width: `${Math.max(0.4, share * 60)}%` }} />
            <span>
              {formatShare(share)} <span className="sp-soft">{formatCount(count, locale)}</span>
            </span>
          </div>
        ))}
      </td>
      <td className="number">
        {difference > 0 ? '+' : '−'}
        {formatShare(Math.abs(difference))}
      </td>
      <td className="number">
        {narrowed !== undefined && (
          <button type="button" className="sp-button" onClick={() => onTake(narrowed)}>
            {t.addToQuery}
            <span className="sp-hidden">
              {' '}
              {attribute.name} = {attribute.text}
            </span>
          </button>
        )}
      </td>
    </tr>
  );
}

/** The query with the attribute's value as one more condition. */
function narrowedBy(q: string, { name, literal }: ShownAttribute): string | undefined {
  const wantedText = `{ ${name} = ${literal} }`;
  if (literal === undefined || diagnose(wantedText).length > 0) return undefined;
  const wanted = parseQuery(wantedText);
  const [filter] = wanted.kind === 'search' ? wanted.pipeline : [];
  if (filter?.kind !== 'filter' || filter.condition === undefined) return undefined;
  const narrowed = narrowQuery(parseQuery(q), filter.condition);
  return narrowed === undefined ? undefined : printQuery(narrowed);
}
