import { SpanFlag } from '@spoor/wire';
import { formatDuration } from '../format/duration.ts';
import { serviceColor } from '../format/service-color.ts';
import type { WaterfallState } from './waterfall-state.ts';
import { nameOf, serviceOf } from './trace-model.ts';

/** Segments drawn on one bar; more would be narrower than a pixel anyway. */
const segmentsMax = 120;
const indentPixels = 12;
/** Deeper levels are not indented further, so that names stay readable. */
const indentLevelsMax = 24;

/**
 * One row of the waterfall as DOM nodes, reused for whatever span scrolls into its place. Only `show` touches them,
 * and it allocates nothing but text.
 */
export class WaterfallRow {
  readonly element = node('div', 'wf-row');
  readonly #toggle = node('span', 'wf-toggle');
  readonly #dot = node('span', 'sp-dot');
  readonly #service = node('span', 'wf-service');
  readonly #name = node('span', 'wf-name');
  readonly #badge = node('span', 'wf-badge');
  readonly #nameCell = node('div', 'wf-cell-name');
  readonly #barCell = node('div', 'wf-cell-bar');
  readonly #bar = node('div', 'wf-bar');
  readonly #segments = node('div', 'wf-segments');
  readonly #label = node('span', 'wf-label');
  row = -1;
  #shown: WaterfallState | undefined;

  constructor() {
    this.element.setAttribute('role', 'row');
    this.element.hidden = true;
    this.#nameCell.setAttribute('role', 'gridcell');
    this.#barCell.setAttribute('role', 'gridcell');
    this.#toggle.setAttribute('aria-hidden', 'true');
    this.#dot.setAttribute('aria-hidden', 'true');
    this.#nameCell.append(this.#toggle, this.#dot, this.#service, this.#name, this.#badge);
    this.#barCell.append(this.#bar, this.#segments, this.#label);
    this.element.append(this.#nameCell, this.#barCell);
  }

  /** Takes the row out of sight. */
  hide(): void {
    if (this.row === -1) return;
    this.row = -1;
    this.#shown = undefined;
    this.element.hidden = true;
  }

  /** Shows the span at `position` of the visible rows, `topPixels` below the layer's top. */
  show(state: WaterfallState, position: number, topPixels: number): void {
    this.element.style.transform = `translateY(${topPixels}px)`;
    const row = state.rows[position];
    if (row === this.row && state === this.#shown) return;
    this.row = row;
    this.#shown = state;
    this.element.hidden = false;
    this.#showName(state, row, position);
    this.#showBar(state, row);
  }

  #showName(state: WaterfallState, row: number, position: number): void {
    const { model, folding } = state;
    const depth = model.skeleton.depth[row];
    const foldCount = this.#foldCount(state, row);
    const hasChildren = model.subtreeSize[row] > 1 || foldCount > 0;
    const isCollapsed = foldCount > 0 || folding.collapsed.has(row);
    const { element } = this;
    element.id = `wf-${row}`;
    element.setAttribute('aria-rowindex', String(position + 1));
    element.setAttribute('aria-level', String(depth + 1));
    if (hasChildren) element.setAttribute('aria-expanded', String(!isCollapsed));
    else element.removeAttribute('aria-expanded');
    element.setAttribute('aria-selected', String(row === state.selectedRow));
    element.classList.toggle('selected', row === state.selectedRow);
    element.classList.toggle('error', model.isError[row] === 1);
    element.classList.toggle('match', state.matches?.[row] === 1);
    element.classList.toggle('dim', state.matches !== undefined && state.matches[row] === 0);
    this.#nameCell.style.paddingInlineStart = `${4 + Math.min(depth, indentLevelsMax) * indentPixels}px`;
    this.#toggle.textContent = hasChildren ? (isCollapsed ? '▸' : '▾') : '';
    const service = serviceOf(model, row);
    this.#dot.style.setProperty('--service-color', serviceColor(service));
    this.#service.textContent = service;
    this.#name.textContent = nameOf(model, row);
    this.#nameCell.title = `${service} ${nameOf(model, row)}`;
    this.#badge.textContent = badgeText(state, row, foldCount);
  }

  #showBar(state: WaterfallState, row: number): void {
    const { model, window } = state;
    const { startNano, durationNano } = model.skeleton;
    const scale = 100 / (window.toNano - window.fromNano);
    const members = this.#foldCount(state, row) > 0 ? model.folds.get(row) : undefined;
    const start = startNano[row];
    let end = start + durationNano[row];
    if (members !== undefined)
      for (const member of members) end = Math.max(end, startNano[member] + durationNano[member]);
    const left = (start - window.fromNano) * scale;
    const right = (end - window.fromNano) * scale;
    const isOutside = right < 0 || left > 100;
    const shownLeft = Math.max(-1, left);
    const shownRight = Math.min(101, right);
    this.#barCell.classList.toggle('folded', members !== undefined);
    this.#bar.hidden = isOutside;
    this.#bar.style.left = `${shownLeft}%`;
    this.#bar.style.width = `${Math.max(0, shownRight - shownLeft)}%`;
    this.#bar.style.setProperty('--service-color', serviceColor(serviceOf(model, row)));
    this.#showSegments(state, row, scale, members);
    this.#label.textContent = isOutside
      ? (right < 0 ? '◂ ' : '') + formatDuration(end - start) + (left > 100 ? ' ▸' : '')
      : formatDuration(end - start);
    placeLabel(this.#label, left, right);
  }

  /** The parts on the critical path; for a fold, its members as ticks. */
  #showSegments(state: WaterfallState, row: number, scale: number, members: Uint32Array | undefined): void {
    const { critical, window, model } = state;
    let used = 0;
    let lastRight = Number.NEGATIVE_INFINITY;
    const draw = (fromNano: number, toNano: number): void => {
      const left = (fromNano - window.fromNano) * scale;
      const right = (toNano - window.fromNano) * scale;
      if (right < 0 || left > 100 || used >= segmentsMax || right - lastRight < 0.05) return;
      lastRight = right;
      const segment = (this.#segments.children[used++] ?? this.#segments.appendChild(node('i', ''))) as HTMLElement;
      segment.hidden = false;
      segment.style.left = `${Math.max(0, left)}%`;
      segment.style.width = `${Math.min(100, right) - Math.max(0, left)}%`;
    };
    if (members !== undefined) {
      const { startNano, durationNano } = model.skeleton;
      for (const member of members) draw(startNano[member], startNano[member] + durationNano[member]);
    } else if (critical !== undefined) {
      for (let i = critical.firstSegment[row]; i < critical.firstSegment[row + 1]; i++)
        draw(critical.fromNano[i], critical.toNano[i]);
    }
    for (let i = used; i < this.#segments.children.length; i++)
      (this.#segments.children[i] as HTMLElement).hidden = true;
  }

  #foldCount(state: WaterfallState, row: number): number {
    if (state.isFiltered || state.folding.unfolded.has(row)) return 0;
    return state.model.folds.get(row)?.length ?? 0;
  }
}

function badgeText(state: WaterfallState, row: number, foldCount: number): string {
  const { model, strings } = state;
  const parts: string[] = [];
  const flags = model.skeleton.flags[row];
  if (foldCount > 0) parts.push(strings.fold(String(foldCount)));
  else if (state.folding.collapsed.has(row)) parts.push(`(${model.subtreeSize[row] - 1})`);
  if (model.isError[row] === 1) parts.push('⚠');
  if ((flags & SpanFlag.missingParent) !== 0) parts.push(`⤴ ${strings.missingParent}`);
  return parts.join(' ');
}

/** Beside the bar where there is room, else over its end. All in percent of the cell. */
function placeLabel(label: HTMLElement, left: number, right: number): void {
  if (right < 78) {
    label.className = 'wf-label';
    label.style.left = `${Math.max(0, right)}%`;
    label.style.right = 'auto';
  } else if (left > 22) {
    label.className = 'wf-label before';
    label.style.left = 'auto';
    label.style.right = `${Math.max(0, 100 - left)}%`;
  } else {
    label.className = 'wf-label inside';
    label.style.left = 'auto';
    label.style.right = '4px';
  }
}

function node(tag: string, className: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}
