import type { ArrivedRows } from '@spoor/store';
import type { FlatError } from '../query-job.ts';

/** To the span-metrics worker: spans to count. */
export interface CountJob {
  readonly rows: readonly ArrivedRows[];
  readonly nowMilli: number;
  /** whether somebody reads them */
  readonly isScraped: boolean;
}

/** From it, once for each job. The rows are not needed any more. */
export type CountReply =
  | {
      readonly type: 'counted';
      /** absent when nobody scrapes */
      readonly text: string | undefined;
      readonly droppedCount: number;
    }
  | { readonly type: 'failed'; readonly error: FlatError };
