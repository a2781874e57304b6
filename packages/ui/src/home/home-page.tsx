import { useEffect } from 'react';
import { formatCount } from '../format/number.ts';
import { LookbackChoice } from '../map/lookback-choice.tsx';
import { lookbackMilli } from '../map/map-data.ts';
import { TraceList } from '../search/result-list.tsx';
import { useUrlState } from '../shell/use-url-state.ts';
import { useLanguage } from '../strings/use-strings.tsx';
import { Link } from 'wouter';
import { UploadButton } from '../upload/upload.tsx';
import { EmptyState } from './empty-state.tsx';
import { HeatmapCard } from './heatmap.tsx';
import { type Overview, useOverview, useTraces } from './overview-data.ts';
import { ServiceTable } from './service-table.tsx';
import { TestTraceButton } from './test-trace-button.tsx';

/** `/`: what is there and what is slow or failing, or why there is nothing. */
export function HomePage() {
  const { strings: t } = useLanguage();
  const [url] = useUrlState();
  const lookback = url.get('lookback') ?? '';
  const { data, error, refetch } = useOverview(lookbackMilli[lookback]);
  useEffect(() => {
    document.title = 'Spoor';
  }, []);
  if (data === undefined) {
    if (error === null) return <p className="sp-page sp-soft">{t.loading}</p>;
    return (
      <div className="sp-page">
        <p className="sp-notice error">
          {t.unreachable} {error.message}
        </p>
        <button type="button" className="sp-button" onClick={() => void refetch()}>
          {t.retry}
        </button>
      </div>
    );
  }
  return data.spanCount === 0 && lookback === '' ? <EmptyState /> : <Filled overview={data} lookback={lookback} />;
}

const listLength = 5;

function Filled({ overview, lookback }: { readonly overview: Overview; readonly lookback: string }) {
  const [, change] = useUrlState();
  const { strings: t, locale } = useLanguage();
  const newest = useTraces(`limit=${listLength}`, lookbackMilli[lookback]);
  const longest = useTraces(`limit=${listLength}&order=longest`, lookbackMilli[lookback]);
  return (
    <div className="sp-page ho">
      <h1 className="sp-hidden">{t.home}</h1>
      <div className="ho-strip">
        <span>{t.traceCount(formatCount(Math.round(overview.rootCount), locale), true)}</span>
        <span>{t.servicesCount(formatCount(overview.services.length, locale))}</span>
        <span>{t.spans(formatCount(overview.spanCount, locale))}</span>
        <LookbackChoice value={lookback} onChange={(next) => change({ lookback: next })} />
        <span className="ho-strip-actions">
          <Link href="/status">{t.statusLink}</Link>
          <UploadButton className="sp-button" />
          <TestTraceButton isQuiet />
        </span>
      </div>
      <div className="ho-grid">
        <HeatmapCard overview={overview} />
        <section className="sp-card ho-services">
          <h2>{t.services}</h2>
          <ServiceTable overview={overview} />
        </section>
        <section className="ho-traces">
          <h2>{t.latest}</h2>
          <TraceList traces={newest.data?.traces ?? []} />
        </section>
        <section className="ho-traces">
          <h2>{t.slowest}</h2>
          <TraceList traces={longest.data?.traces ?? []} />
        </section>
      </div>
    </div>
  );
}
