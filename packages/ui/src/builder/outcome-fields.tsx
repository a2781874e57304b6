import type { ComparisonOp, MetricsFunction } from '@spoor/traceql';
import type { TraceqlOffers } from '../editor/traceql-completion.ts';
import { useStrings } from '../strings/use-strings.tsx';
import {
  type BuilderOutcome,
  countsSpans,
  type MetricsOutcome,
  plainTraces,
  type TracesOutcome,
} from './builder-draft.ts';
import { GroupFields } from './group-fields.tsx';
import { FieldInput } from './offered-input.tsx';

const metricsFunctions: readonly MetricsFunction[] = [
  'rate',
  'count_over_time',
  'quantile_over_time',
  'avg_over_time',
  'max_over_time',
  'min_over_time',
  'sum_over_time',
  'histogram_over_time',
];
const aggregates = ['', 'count', 'avg', 'max', 'min', 'sum'] as const;
const comparisons: readonly ComparisonOp[] = ['>', '>=', '=', '!=', '<=', '<'];

interface Props<Outcome> {
  readonly outcome: Outcome;
  readonly offers: TraceqlOffers;
  readonly onChange: (outcome: BuilderOutcome) => void;
}

/** What is to be made of the spans. */
export function OutcomeFields({ outcome, offers, onChange }: Props<BuilderOutcome>) {
  const t = useStrings();
  const choose = (kind: string): void => {
    if (kind === 'traces') onChange(plainTraces);
    else if (kind === 'compare') onChange({ kind, selection: [{ field: 'status', op: '=', value: 'error' }] });
    else onChange({ kind: 'metrics', fn: 'rate', of: '', by: 'resource.service.name', quantiles: '' });
  };
  return (
    <fieldset className="qb-group">
      <legend>{t.builderShow}</legend>
      <div className="qb-row">
        <select
          className="sp-input"
          aria-label={t.builderShow}
          value={outcome.kind}
          onChange={(event) => choose(event.target.value)}
        >
          <option value="traces">{t.builderTraces}</option>
          <option value="metrics">{t.builderMetrics}</option>
          <option value="compare">{t.builderCompare}</option>
        </select>
        {outcome.kind === 'traces' && <TracesFields {...{ outcome, offers, onChange }} />}
        {outcome.kind === 'metrics' && <MetricsFields {...{ outcome, offers, onChange }} />}
      </div>
      {outcome.kind === 'compare' && (
        <GroupFields
          title={t.builderSelection}
          group={outcome.selection}
          offers={offers}
          onChange={(selection) => onChange({ kind: 'compare', selection })}
        />
      )}
    </fieldset>
  );
}

function TracesFields({ outcome, offers, onChange }: Props<TracesOutcome>) {
  const t = useStrings();
  const { by, fn, of, op, value } = outcome;
  const set = (change: Partial<TracesOutcome>): void => onChange({ ...outcome, ...change });
  return (
    <>
      <select
        className="sp-input"
        aria-label={t.builderAggregate}
        value={fn}
        onChange={(event) => {
          const next = event.target.value as TracesOutcome['fn'];
          const isTimed = next !== '' && next !== 'count';
          set({ fn: next, of: isTimed ? of || 'duration' : '', value: value || (isTimed ? '100ms' : '1') });
        }}
      >
        {aggregates.map((each) => (
          <option key={each} value={each}>
            {each === '' ? t.builderAll : t.builderWhere(each)}
          </option>
        ))}
      </select>
      {fn !== '' && fn !== 'count' && (
        <LabelledField label={t.builderOf} value={of} offers={offers} onChange={(next) => set({ of: next })} />
      )}
      {fn !== '' && (
        <>
          <select
            className="sp-input"
            aria-label={t.builderOperator}
            value={op}
            onChange={(event) => set({ op: event.target.value as ComparisonOp })}
          >
            {comparisons.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
          <input
            className="sp-input"
            aria-label={t.value}
            value={value}
            onChange={(event) => set({ value: event.target.value })}
          />
        </>
      )}
      <LabelledField label={t.builderBy} value={by} offers={offers} onChange={(next) => set({ by: next })} />
    </>
  );
}

function MetricsFields({ outcome, offers, onChange }: Props<MetricsOutcome>) {
  const t = useStrings();
  const { fn, of, by, quantiles } = outcome;
  const set = (change: Partial<MetricsOutcome>): void => onChange({ ...outcome, ...change });
  return (
    <>
      <select
        className="sp-input"
        aria-label={t.builderFunction}
        value={fn}
        onChange={(event) => {
          const next = event.target.value as MetricsFunction;
          const isQuantile = next === 'quantile_over_time';
          set({
            fn: next,
            of: countsSpans(next) ? '' : of || 'duration',
            quantiles: isQuantile ? quantiles || '0.5, 0.9, 0.99' : '',
          });
        }}
      >
        {metricsFunctions.map((each) => (
          <option key={each} value={each}>
            {t.builderFunctionOf(each)}
          </option>
        ))}
      </select>
      {!countsSpans(fn) && (
        <LabelledField label={t.builderOf} value={of} offers={offers} onChange={(next) => set({ of: next })} />
      )}
      {fn === 'quantile_over_time' && (
        <input
          className="sp-input"
          aria-label={t.builderQuantiles}
          value={quantiles}
          onChange={(event) => set({ quantiles: event.target.value })}
        />
      )}
      <LabelledField label={t.builderBy} value={by} offers={offers} onChange={(next) => set({ by: next })} />
    </>
  );
}

function LabelledField(props: {
  readonly label: string;
  readonly value: string;
  readonly offers: TraceqlOffers;
  readonly onChange: (value: string) => void;
}) {
  return (
    <label className="qb-line">
      <span>{props.label}</span>
      <FieldInput {...props} isInvalid={false} />
    </label>
  );
}
