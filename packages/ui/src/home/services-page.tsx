import { useStrings } from '../strings/use-strings.tsx';
import { useOverview } from './overview-data.ts';
import { EmptyState } from './empty-state.tsx';
import { ServiceTable } from './service-table.tsx';

/** `/services`: every service with its rate, errors and durations. */
export function ServicesPage() {
  const t = useStrings();
  const { data, error } = useOverview(undefined);
  if (error !== null) return <p className="sp-page sp-notice error">{error.message}</p>;
  if (data === undefined) return <p className="sp-page sp-soft">{t.loading}</p>;
  if (data.spanCount === 0) return <EmptyState />;
  return (
    <div className="sp-page">
      <section className="sp-card">
        <h1>{t.services}</h1>
        <ServiceTable overview={data} />
      </section>
    </div>
  );
}
