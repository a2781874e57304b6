import { useEffect } from 'react';
import { Link, useSearch } from 'wouter';
import { serviceColor } from '../format/service-color.ts';
import { ServicesPage } from '../home/services-page.tsx';
import { EdgeTable } from '../map/edge-table.tsx';
import { LookbackChoice } from '../map/lookback-choice.tsx';
import { lookbackMilli, useEdges } from '../map/map-data.ts';
import { useUrlState } from '../shell/use-url-state.ts';
import { useStrings } from '../strings/use-strings.tsx';
import { OperationList } from './operation-list.tsx';
import { ServiceCharts } from './service-charts.tsx';
import { useService } from './service-data.ts';
import { serviceOfAddress } from './service-href.ts';

/** `/service/{name}?lookback`, and Jaeger's `/monitor?service=`, which without a service is about all of them. */
export function ServicePage({ detail }: { readonly detail: string }) {
  const asked = new URLSearchParams(useSearch()).get('service') ?? '';
  const name = detail === '' ? asked : serviceOfAddress();
  return name === '' ? <ServicesPage /> : <OneService name={name} />;
}

/** One service over time, its operations, and whom it talks with. */
function OneService({ name }: { readonly name: string }) {
  const t = useStrings();
  const [url, change] = useUrlState();
  const lookback = url.get('lookback') ?? '';
  const { data: series, error } = useService(name, lookbackMilli[lookback]);
  const { data: edges } = useEdges(lookback);
  useEffect(() => {
    document.title = `${name} · Spoor`;
  }, [name]);
  const seconds = series === undefined ? 1 : Math.max(1, Number(BigInt(series.end) - BigInt(series.start)) / 1e9);
  return (
    <div className="sp-page sv">
      <section className="sp-card">
        <div className="sv-head">
          <h1>
            <span className="sp-dot" style={{ background: serviceColor(name) }} /> {name}
          </h1>
          <Link className="sp-button" href={`/search?service=${encodeURIComponent(name)}`}>
            {t.find}
          </Link>
          <Link className="sp-button" href={`/map?focus=${encodeURIComponent(name)}`}>
            {t.showOnMap}
          </Link>
          <LookbackChoice value={lookback} onChange={(next) => change({ lookback: next })} />
        </div>
        {error !== null && <p className="sp-notice error">{error.message}</p>}
        {series === undefined && error === null && <p className="sp-soft">{t.loading}</p>}
        {series?.spanCount === 0 && <p className="sp-notice">{t.nothingOfService}</p>}
        {series !== undefined && series.spanCount > 0 && <ServiceCharts {...{ name, series }} />}
      </section>
      {series !== undefined && series.spanCount > 0 && (
        <section className="sp-card">
          <h2>{t.table}</h2>
          <OperationList service={name} {...{ series, seconds }} />
        </section>
      )}
      {edges !== undefined && (
        <div className="ho-grid">
          <section className="sp-card">
            <h2>{t.callers}</h2>
            <Neighbours edges={edges.filter(({ child }) => child === name)} seconds={seconds} without="child" />
          </section>
          <section className="sp-card">
            <h2>{t.callees}</h2>
            <Neighbours edges={edges.filter(({ parent }) => parent === name)} seconds={seconds} without="parent" />
          </section>
        </div>
      )}
    </div>
  );
}

function Neighbours(props: Parameters<typeof EdgeTable>[0]) {
  const t = useStrings();
  return props.edges.length === 0 ? <p className="sp-soft">{t.none}</p> : <EdgeTable {...props} />;
}
