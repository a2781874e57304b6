import { useLanguage } from '../strings/use-strings.tsx';
import { formatProbability } from './probability.ts';
import type { SamplingStatus, Strategy } from './sampling-data.ts';

interface Line {
  readonly service: string;
  readonly operation: string;
  readonly strategy: Pick<Strategy, 'samplingRate' | 'maxTracesPerSecond'>;
}

/** What the file says, a line for each service and operation. */
export function StrategyTable(props: {
  readonly services: SamplingStatus['services'];
  /** for all other services; `undefined` when those are sampled adaptively */
  readonly otherwise: Strategy | undefined;
}) {
  const { services, otherwise } = props;
  const { strings: t } = useLanguage();
  const lines = [
    ...services.flatMap(({ service, strategy }) => linesOf(service, strategy, t.samplingOtherOperations)),
    ...(otherwise === undefined ? [] : linesOf(t.samplingOtherServices, otherwise, t.samplingOtherOperations)),
  ];
  if (lines.length === 0) return null;
  return (
    <section className="sp-card">
      <h2>{t.samplingFixed}</h2>
      <div className="ho-scroll" tabIndex={0} role="region" aria-label={t.samplingFixed}>
        <table className="sp-table">
          <thead>
            <tr>
              <th scope="col">{t.service}</th>
              <th scope="col">{t.operation}</th>
              <th scope="col" className="number">
                {t.samplingTold}
              </th>
            </tr>
          </thead>
          <tbody>
            {lines.map(({ service, operation, strategy }) => (
              <tr key={`${service} ${operation}`}>
                <th scope="row">{service}</th>
                <td>{operation}</td>
                <td className="number">{told(strategy, t.samplingLimit)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** A rate limit is for clients that know no operations; the others go by the probabilities. */
function linesOf(service: string, strategy: Strategy, others: string): Line[] {
  const { operations } = strategy;
  const lines = (operations?.list ?? []).map(({ operation, samplingRate }): Line => ({
    service,
    operation,
    strategy: { samplingRate },
  }));
  const isLimited = strategy.maxTracesPerSecond !== undefined;
  const rest = operations === undefined || isLimited ? strategy : { samplingRate: operations.defaultProbability };
  return [...lines, { service, operation: lines.length === 0 ? '' : others, strategy: rest }];
}

function told({ samplingRate, maxTracesPerSecond }: Line['strategy'], limit: (perSecond: string) => string): string {
  if (maxTracesPerSecond !== undefined) return limit(String(maxTracesPerSecond));
  return formatProbability(samplingRate ?? 0);
}
