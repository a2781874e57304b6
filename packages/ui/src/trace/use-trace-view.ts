import { useQuery } from '@tanstack/react-query';
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { fetchJson } from '../api/http.ts';
import { useLoaded } from '../shell/use-loaded.ts';
import { useUrlState } from '../shell/use-url-state.ts';
import { useStrings } from '../strings/use-strings.tsx';
import { criticalPath } from './critical-path.ts';
import type { FoundRows } from './find-rows.ts';
import { clampWindow, type TimeWindow } from './time-window.ts';
import type { SpanDetails } from './trace-data.ts';
import type { TraceModel } from './trace-model.ts';
import { allCollapsed, type Folding, nothingFolded, positionOfRow, revealed, visibleRows } from './visible-rows.ts';
import type { WaterfallState } from './waterfall-state.ts';
import type { WaterfallView } from './waterfall-view.ts';

const loadFind = () => import('./find-rows.ts');
const waiting: FoundRows = { kind: 'waiting' };

/** The state of the trace page: what a link can carry lives in the address, the rest here. */
export function useTraceView(model: TraceModel) {
  const strings = useStrings();
  const [url, setUrl] = useUrlState();
  const [folding, setFolding] = useState<Folding>(nothingFolded);
  const [selectedRow, setSelectedRow] = useState(-1);
  const [isDetailsOpen, setDetailsOpen] = useState(false);
  const view = useRef<WaterfallView | undefined>(undefined);
  const critical = useMemo(() => criticalPath(model.skeleton, model.subtreeSize), [model]);
  const { find, found, matches, isFiltered } = useFind(model, url);
  const isCriticalShown = url.get('cp') !== '0';
  const window = windowOf(url.get('z'), model.traceDurationNano);
  const rows = useMemo(
    () => visibleRows(model, folding, isFiltered ? matches : undefined),
    [model, folding, isFiltered, matches],
  );
  const shown = {
    model,
    rows,
    folding,
    selectedRow,
    critical: isCriticalShown ? critical : undefined,
    matches,
    isFiltered,
    strings,
  };
  const state = useWaterfallState(shown, window);
  const select = useCallback(
    (row: number, isOpening = false) => {
      setSelectedRow(row);
      if (isOpening) setDetailsOpen(true);
      setFolding((before) => revealed(model, before, row));
    },
    [model],
  );
  const setWindow = (next: TimeWindow): void => {
    const { fromNano: from, toNano: to } = clampWindow(next, model.traceDurationNano);
    const isAll = from <= 0 && to >= model.traceDurationNano;
    setUrl({ z: isAll ? undefined : `${Math.round(from)},${Math.round(to)}` });
  };
  const toggle = (row: number): void => setFolding((before) => toggled(model, before, row));
  useEffect(() => {
    if (selectedRow >= 0) view.current?.reveal(positionOfRow(rows, selectedRow));
  }, [selectedRow, rows]);
  useSpanInUrl({
    model,
    wanted: url.get('span') ?? jaegerSpan(url),
    selectedRow,
    isOpen: isDetailsOpen,
    select,
    setUrl,
  });
  return {
    state,
    view,
    url,
    setUrl,
    find,
    found,
    critical,
    isDetailsOpen,
    setDetailsOpen,
    select,
    toggle,
    setWindow,
    collapseAll: () => setFolding(allCollapsed(model)),
    expandAll: () => setFolding(nothingFolded),
  };
}

/** What is looked for, and what of it was found. */
function useFind(model: TraceModel, url: URLSearchParams) {
  const find = url.get('f') ?? jaegerFind(url);
  const found = useFound(model, useDeferredValue(find));
  const matches = found.kind === 'rows' ? found.matches : undefined;
  return { find, found, matches, isFiltered: matches !== undefined && url.get('only') === '1' };
}

/** A new object only when something in it changed: rows are drawn again for every new one. */
function useWaterfallState(shown: Omit<WaterfallState, 'window'>, { fromNano, toNano }: TimeWindow): WaterfallState {
  const { model, rows, folding, selectedRow, critical, matches, isFiltered, strings } = shown;
  return useMemo(
    () => ({ model, rows, window: { fromNano, toNano }, folding, selectedRow, critical, matches, isFiltered, strings }),
    [model, rows, fromNano, toNano, folding, selectedRow, critical, matches, isFiltered, strings],
  );
}

/** Opens a closed span or fold, closes an open one. */
function toggled(model: TraceModel, before: Folding, row: number): Folding {
  if (model.folds.has(row)) {
    const unfolded = new Set(before.unfolded);
    if (!unfolded.delete(row)) unfolded.add(row);
    return { ...before, unfolded };
  }
  const collapsed = new Set(before.collapsed);
  if (!collapsed.delete(row)) collapsed.add(row);
  return { ...before, collapsed };
}

function windowOf(text: string | null, durationNano: number): TimeWindow {
  const match = /^(\d+),(\d+)$/.exec(text ?? '');
  if (match === null || Number(match[2]) <= Number(match[1])) return { fromNano: 0, toNano: durationNano };
  return clampWindow({ fromNano: Number(match[1]), toNano: Number(match[2]) }, durationNano);
}

/** Jaeger's `uiFind` holds words or a span id. */
function jaegerFind(url: URLSearchParams): string {
  const text = url.get('uiFind') ?? '';
  return /^[0-9a-f]{16}$/i.test(text) ? '' : text;
}

function jaegerSpan(url: URLSearchParams): string | undefined {
  const text = url.get('uiFind') ?? '';
  return /^[0-9a-f]{16}$/i.test(text) ? text : undefined;
}

/** From the skeleton when it can answer, else from the server, which has the attributes. */
function useFound(model: TraceModel, text: string): FoundRows {
  const finder = useLoaded(loadFind, text !== '');
  const local = useMemo((): FoundRows => {
    if (text === '') return { kind: 'everything' };
    return finder === undefined ? waiting : finder.findRows(model, text);
  }, [finder, model, text]);
  const { data, error } = useQuery({
    queryKey: ['find', model.skeleton.traceId, text, model.spanCount],
    queryFn: ({ signal }) =>
      fetchJson<{ rows: number[] }>(
        `api/spoor/trace/${model.skeleton.traceId}/find?q=${encodeURIComponent(text)}`,
        signal,
      ),
    enabled: local.kind === 'server',
  });
  return useMemo(() => {
    if (local.kind !== 'server') return local;
    if (error !== null) return { kind: 'error', message: error.message };
    if (data === undefined) return local;
    const matches = new Uint8Array(model.spanCount);
    for (const row of data.rows) matches[row] = 1;
    return { kind: 'rows', matches, count: data.rows.length };
  }, [local, data, error, model]);
}

/** Goes to the span that a link names, and names the span that is open. */
function useSpanInUrl(props: {
  readonly model: TraceModel;
  readonly wanted: string | undefined;
  readonly selectedRow: number;
  readonly isOpen: boolean;
  readonly select: (row: number, isOpening?: boolean) => void;
  readonly setUrl: ReturnType<typeof useUrlState>[1];
}): void {
  const { model, wanted, selectedRow, isOpen, select, setUrl } = props;
  const opened = useRef('');
  const { traceId } = model.skeleton;
  useEffect(() => {
    if (wanted === undefined || wanted === opened.current || selectedRow >= 0) return;
    opened.current = wanted;
    void fetchJson<SpanDetails>(`api/spoor/trace/${traceId}/span/${wanted}`).then(
      ({ row }) => select(row, true),
      () => setUrl({ span: undefined }),
    );
  }, [wanted, selectedRow, traceId, select, setUrl]);
  const { data } = useQuery<SpanDetails>({ queryKey: ['span', traceId, selectedRow, model.spanCount], enabled: false });
  const spanId = data?.row === selectedRow ? data.resourceSpans[0]?.scopeSpans[0]?.spans[0]?.spanId : undefined;
  useEffect(() => {
    if (selectedRow < 0) return;
    if (!isOpen) setUrl({ span: undefined });
    else if (spanId !== undefined) setUrl({ span: spanId });
  }, [spanId, isOpen, selectedRow, setUrl]);
}
