import { useMemo, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { seriesColor, seriesDash } from '../format/service-color.ts';
import { formatSecond, formatTime } from '../format/time.ts';
import { searchParametersOf, type SearchState } from '../search/search-state.ts';
import { useLanguage } from '../strings/use-strings.tsx';
import { HistogramChart, isHistogram } from './histogram-chart.tsx';
import { formatMetric, labelNames, seriesLabel } from './metric-format.ts';
import type { Exemplar, MetricUnit, Series, SeriesAnswer } from './metrics-data.ts';
import { SeriesChart } from './series-chart.tsx';

/** A chart, the table that is its legend, and the spans that stand for others. */
export function SeriesView(props: { readonly answer: SeriesAnswer; readonly state: SearchState }) {
  const { state } = props;
  const { locale } = useLanguage();
  const answer = useMemo(() => inShownOrder(props.answer), [props.answer]);
  const [, navigate] = useLocation();
  const [marked, setMarked] = useState<number>();
  const [pointed, setPointed] = useState<number>();
  const traces = tracesHref(answer, state);
  const openInterval = (interval: number): void => {
    if (traces !== undefined) navigate(traces(undefined, interval));
  };
  return (
    <>
      <div className="sp-card mt-frame">
        {isHistogram(answer) ? (
          <HistogramChart {...{ answer, locale }} onPoint={setPointed} onOpen={openInterval} />
        ) : (
          <SeriesChart
            {...{ answer, locale, marked, pointed }}
            scale={state.scale}
            onPoint={setPointed}
            onOpen={openInterval}
            onExemplar={({ traceId, spanId }) => navigate(`/trace/${traceId}?span=${spanId}`)}
          />
        )}
        <SeriesTable {...{ answer, pointed, traces }} onMark={setMarked} />
      </div>
      <ExemplarList answer={answer} />
    </>
  );
}

type TracesHref = (series: Series | undefined, interval: number | undefined) => string;

/** The address of the traces behind a series, or an interval of it. */
function tracesHref({ tracesQuery, startMilli, stepMilli }: SeriesAnswer, state: SearchState): TracesHref | undefined {
  if (tracesQuery === undefined) return undefined;
  return (series, interval) => {
    const conditions = (series?.labels ?? [])
      .filter(({ name, literal }) => literal !== undefined && name !== 'p' && !name.startsWith('__'))
      .map(({ name, literal }) => `${name} = ${literal}`);
    const q = conditions.length === 0 ? tracesQuery : `${tracesQuery} | { ${conditions.join(' && ')} }`;
    const endMilli = startMilli + (interval ?? 0) * stepMilli;
    const times =
      interval === undefined
        ? {}
        : { lookback: '', start: String((endMilli - stepMilli) * 1000), end: String(endMilli * 1000) };
    return `/search?${searchParametersOf({ ...state, q, step: '', scale: 'linear', ...times })}`;
  };
}

/** The busiest first, but for buckets, which have an order of their own. */
function inShownOrder(answer: SeriesAnswer): SeriesAnswer {
  if (isHistogram(answer)) return answer;
  const weight = ({ values }: Series): number => values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  return { ...answer, series: answer.series.toSorted((a, b) => weight(b) - weight(a)) };
}

function SeriesTable(props: {
  readonly answer: SeriesAnswer;
  readonly pointed: number | undefined;
  readonly traces: TracesHref | undefined;
  readonly onMark: (series: number | undefined) => void;
}) {
  const { answer, pointed, traces, onMark } = props;
  const { strings: t, locale } = useLanguage();
  const { series, unit, startMilli, stepMilli } = answer;
  const atMilli = startMilli + (pointed ?? 0) * stepMilli;
  return (
    <div className="ho-scroll" tabIndex={0} role="region" aria-label={t.series}>
      <table className="sp-table mt-table">
        <thead>
          <tr>
            <th scope="col">{labelNames(series) || t.series}</th>
            <th scope="col" className="number">
              {pointed === undefined ? t.latestValue : formatSecond(atMilli, locale)}
            </th>
            <th scope="col" className="number">
              {t.average}
            </th>
            <th scope="col" className="number">
              {t.highest}
            </th>
          </tr>
        </thead>
        <tbody>
          {series.map((each, i) => (
            <tr key={i} onPointerEnter={() => onMark(i)} onPointerLeave={() => onMark(undefined)}>
              <th scope="row">
                <svg viewBox="0 0 18 8" aria-hidden="true">
                  <path
                    className="mt-line"
                    style={{ stroke: seriesColor(i) }}
                    strokeDasharray={seriesDash(i)}
                    d="M0 4H18"
                  />
                </svg>
                {traces === undefined ? (
                  seriesLabel(each)
                ) : (
                  <Link href={traces(each, undefined)} onFocus={() => onMark(i)} onBlur={() => onMark(undefined)}>
                    {seriesLabel(each)}
                  </Link>
                )}
              </th>
              <Numbers values={each.values} {...{ pointed, unit }} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Numbers(props: {
  readonly values: Series['values'];
  readonly pointed: number | undefined;
  readonly unit: MetricUnit;
}) {
  const { values, pointed, unit } = props;
  const { locale } = useLanguage();
  const present = values.filter((value) => value !== null);
  const shown = [
    pointed === undefined ? present.at(-1) : (values[pointed] ?? undefined),
    present.reduce((sum, value) => sum + value, 0) / present.length,
    present.reduce((most, value) => Math.max(most, value), -Infinity),
  ];
  return shown.map((value, i) => (
    <td key={i} className="number">
      {value === undefined || !Number.isFinite(value) ? '–' : formatMetric(value, unit, locale)}
    </td>
  ));
}

const listedMax = 60;

function ExemplarList({ answer }: { readonly answer: SeriesAnswer }) {
  const { strings: t, locale } = useLanguage();
  const listed = answer.series
    .flatMap((series) => series.exemplars.map((exemplar): [Series, Exemplar] => [series, exemplar]))
    .sort(([, a], [, b]) => b.value - a.value)
    .slice(0, listedMax);
  if (listed.length === 0) return null;
  return (
    <details className="sv-numbers">
      <summary>{t.exemplars}</summary>
      <div className="ho-scroll" tabIndex={0} role="region" aria-label={t.exemplars}>
        <table className="sp-table">
          <thead>
            <tr>
              <th scope="col">{t.columnStart}</th>
              <th scope="col">{t.series}</th>
              <th scope="col" className="number">
                {answer.unit === 'number' ? t.value : t.columnDuration}
              </th>
            </tr>
          </thead>
          <tbody>
            {listed.map(([series, { traceId, spanId, milli, value }]) => (
              <tr key={`${traceId} ${spanId}`}>
                <th scope="row">
                  <Link href={`/trace/${traceId}?span=${spanId}`}>{formatTime(milli, locale)}</Link>
                </th>
                <td>{seriesLabel(series)}</td>
                <td className="number">
                  {formatMetric(value, answer.unit === 'number' ? 'number' : 'seconds', locale)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
