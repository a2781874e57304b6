import { useEffect, useMemo, useState } from 'react';
import { useLocation, useSearch as useQueryText } from 'wouter';
import { useLoaded } from '../shell/use-loaded.ts';
import { useStrings } from '../strings/use-strings.tsx';
import { runAgain, runOf } from './growing-answer.ts';
import { ResultList } from './result-list.tsx';
import { SearchForm } from './search-form.tsx';
import { useSearch } from './search-data.ts';
import { searchParametersOf, searchStateOf, type SearchState } from './search-state.ts';

const loadMetrics = () => import('../metrics/metrics-view.tsx');

/** `/search`: the form and the traces that match. The address is the state. */
export function SearchPage() {
  const t = useStrings();
  const text = useQueryText();
  const state = useMemo(() => searchStateOf(new URLSearchParams(text)), [text]);
  const [, navigate] = useLocation();
  const [, setRuns] = useState(0);
  const run = runOf(searchParametersOf(state).toString());
  const results = useSearch(state, run);
  const isMetrics = results.data?.pages[0]?.isMetrics === true;
  const metrics = useLoaded(loadMetrics, isMetrics);
  const traceId = results.data?.pages[0]?.traceId;
  useEffect(() => {
    document.title = `${t.search} · Spoor`;
  }, [t]);
  useEffect(() => {
    if (traceId !== undefined) navigate(`/trace/${traceId}`, { replace: true });
  }, [traceId, navigate]);
  const submit = (next: SearchState): void => {
    const parameters = searchParametersOf(next).toString();
    runAgain(parameters);
    setRuns((before) => before + 1);
    navigate(parameters === '' ? '/search' : `/search?${parameters}`);
  };
  return (
    <div className="sp-page se">
      <h1 className="sp-hidden">{t.search}</h1>
      <SearchForm state={state} onSubmit={submit} error={results.error?.message} />
      {isMetrics ? (
        metrics && <metrics.MetricsView {...{ state, run }} onSubmit={submit} />
      ) : (
        <ResultList results={results} order={state.order} onOrder={(order) => submit({ ...state, order })} />
      )}
    </div>
  );
}
