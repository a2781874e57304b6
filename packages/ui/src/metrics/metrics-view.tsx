import { formatCount } from '../format/number.ts';
import { formatSecond } from '../format/time.ts';
import { AnswerNotes, AnswerProgress } from '../search/answer-state.tsx';
import { isWhole } from '../search/growing-answer.ts';
import type { SearchState } from '../search/search-state.ts';
import { useLanguage } from '../strings/use-strings.tsx';
import { CompareView } from './compare-view.tsx';
import { isHistogram } from './histogram-chart.tsx';
import { type SeriesAnswer, useMetrics } from './metrics-data.ts';
import { SeriesView } from './series-view.tsx';

/** What a metrics query gives: a chart, or a comparison. */
export function MetricsView(props: {
  readonly state: SearchState;
  readonly run: number;
  readonly onSubmit: (state: SearchState) => void;
}) {
  const { state, run, onSubmit } = props;
  const { strings: t, locale } = useLanguage();
  const { data, error, isPlaceholderData, answerRun } = useMetrics(state, run);
  if (error !== null) return <p className="sp-notice error">{error.message}</p>;
  if (data === undefined) return <AnswerProgress answer={data} run={answerRun} />;
  const count = data.kind === 'series' ? data.series.length : data.table.rows.length;
  return (
    <section className="mt" aria-busy={answerRun.isRunning}>
      <div className="se-head">
        <h2 role="status" aria-live={answerRun.isRunning ? 'off' : 'polite'}>
          {data.kind === 'series' ? t.seriesCount(formatCount(count, locale)) : t.compareTitle}
          {data.endMilli > 0 && (
            <span className="sp-soft mt-range">
              {formatSecond(data.startMilli, locale)} – {formatSecond(data.endMilli, locale)}
            </span>
          )}
        </h2>
        <AnswerProgress answer={isPlaceholderData ? undefined : data} run={answerRun} />
        {data.kind === 'series' && <ChartChoices {...{ state, onSubmit }} answer={data} />}
      </div>
      <AnswerNotes answer={data} />
      {count === 0 ? (
        !answerRun.isRunning && isWhole(data) && <p className="sp-card">{t.noSeries}</p>
      ) : data.kind === 'series' ? (
        <SeriesView answer={data} {...{ state }} />
      ) : (
        <CompareView answer={data} {...{ state, onSubmit }} />
      )}
    </section>
  );
}

const steps = ['1s', '5s', '15s', '1m', '5m', '15m', '1h', '6h', '1d'] as const;

function ChartChoices(props: {
  readonly state: SearchState;
  readonly answer: SeriesAnswer;
  readonly onSubmit: (state: SearchState) => void;
}) {
  const { state, answer, onSubmit } = props;
  const { strings: t } = useLanguage();
  const options: readonly string[] =
    state.step === '' || steps.some((step) => step === state.step) ? steps : [state.step, ...steps];
  return (
    <div className="mt-choices">
      <label>
        <span>{t.step}</span>
        <select
          className="sp-input"
          value={state.step}
          onChange={(event) => onSubmit({ ...state, step: event.target.value })}
        >
          <option value="">{t.stepAuto(shortStep(answer.stepMilli))}</option>
          {options.map((step) => (
            <option key={step} value={step}>
              {step}
            </option>
          ))}
        </select>
      </label>
      {/* A histogram's rows are its buckets. */}
      {!isHistogram(answer) && (
        <div role="group" aria-label={t.scaleLabel} className="mt-scale">
          {(['linear', 'log'] as const).map((scale) => (
            <button
              key={scale}
              type="button"
              className="sp-button"
              aria-pressed={state.scale === scale}
              onClick={() => onSubmit({ ...state, scale })}
            >
              {scale === 'linear' ? t.scaleLinear : t.scaleLog}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

function shortStep(milli: number): string {
  if (milli % 86_400_000 === 0) return `${milli / 86_400_000}d`;
  if (milli % 3_600_000 === 0) return `${milli / 3_600_000}h`;
  return milli % 60_000 === 0 ? `${milli / 60_000}m` : `${milli / 1000}s`;
}
