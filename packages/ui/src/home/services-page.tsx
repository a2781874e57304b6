import { LookbackChoice } from '../map/lookback-choice.tsx';
import { lookbackMilli } from '../map/map-data.ts';
import { useUrlState } from '../shell/use-url-state.ts';
import { useStrings } from '../strings/use-strings.tsx';
import { useOverview } from './overview-data.ts';
import { EmptyState } from './empty-state.tsx';
import { ServiceTable } from './service-table.tsx';

/** `/services`: every service with its rate, errors and durations. */
export function ServicesPage() {
  const t = useStrings();
  const [url, change] = useUrlState();
  const lookback = url.get('lookback') ?? '';
  const { data, error } = useOverview(lookbackMilli[lookback]);
  if (error !== null) return <p className="sp-page sp-notice error">{error.message}</p>;
  if (data === undefined) return <p className="sp-page sp-soft">{t.loading}</p>;
  if (data.spanCount === 0 && lookback === '') return <EmptyState />;
  return (
    <div className="sp-page">
      <section className="sp-card">
        <div className="sv-head">
          <h1>{t.services}</h1>
          <LookbackChoice value={lookback} onChange={(next) => change({ lookback: next })} />
        </div>
        {data.spanCount === 0 ? <p>{t.noSeries}</p> : <ServiceTable overview={data} />}
      </section>
    </div>
  );
}
