import { useEffect } from 'react';
import { formatAgo } from '../format/time.ts';
import { useUrlState } from '../shell/use-url-state.ts';
import { useLanguage, useStrings } from '../strings/use-strings.tsx';
import { AdaptiveTable } from './adaptive-table.tsx';
import { type SamplingStatus, useSampling } from './sampling-data.ts';
import { StrategyTable } from './strategy-table.tsx';

/** `/sampling`: what services that ask are told to sample, and why. */
export function SamplingPage() {
  const t = useStrings();
  useEffect(() => {
    document.title = `${t.sampling} · Spoor`;
  }, [t]);
  return (
    <div className="sp-page sm">
      <SamplingView />
    </div>
  );
}

function SamplingView() {
  const { strings: t } = useLanguage();
  const { data, error } = useSampling();
  const [url, change] = useUrlState();
  const filter = url.get('service') ?? '';
  if (data === undefined) {
    return error === null ? <p className="sp-soft">{t.loading}</p> : <p className="sp-notice error">{error.message}</p>;
  }
  const isListed = (service: string): boolean => service.toLowerCase().includes(filter.toLowerCase());
  const services = data.services.filter(({ service }) => isListed(service));
  const operations = (data.operations ?? []).filter(({ service }) => isListed(service));
  return (
    <>
      <SourceCard status={data} />
      {(data.services.length > 0 || (data.operations ?? []).length > 0) && (
        <label className="sm-filter">
          <span>{t.service}</span>
          <input
            className="sp-input"
            type="search"
            value={filter}
            onChange={(event) => change({ service: event.target.value })}
          />
        </label>
      )}
      <StrategyTable services={services} otherwise={data.type === 'adaptive' ? undefined : data.otherwise} />
      {data.operations !== undefined && <AdaptiveTable rows={operations} />}
    </>
  );
}

/** Where strategies come from, and how the last look at them went. Without a source, how to have one. */
function SourceCard({ status }: { readonly status: SamplingStatus }) {
  const { strings: t, locale } = useLanguage();
  const { type, strategiesFile, readMilli, changedMilli, complaint, warnings, adaptive } = status;
  return (
    <section className="sp-card">
      <h1>{t.sampling}</h1>
      <p className="sp-soft">{t.samplingIntro}</p>
      <ul className="sm-facts">
        {adaptive !== undefined && (
          <li>{t.samplingAdaptive(String(adaptive.targetPerSecond), `${adaptive.intervalMilli / 1000} s`)}</li>
        )}
        {strategiesFile !== undefined && (
          <li>
            {t.samplingFrom} <code>{strategiesFile}</code>
            {readMilli !== undefined && `, ${t.samplingRead(formatAgo(readMilli, locale))}`}
            {changedMilli !== undefined && `, ${t.samplingChanged(formatAgo(changedMilli, locale))}`}
          </li>
        )}
      </ul>
      {complaint !== undefined && <p className="sp-notice error">{t.samplingComplaint(complaint)}</p>}
      {warnings.map((warning) => (
        <p key={warning} className="sp-notice">
          {t.samplingWarning(warning)}
        </p>
      ))}
      {type === 'file' && strategiesFile === undefined && <HowTo />}
    </section>
  );
}

function HowTo() {
  const { strings: t } = useLanguage();
  return (
    <div className="sm-how">
      <p>{t.samplingOff}</p>
      <dl>
        <dt>
          <code>--sampling.strategies-file strategies.yaml</code>
        </dt>
        <dd>{t.samplingHowFile}</dd>
        <dt>
          <code>--sampling.config-type adaptive</code>
        </dt>
        <dd>{t.samplingHowAdaptive}</dd>
        <dt>
          <code>--sampling.default-sampling-probability 0.1</code>
        </dt>
        <dd>{t.samplingHowDefault}</dd>
      </dl>
    </div>
  );
}
