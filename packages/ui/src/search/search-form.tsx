import { type FieldExpression, isTraceqlText, parsePlainQuery, printExpression } from '@spoor/traceql';
import { type FormEvent, useState } from 'react';
import { useLoaded } from '../shell/use-loaded.ts';
import { useStrings } from '../strings/use-strings.tsx';
import { QueryField } from './query-field.tsx';
import { useOperations, useServices } from './search-data.ts';
import { lookbacks, type SearchState } from './search-state.ts';

const loadBuilder = () => import('../builder/query-builder.tsx');

/** The query as typed, and fields for what is asked most. Nothing is searched before it is sent, except choices. */
export function SearchForm(props: {
  readonly state: SearchState;
  readonly onSubmit: (state: SearchState) => void;
  readonly error: string | undefined;
}) {
  const { state, onSubmit, error } = props;
  const t = useStrings();
  const [draft, setDraft] = useState(state);
  const [sent, setSent] = useState(state);
  // Another address: another question, in the same field, which keeps focus and caret.
  if (sent !== state) {
    setSent(state);
    setDraft(state);
  }
  const [isBuilding, setBuilding] = useState(false);
  const builder = useLoaded(loadBuilder, isBuilding);
  const [diagnosis, setDiagnosis] = useState<string>();
  const set = (change: Partial<SearchState>): void => setDraft((before) => ({ ...before, ...change }));
  const choose = (change: Partial<SearchState>): void => onSubmit({ ...draft, ...change });
  const isTraceql = isTraceqlText(draft.q);
  const parsed = parsePlainQuery(isTraceql ? '' : draft.q);
  const own = parsed.kind === 'error' ? parsed.message : isTraceql ? diagnosis : undefined;
  const message = own ?? (draft.q === state.q ? error : undefined);
  const submit = (): void => {
    if (parsed.kind !== 'error') onSubmit({ ...draft, traceIds: [] });
  };
  const onFormSubmit = (event: FormEvent): void => {
    event.preventDefault();
    submit();
  };
  return (
    <form className="sp-card se-form" onSubmit={onFormSubmit}>
      <div className="se-query">
        <span aria-hidden="true">{t.queryLabel}</span>
        <QueryField
          value={draft.q}
          isInvalid={message !== undefined}
          messageId="query-message"
          onChange={(q) => set({ q })}
          onRun={submit}
          onDiagnosis={setDiagnosis}
        />
      </div>
      <button type="submit" className="sp-button primary">
        {t.find}
      </button>
      <p id="query-message" className="sp-error se-message" role="status">
        {message}
      </p>
      <div className="se-message se-offer">
        {parsed.kind === 'condition' && !isTraceql && (
          <TraceqlOffer condition={parsed.condition} onTake={(q) => set({ q })} />
        )}
        <button
          type="button"
          className="sp-button quiet"
          aria-expanded={isBuilding}
          onClick={() => setBuilding(!isBuilding)}
        >
          {isBuilding ? '▾' : '▸'} {t.builder}
        </button>
      </div>
      {isBuilding && builder !== undefined && (
        <div className="se-message">
          <builder.QueryBuilder text={draft.q} onChange={(q) => set({ q })} />
        </div>
      )}
      <Fields draft={draft} set={set} choose={choose} />
    </form>
  );
}

/** The words as TraceQL, to look at or to go on with. */
function TraceqlOffer(props: {
  readonly condition: FieldExpression | undefined;
  readonly onTake: (q: string) => void;
}) {
  const { condition, onTake } = props;
  const t = useStrings();
  const text = condition === undefined ? '{ }' : `{ ${printExpression(condition)} }`;
  return (
    <>
      <span className="sp-soft">
        TraceQL <code>{text}</code>
      </span>
      <button type="button" className="sp-button quiet" onClick={() => onTake(text)}>
        {t.editAsTraceql}
      </button>
    </>
  );
}

interface FieldProps {
  readonly draft: SearchState;
  readonly set: (change: Partial<SearchState>) => void;
  readonly choose: (change: Partial<SearchState>) => void;
}

function Fields({ draft, set, choose }: FieldProps) {
  const t = useStrings();
  const services = useServices();
  const operations = useOperations(draft.service);
  return (
    <div className="se-fields">
      <Choice
        label={t.service}
        value={draft.service}
        none={t.anyService}
        options={services}
        onChange={(service) => choose({ service, operation: '' })}
      />
      <Choice
        label={t.operation}
        value={draft.operation}
        none={t.anyOperation}
        options={operations}
        isDisabled={draft.service === ''}
        onChange={(operation) => choose({ operation })}
      />
      <label>
        <span>{t.status}</span>
        <select
          className="sp-input"
          value={draft.status}
          onChange={(event) => choose({ status: event.target.value as SearchState['status'] })}
        >
          <option value="">{t.any}</option>
          <option value="error">{t.statusError}</option>
          <option value="ok">{t.statusOk}</option>
        </select>
      </label>
      <label>
        <span>{t.minDuration}</span>
        <input
          className="sp-input short"
          value={draft.minDuration}
          placeholder="100ms"
          onChange={(event) => set({ minDuration: event.target.value })}
        />
      </label>
      <label>
        <span>{t.maxDuration}</span>
        <input
          className="sp-input short"
          value={draft.maxDuration}
          placeholder="2s"
          onChange={(event) => set({ maxDuration: event.target.value })}
        />
      </label>
      <TimeChoice draft={draft} choose={choose} />
    </div>
  );
}

function Choice(props: {
  readonly label: string;
  readonly value: string;
  readonly none: string;
  readonly options: readonly string[];
  readonly isDisabled?: boolean;
  readonly onChange: (value: string) => void;
}) {
  const { label, value, none, options, isDisabled = false, onChange } = props;
  const all = value === '' || options.includes(value) ? options : [value, ...options];
  return (
    <label>
      <span>{label}</span>
      <select
        className="sp-input"
        value={value}
        disabled={isDisabled}
        onChange={(event) => onChange(event.target.value)}
      >
        <option value="">{none}</option>
        {all.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    </label>
  );
}

function TimeChoice({ draft, choose }: Pick<FieldProps, 'draft' | 'choose'>) {
  const t = useStrings();
  const isFixed = draft.start !== '' || draft.end !== '';
  const value = isFixed ? 'fixed' : draft.lookback;
  const options: readonly string[] =
    draft.lookback === '' || lookbacks.some((each) => each === draft.lookback)
      ? lookbacks
      : [draft.lookback, ...lookbacks];
  return (
    <label>
      <span>{t.lookback}</span>
      <select
        className="sp-input"
        value={value}
        onChange={(event) => choose({ lookback: event.target.value, start: '', end: '' })}
      >
        {isFixed && <option value="fixed">{t.fixedRange}</option>}
        <option value="">{t.allTime}</option>
        {options.map((lookback) => (
          <option key={lookback} value={lookback}>
            {t.last(lookback)}
          </option>
        ))}
      </select>
    </label>
  );
}
