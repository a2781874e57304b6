import { Link } from 'wouter';
import { formatDuration } from '../format/duration.ts';
import { formatCount } from '../format/number.ts';
import { useLanguage } from '../strings/use-strings.tsx';
import type { ShownAttribute, SpanSet } from './search-data.ts';

const shownSetsMax = 6;

/** What the query made of a trace: a line for each group with what was counted, below it the first of its spans. */
export function SpanSets({ traceId, sets }: { readonly traceId: string; readonly sets: readonly SpanSet[] }) {
  const { strings: t, locale } = useLanguage();
  const rest = sets.length - shownSetsMax;
  return (
    <ul className="se-sets">
      {sets.slice(0, shownSetsMax).map(({ attributes, matchedCount, spans }, i) => (
        <li key={i}>
          <p className="se-set">
            {attributes.map((attribute) => (
              <Value key={attribute.name} attribute={attribute} />
            ))}
            <span className="sp-soft">{t.matchedSpans(formatCount(matchedCount, locale))}</span>
          </p>
          <ul>
            {spans.map(({ spanId, name, durationNano, attributes: ofSpan }) => (
              <li key={spanId}>
                <Link href={`/trace/${traceId}?span=${spanId}`}>{name === '' ? spanId : name}</Link>
                <span>{formatDuration(durationNano)}</span>
                {ofSpan.map((attribute) => (
                  <Value key={attribute.name} attribute={attribute} />
                ))}
              </li>
            ))}
          </ul>
        </li>
      ))}
      {rest > 0 && <li className="sp-soft">{t.moreGroups(formatCount(rest, locale))}</li>}
    </ul>
  );
}

function Value({ attribute: { name, text } }: { readonly attribute: ShownAttribute }) {
  return (
    <span className="se-value">
      <span>{name}</span> <code>{text}</code>
    </span>
  );
}
