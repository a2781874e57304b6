import { useEffect, useMemo, useState } from 'react';
import { formatCount } from '../format/number.ts';
import { useOverview } from '../home/overview-data.ts';
import { useUrlState } from '../shell/use-url-state.ts';
import { useLanguage } from '../strings/use-strings.tsx';
import { EdgeTable } from './edge-table.tsx';
import { GraphView } from './graph-view.tsx';
import { LookbackChoice } from './lookback-choice.tsx';
import { lookbackMilli, useEdges } from './map-data.ts';
import { type ServiceGraph, shownGraph } from './service-graph.ts';

/** `/map?focus&hops&lookback`: who calls whom, as a drawing and as a table. */
export function MapPage() {
  const { strings: t } = useLanguage();
  const [url, change] = useUrlState();
  const lookback = url.get('lookback') ?? '';
  const focus = url.get('focus') ?? undefined;
  const hops = Number(url.get('hops')) || undefined;
  const { data: edges, error } = useEdges(lookback);
  const { data: overview } = useOverview(lookbackMilli[lookback]);
  useEffect(() => {
    document.title = `${t.map} · Spoor`;
  }, [t]);
  const figures = useMemo(() => new Map(overview?.services.map((each) => [each.name, each])), [overview]);
  const graph = useMemo(() => {
    const alone = [...figures.keys()].filter((name) => name !== '').sort();
    return shownGraph(edges ?? [], focus, hops === undefined ? undefined : Math.min(3, Math.max(1, hops)), alone);
  }, [edges, focus, hops, figures]);
  const names = useMemo(
    () => [...new Set([...(edges ?? []).flatMap(({ parent, child }) => [parent, child]), ...figures.keys()])].sort(),
    [edges, figures],
  );
  const seconds = overview === undefined ? 1 : Math.max(1, Number(BigInt(overview.end) - BigInt(overview.start)) / 1e9);
  return (
    <div className="sp-page mp">
      <section className="sp-card">
        <h1>{t.map}</h1>
        <p className="sp-soft">{t.mapIntro}</p>
        {error !== null && <p className="sp-notice error">{error.message}</p>}
        {edges === undefined || overview === undefined ? (
          error === null && <p className="sp-soft">{t.loading}</p>
        ) : (
          <>
            <div className="mp-controls">
              <FocusChoice {...{ names, graph }} onChange={(next) => change({ focus: next })} />
              <label className="mp-field">
                <span>{t.hops}</span>
                <select
                  className="sp-input"
                  value={graph.hops}
                  disabled={graph.focus === undefined}
                  onChange={(event) => change({ hops: event.target.value })}
                >
                  {[1, 2, 3].map((count) => (
                    <option key={count}>{count}</option>
                  ))}
                </select>
              </label>
              <LookbackChoice value={lookback} onChange={(next) => change({ lookback: next })} />
            </div>
            <ShownNote graph={graph} allCount={names.length} />
            {graph.services.length > 0 && <GraphView {...{ graph, figures, seconds }} />}
          </>
        )}
      </section>
      {edges !== undefined && overview !== undefined && (
        <section className="sp-card">
          <h2>{t.callsTable}</h2>
          {graph.edges.length === 0 ? <p>{t.noCalls}</p> : <EdgeTable edges={graph.edges} seconds={seconds} />}
        </section>
      )}
    </div>
  );
}

/** Says what is not shown, when not everything is. */
function ShownNote({ graph, allCount }: { readonly graph: ServiceGraph; readonly allCount: number }) {
  const { strings: t, locale } = useLanguage();
  if (graph.focus === undefined) return undefined;
  return (
    <p className="mp-note">
      {t.shownAround(formatCount(graph.services.length, locale), formatCount(allCount, locale), graph.focus)}
      {graph.leftOutCount > 0 && ` ${t.leftOut(formatCount(graph.leftOutCount, locale))}`}
    </p>
  );
}

/** A box that completes names; empty for the whole. */
function FocusChoice(props: {
  readonly names: readonly string[];
  readonly graph: ServiceGraph;
  readonly onChange: (focus: string | undefined) => void;
}) {
  const { names, graph, onChange } = props;
  const { strings: t } = useLanguage();
  const focus = graph.focus ?? '';
  const [draft, setDraft] = useState(focus);
  useEffect(() => setDraft(focus), [focus]);
  return (
    <label className="mp-field">
      <span>{t.focus}</span>
      <input
        className="sp-input"
        list="mp-services"
        value={draft}
        placeholder={t.anyService}
        onChange={({ target: { value } }) => {
          setDraft(value);
          if (value === '') onChange(undefined);
          else if (names.includes(value)) onChange(value);
        }}
      />
      <datalist id="mp-services">
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </label>
  );
}
