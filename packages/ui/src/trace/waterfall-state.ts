import type { Strings } from '../strings/english.ts';
import type { CriticalPath } from './critical-path.ts';
import type { TimeWindow } from './time-window.ts';
import type { TraceModel } from './trace-model.ts';
import type { Folding } from './visible-rows.ts';

/** All that the waterfall shows. A new object for every change: rows compare it by identity. */
export interface WaterfallState {
  readonly model: TraceModel;
  /** rows of the trace in view, ascending */
  readonly rows: Uint32Array;
  readonly window: TimeWindow;
  readonly folding: Folding;
  readonly selectedRow: number;
  readonly critical: CriticalPath | undefined;
  readonly matches: Uint8Array | undefined;
  /** only matches are in view: nothing is folded then */
  readonly isFiltered: boolean;
  readonly strings: Strings;
}
