import { useRef } from 'react';
import { formatCount } from '../format/number.ts';
import { useLanguage } from '../strings/use-strings.tsx';
import { Minimap } from './minimap.tsx';
import { OperationTable } from './operation-table.tsx';
import { SpanDetails } from './span-details.tsx';
import { windowAround, zoomWindow, panWindow, isWhole } from './time-window.ts';
import { TraceHeader, WhereTimeWent } from './trace-header.tsx';
import { TraceJson } from './trace-json.tsx';
import type { TraceModel } from './trace-model.ts';
import { TraceToolbar } from './trace-toolbar.tsx';
import { useTraceKeys } from './use-trace-keys.ts';
import { useTraceView } from './use-trace-view.ts';
import { Waterfall } from './waterfall.tsx';

/** A trace that is there: header, overview, tools, and one of its views beside the details. */
export function TraceView(props: {
  readonly model: TraceModel;
  readonly lateCount: number;
  readonly onLoadLate: () => void;
}) {
  const { model, lateCount, onLoadLate } = props;
  const { strings: t, locale } = useLanguage();
  const page = useTraceView(model);
  const findBox = useRef<HTMLInputElement>(null);
  useKeys(model, page, findBox);
  const { state, url } = page;
  const shown = url.get('view') ?? 'waterfall';
  const isEmbedded = url.get('uiEmbed') === 'v0';
  const around = (aroundNano: number, factor: number): void =>
    page.setWindow(zoomWindow(state.window, factor, aroundNano, model.traceDurationNano));
  return (
    <div className="tr">
      {!isEmbedded && <TraceHeader model={model} />}
      <WhereTimeWent model={model} critical={page.critical} onSelect={(row) => page.select(row, true)} />
      {url.get('uiTimelineHideMinimap') !== '1' && (
        <Minimap model={model} window={state.window} onWindow={page.setWindow} />
      )}
      <TraceToolbar page={page} model={model} findBox={findBox} />
      {lateCount > 0 && (
        <button type="button" className="sp-button" onClick={onLoadLate}>
          {t.newSpans(formatCount(lateCount, locale))}
        </button>
      )}
      <div className="tr-body">
        {shown === 'table' ? (
          <OperationTable model={model} />
        ) : shown === 'json' || shown === 'raw' ? (
          <TraceJson traceId={model.skeleton.traceId} form={shown} />
        ) : (
          <div className="tr-view">
            <Waterfall
              state={state}
              view={page.view}
              actions={{
                onSelect: (row) => page.select(row, true),
                onToggle: page.toggle,
                onZoom: (factor, at) => around(at, factor),
              }}
            />
          </div>
        )}
        {page.isDetailsOpen && state.selectedRow >= 0 && (
          <SpanDetails
            model={model}
            critical={page.critical}
            row={state.selectedRow}
            onClose={() => page.setDetailsOpen(false)}
            onSelect={(row) => page.select(row, true)}
          />
        )}
      </div>
    </div>
  );
}

function useKeys(
  model: TraceModel,
  page: ReturnType<typeof useTraceView>,
  findBox: React.RefObject<HTMLInputElement | null>,
): void {
  const { state, view, setWindow } = page;
  const { window, selectedRow } = state;
  const duration = model.traceDurationNano;
  const whole = { fromNano: 0, toNano: duration };
  useTraceKeys(state, {
    select: (row) => page.select(row),
    toggle: page.toggle,
    openDetails: () => selectedRow >= 0 && page.setDetailsOpen(true),
    back: () => {
      if (page.isDetailsOpen) page.setDetailsOpen(false);
      else if (page.find !== '') page.setUrl({ f: undefined, uiFind: undefined, only: undefined });
      else if (!isWhole(window, duration)) setWindow(whole);
    },
    zoomToSpan: () => {
      const { startNano, durationNano } = model.skeleton;
      if (selectedRow >= 0) setWindow(windowAround(startNano[selectedRow], durationNano[selectedRow], duration));
    },
    fit: () => setWindow(whole),
    zoom: (factor) => setWindow(zoomWindow(window, factor, (window.fromNano + window.toNano) / 2, duration)),
    pan: (share) => setWindow(panWindow(window, share, duration)),
    focusFind: () => findBox.current?.focus(),
    collapseAll: page.collapseAll,
    expandAll: page.expandAll,
    pageRows: () => view.current?.pageRows ?? 10,
  });
}
