/** The part of the trace in view, nanoseconds after its start. */
export interface TimeWindow {
  readonly fromNano: number;
  readonly toNano: number;
}

/** Closer than this nothing is to be seen. */
const windowNanoMin = 100;

/** Keeps a window inside [0, duration] and no smaller than makes sense; its length is kept where it can be. */
export function clampWindow(window: TimeWindow, durationNano: number): TimeWindow {
  const length = Math.min(durationNano, Math.max(windowNanoMin, window.toNano - window.fromNano));
  const fromNano = Math.min(Math.max(0, window.fromNano), durationNano - length);
  return { fromNano, toNano: fromNano + length };
}

/** Scales the window around a moment; a factor below 1 goes closer. */
export function zoomWindow(window: TimeWindow, factor: number, aroundNano: number, durationNano: number): TimeWindow {
  const fromNano = aroundNano - (aroundNano - window.fromNano) * factor;
  return clampWindow({ fromNano, toNano: fromNano + (window.toNano - window.fromNano) * factor }, durationNano);
}

/** Moves by a share of the window's length. */
export function panWindow(window: TimeWindow, share: number, durationNano: number): TimeWindow {
  const by = (window.toNano - window.fromNano) * share;
  return clampWindow({ fromNano: window.fromNano + by, toNano: window.toNano + by }, durationNano);
}

/** A window around one span, with some room at its sides. */
export function windowAround(startNano: number, durationSpanNano: number, durationNano: number): TimeWindow {
  const margin = Math.max(durationSpanNano * 0.1, windowNanoMin / 2);
  return clampWindow({ fromNano: startNano - margin, toNano: startNano + durationSpanNano + margin }, durationNano);
}

export function isWhole(window: TimeWindow, durationNano: number): boolean {
  return window.fromNano <= 0 && window.toNano >= durationNano;
}
