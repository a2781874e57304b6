import { WaterfallRow } from './waterfall-row.ts';
import type { WaterfallState } from './waterfall-state.ts';

export interface WaterfallActions {
  onSelect(row: number): void;
  onToggle(row: number): void;
  onZoom(factor: number, aroundNano: number): void;
}

export const rowPixels = 26;
/** Chromium cuts heights near 33.5 million pixels, Firefox near 17.9; longer lists scroll by proportion. */
const scrollPixelsMax = 15_000_000;
/** Transforms are single floats on the compositor, so rows are placed relative to a base not far away. */
const baseRows = 1000;

/**
 * A list of any length over a few dozen DOM rows. The layer with the rows sticks to the viewport; scrolling moves it
 * within, and gives a row element new content only when another span comes into its place.
 */
export class WaterfallView {
  readonly #scroller: HTMLElement;
  readonly #spacer = document.createElement('div');
  readonly #layer = document.createElement('div');
  readonly #pool: WaterfallRow[] = [];
  readonly #resize: ResizeObserver;
  #state: WaterfallState | undefined;
  #isDrawPlanned = false;

  constructor(scroller: HTMLElement, actions: WaterfallActions) {
    this.#scroller = scroller;
    this.#spacer.className = 'wf-spacer';
    this.#layer.className = 'wf-layer';
    this.#spacer.setAttribute('role', 'presentation');
    this.#layer.setAttribute('role', 'presentation');
    this.#spacer.append(this.#layer);
    scroller.append(this.#spacer);
    scroller.addEventListener('scroll', this.#plan, { passive: true });
    scroller.addEventListener('click', (event) => this.#click(event, actions));
    scroller.addEventListener('wheel', (event) => this.#wheel(event, actions), { passive: false });
    this.#resize = new ResizeObserver(this.#plan);
    this.#resize.observe(scroller);
  }

  dispose(): void {
    this.#resize.disconnect();
    this.#spacer.remove();
    this.#scroller.removeEventListener('scroll', this.#plan);
  }

  render(state: WaterfallState): void {
    const isLonger = this.#state?.rows !== state.rows;
    this.#state = state;
    if (isLonger) this.#spacer.style.height = `${Math.min(scrollPixelsMax, state.rows.length * rowPixels)}px`;
    this.#scroller.setAttribute('aria-rowcount', String(state.rows.length));
    this.#draw();
  }

  /** Scrolls as little as needed for the position to be in view, or to the middle when it was far away. */
  reveal(position: number): void {
    const view = this.#scroller.clientHeight;
    const top = this.#virtualTop();
    const at = position * rowPixels;
    if (at >= top && at + rowPixels <= top + view) return;
    const isNear = at > top - view && at < top + 2 * view;
    const target = !isNear ? at - view / 2 : at < top ? at : at + rowPixels - view;
    this.#scroller.scrollTop = target / this.#ratio();
    this.#draw();
  }

  get pageRows(): number {
    return Math.max(1, Math.floor(this.#scroller.clientHeight / rowPixels) - 1);
  }

  /** Virtual pixels for one pixel of scrolling; 1 unless the list is longer than an element can be. */
  #ratio(): number {
    const view = this.#scroller.clientHeight;
    const virtual = (this.#state?.rows.length ?? 0) * rowPixels;
    return virtual <= scrollPixelsMax ? 1 : (virtual - view) / (scrollPixelsMax - view);
  }

  #virtualTop(): number {
    return this.#scroller.scrollTop * this.#ratio();
  }

  readonly #plan = (): void => {
    if (this.#isDrawPlanned) return;
    this.#isDrawPlanned = true;
    requestAnimationFrame(() => {
      this.#isDrawPlanned = false;
      this.#draw();
    });
  };

  #draw(): void {
    const state = this.#state;
    if (state === undefined) return;
    const view = this.#scroller.clientHeight;
    this.#layer.style.height = `${Math.min(view, state.rows.length * rowPixels)}px`;
    const needed = Math.ceil(view / rowPixels) + 2;
    while (this.#pool.length < needed) {
      const row = new WaterfallRow();
      this.#pool.push(row);
      this.#layer.append(row.element);
    }
    const top = this.#virtualTop();
    const first = Math.max(0, Math.floor(top / rowPixels));
    const base = Math.floor(first / baseRows) * baseRows;
    const count = this.#pool.length;
    for (let i = 0; i < count; i++) {
      // Position p always uses element p mod count, so that scrolling by one row changes one element.
      const position = first + ((((i - first) % count) + count) % count);
      const row = this.#pool[i];
      if (position >= state.rows.length || position > first + needed) row.hide();
      else row.show(state, position, (position - base) * rowPixels - (top - base * rowPixels));
    }
    const active = state.selectedRow >= 0 && this.#pool.some(({ row }) => row === state.selectedRow);
    if (active) this.#scroller.setAttribute('aria-activedescendant', `wf-${state.selectedRow}`);
    else this.#scroller.removeAttribute('aria-activedescendant');
  }

  #click(event: MouseEvent, actions: WaterfallActions): void {
    const element = (event.target as Element).closest('.wf-row');
    const row = this.#pool.find((candidate) => candidate.element === element)?.row;
    if (row === undefined || row < 0) return;
    if ((event.target as Element).closest('.wf-toggle') !== null) actions.onToggle(row);
    else actions.onSelect(row);
  }

  #wheel(event: WheelEvent, actions: WaterfallActions): void {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const cell = this.#pool[0]?.element.querySelector('.wf-cell-bar')?.getBoundingClientRect();
    const window = this.#state?.window;
    if (cell === undefined || window === undefined) return;
    const share = Math.min(1, Math.max(0, (event.clientX - cell.left) / cell.width));
    actions.onZoom(event.deltaY < 0 ? 0.8 : 1.25, window.fromNano + share * (window.toNano - window.fromNano));
  }
}
