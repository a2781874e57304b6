import {
  diagnose,
  isTraceqlText,
  parsePlainQuery,
  parseQuery,
  printQuery,
  type Query,
  searchFor,
} from '@spoor/traceql';
import { useState } from 'react';
import { useOffers } from '../editor/use-offers.ts';
import { useStrings } from '../strings/use-strings.tsx';
import { type BuilderDraft, type BuilderRelation, builderRelations, emptyDraft } from './builder-draft.ts';
import { queryOf } from './draft-query.ts';
import { GroupFields } from './group-fields.tsx';
import { OutcomeFields } from './outcome-fields.tsx';
import { draftOf } from './query-draft.ts';

/**
 * Fields that write TraceQL: each change writes the whole text anew, and another text is read back into the fields. One
 * that says more than the fields can is left alone.
 */
export function QueryBuilder(props: { readonly text: string; readonly onChange: (text: string) => void }) {
  const { text, onChange } = props;
  const t = useStrings();
  const offers = useOffers();
  const [written, setWritten] = useState(text);
  const [draft, setDraft] = useState(() => draftOfText(text));
  if (written !== text) {
    setWritten(text);
    setDraft(draftOfText(text));
  }
  if (draft === 'broken') return <p className="sp-soft qb-note">{t.builderBroken}</p>;
  if (draft === 'richer') return <p className="sp-soft qb-note">{t.builderRicher}</p>;
  const change = (part: Partial<BuilderDraft>): void => {
    const next = { ...draft, ...part };
    const query = printQuery(queryOf(next));
    setDraft(next);
    setWritten(query);
    onChange(query);
  };
  return (
    <div className="qb" role="group" aria-label={t.builder}>
      <GroupFields title={t.builderSpans} group={draft.spans} onChange={(spans) => change({ spans })} {...{ offers }} />
      <label className="qb-line">
        <span>{t.builderRelation}</span>
        <select
          className="sp-input"
          value={draft.relation}
          onChange={(event) => change({ relation: event.target.value as BuilderDraft['relation'] })}
        >
          <option value="">{t.builderNoRelation}</option>
          {builderRelations.map((relation) => (
            <option key={relation} value={relation}>
              {t.builderRelationOf(relation satisfies BuilderRelation)}
            </option>
          ))}
        </select>
      </label>
      {draft.relation !== '' && (
        <GroupFields
          title={t.builderRelated}
          group={draft.related}
          onChange={(related) => change({ related })}
          {...{ offers }}
        />
      )}
      <OutcomeFields outcome={draft.outcome} onChange={(outcome) => change({ outcome })} {...{ offers }} />
    </div>
  );
}

/** `broken` for a text that is no query (yet), `richer` for one that the fields cannot show. */
function draftOfText(text: string): BuilderDraft | 'broken' | 'richer' {
  if (text.trim() === '') return emptyDraft;
  const query = queryOfText(text);
  return query === undefined ? 'broken' : (draftOf(query) ?? 'richer');
}

function queryOfText(text: string): Query | undefined {
  if (isTraceqlText(text)) return diagnose(text).length > 0 ? undefined : parseQuery(text);
  const plain = parsePlainQuery(text);
  return plain.kind === 'condition' ? searchFor(plain.condition) : undefined;
}
