import { useEffect, useRef } from 'react';
import { isTyping } from '../shell/is-typing.ts';
import { positionOfRow } from './visible-rows.ts';
import type { WaterfallState } from './waterfall-state.ts';

/** What keys do on the trace page. Every one of them can also be reached with the mouse. */
export interface TraceKeyActions {
  readonly select: (row: number) => void;
  readonly toggle: (row: number) => void;
  readonly openDetails: () => void;
  readonly back: () => void;
  readonly zoomToSpan: () => void;
  readonly fit: () => void;
  readonly zoom: (factor: number) => void;
  readonly pan: (share: number) => void;
  readonly focusFind: () => void;
  readonly collapseAll: () => void;
  readonly expandAll: () => void;
  readonly pageRows: () => number;
}

/** Binds the keys while the page is shown. */
export function useTraceKeys(state: WaterfallState, actions: TraceKeyActions): void {
  const latest = useRef({ state, actions });
  latest.current = { state, actions };
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
      if (document.querySelector('dialog[open]') !== null) return;
      if (
        event.key === 'Enter' &&
        event.target instanceof HTMLElement &&
        /^(A|BUTTON|SUMMARY)$/.test(event.target.tagName)
      )
        return;
      if (handle(event.key, latest.current.state, latest.current.actions)) event.preventDefault();
    };
    // The list's own scrolling keys must not act twice, so the page's come first.
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

/** @returns whether the key meant something */
function handle(key: string, state: WaterfallState, actions: TraceKeyActions): boolean {
  return moves(key, state, actions) || changesTree(key, state, actions) || changesView(key, actions);
}

function moves(key: string, state: WaterfallState, actions: TraceKeyActions): boolean {
  const target = targetOf(key, state, actions.pageRows());
  if (target === undefined) return false;
  if (target >= 0) actions.select(target);
  return true;
}

/** The row a key goes to: −1 when there is none that way, `undefined` when the key does not move. */
function targetOf(key: string, state: WaterfallState, pageRows: number): number | undefined {
  const { rows, selectedRow, model, critical } = state;
  const position = selectedRow < 0 ? -1 : positionOfRow(rows, selectedRow);
  const at = (wanted: number): number => rows[Math.min(rows.length - 1, Math.max(0, wanted))] ?? -1;
  switch (key) {
    case 'j':
    case 'ArrowDown':
      return at(position + 1);
    case 'k':
    case 'ArrowUp':
      return at(position - 1);
    case 'PageDown':
      return at(position + pageRows);
    case 'PageUp':
      return at(position - pageRows);
    case 'Home':
      return at(0);
    case 'End':
      return at(rows.length - 1);
    case 'n':
      return model.errorRows.find((row) => row > selectedRow) ?? model.errorRows[0] ?? -1;
    case 'p':
      return model.errorRows.findLast((row) => row < selectedRow) ?? model.errorRows.at(-1) ?? -1;
    case 'c':
      return critical?.rows.find((row) => row > selectedRow) ?? critical?.rows[0] ?? -1;
    case '.':
      return sibling(state, 1);
    case ',':
      return sibling(state, -1);
    default:
      return undefined;
  }
}

function sibling(state: WaterfallState, direction: 1 | -1): number {
  const { model, selectedRow: row } = state;
  if (row < 0) return -1;
  const { depth } = model.skeleton;
  if (direction === 1) {
    const next = row + model.subtreeSize[row];
    return next < model.spanCount && depth[next] === depth[row] ? next : -1;
  }
  for (let at = row - 1; at >= 0 && depth[at] >= depth[row]; at--) if (depth[at] === depth[row]) return at;
  return -1;
}

function changesTree(key: string, state: WaterfallState, actions: TraceKeyActions): boolean {
  const { model, folding, selectedRow: row } = state;
  const isOpen = row >= 0 && model.subtreeSize[row] > 1 && !folding.collapsed.has(row);
  switch (key) {
    case 'h':
    case 'ArrowLeft': {
      const parent = row < 0 ? -1 : model.skeleton.parentRow[row];
      if (isOpen) actions.toggle(row);
      else if (parent >= 0) actions.select(parent);
      return true;
    }
    case 'l':
    case 'ArrowRight':
      if (row >= 0 && !isOpen && (folding.collapsed.has(row) || model.folds.has(row))) actions.toggle(row);
      else if (isOpen) actions.select(row + 1);
      return true;
    case '[':
      actions.collapseAll();
      return true;
    case ']':
      actions.expandAll();
      return true;
    default:
      return false;
  }
}

function changesView(key: string, actions: TraceKeyActions): boolean {
  const bindings: Readonly<Record<string, () => void>> = {
    Enter: actions.openDetails,
    Escape: actions.back,
    f: actions.zoomToSpan,
    '0': actions.fit,
    w: () => actions.zoom(0.7),
    s: () => actions.zoom(1 / 0.7),
    a: () => actions.pan(-0.2),
    d: () => actions.pan(0.2),
    F: actions.focusFind,
  };
  const action = Object.hasOwn(bindings, key) ? bindings[key] : undefined;
  action?.();
  return action !== undefined;
}
